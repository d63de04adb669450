"""Refrain from a shell, for artists, payees and apps.

    python -m scripts.client key artist.key
    python -m scripts.client register song.flac --title Song --artist Ada --key-file artist.key
    python -m scripts.client upload song.flac --recording 1 --node http://127.0.0.1:8100 ...
    python -m scripts.client fund 5000000 --mint --key-file app.key
    python -m scripts.client generate --api http://127.0.0.1:8000 --prompt "slow dawn" \\
        --length 30 --reference 1=600000 --reference 2=400000 --limit 2000000 --key-file app.key
    python -m scripts.client withdraw 1 2 --key-file anyone.key

The functions are in scripts.artist and scripts.app. Amounts are in the token's smallest units,
shares and weights in millionths. Where the chain and the contracts are comes from --rpc and
--deployment, or REFRAIN_RPC and REFRAIN_DEPLOYMENT.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from oracle.adapters.chain import deployment
from oracle.adapters.chain.artifacts import Artifacts
from oracle.adapters.chain.rpc import Rpc
from oracle.adapters.pinning import PINNERS
from oracle.adapters.signing.file import FileKey
from oracle.adapters.signing.keystore import open_key
from oracle.domain.errors import InvalidInput, RefrainError
from oracle.domain.request import parse_request
from scripts.app import App as App
from scripts.app import View
from scripts.artist import Artist as Artist
from scripts.artist import Pin
from scripts.artist import Song as Song
from scripts.compile import ARTIFACTS
from scripts.wallet import Wallet as Wallet


@dataclass(frozen=True)
class _Where:
    """What pinners ask settings for; the one that was named reads its own."""

    pin_folder: Path | None
    ipfs_api: str | None


def artist_of(args: argparse.Namespace) -> Artist:
    """The artist whose key file, node and deployment the command line names."""
    key = open_key(args.key_file)
    found = deployment.load(Path(args.deployment))
    return Artist(Wallet(Rpc(args.rpc), key), key, found, Artifacts(Path(args.artifacts)))


def app_of(args: argparse.Namespace) -> App:
    """The app likewise; `api` is needed by `generate` alone."""
    key = open_key(args.key_file)
    found = deployment.load(Path(args.deployment))
    wallet = Wallet(Rpc(args.rpc), key)
    return App(wallet, key, found, Artifacts(Path(args.artifacts)), getattr(args, "api", ""))


def make_key(args: argparse.Namespace) -> None:
    print(FileKey.create(Path(args.path)).address)


def register(args: argparse.Namespace) -> None:
    songs = [
        Song(
            path, args.title or path.stem, args.artist, args.isrc, args.split, args.uses,
            args.max_share,
        )
        for path in args.files
    ]  # fmt: skip
    for path, number in zip(args.files, artist_of(args).register(songs, _pin(args)), strict=True):
        print(f"{number}\t{path}")


def split(args: argparse.Namespace) -> None:
    pairs = [_pair(item, "holder") for item in args.holders]
    holders = {deployment.address(payee, "holder"): share for payee, share in pairs}
    print(artist_of(args).create_split(holders))


def upload(args: argparse.Namespace) -> None:
    answer = artist_of(args).upload(args.node, args.recording, args.file)
    print(json.dumps(dict(answer), sort_keys=True))


def revoke(args: argparse.Namespace) -> None:
    receipt = artist_of(args).revoke(args.recording)
    print(f"revoked in block {receipt.block}, {receipt.hash}")


def withdraw(args: argparse.Namespace) -> None:
    print(artist_of(args).withdraw(args.recordings))


def fund(args: argparse.Namespace) -> None:
    app = app_of(args)
    if args.mint:
        app.mint(args.amount)
    app.fund(args.amount)
    print(f"{app.address} holds {app.escrow()} in escrow")


def generate(args: argparse.Namespace) -> None:
    app, request = app_of(args), _request(args)
    order = app.order_from(app.quote(request), request, args.limit)
    view = app.wait(app.place(request, order, app.sign(order)), args.seconds, _tell)
    print(json.dumps(dict(view), indent=2, sort_keys=True))
    if view["stage"] != "settled":
        raise InvalidInput(view["detail"] or "no reason given", field=view["stage"])


def _request(args: argparse.Namespace) -> Any:
    pairs = [_pair(item, "--reference") for item in args.reference]
    references = [{"recording": _number(r, "--reference"), "weight": w} for r, w in pairs]
    return parse_request({
        "engine": args.engine, "length": args.length, "prompt": args.prompt, "rule": args.rule,
        "tier": args.tier, "references": references,
    })  # fmt: skip


def _tell(view: View) -> None:
    print(f"{view['stage']:10} {view['detail'] or ''}", file=sys.stderr)


def _pin(args: argparse.Namespace) -> Pin | None:
    if not args.pin:
        return None
    kind, _, where = args.pin.partition(":")
    if kind not in PINNERS or not where:
        names = " or ".join(f"{name}:..." for name in sorted(PINNERS))
        raise InvalidInput(f"must be {names}", field="--pin", value=args.pin)
    return PINNERS[kind](_Where(Path(where), where)).pin


def _pair(text: str, field: str) -> tuple[str, int]:
    name, _, number = text.partition("=")
    return name, _number(number, field)


def _number(text: str, field: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise InvalidInput("must be a whole number", field=field, value=text)
    return int(text)


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="python -m scripts.client", description=__doc__)
    made.formatter_class = argparse.RawDescriptionHelpFormatter
    commands = made.add_subparsers(required=True, metavar="command")
    command = commands.add_parser("key", help="make a key file and print its address")
    command.add_argument("path")
    command.set_defaults(run=make_key)
    for add in (_add_register, _add_split, _add_upload, _add_revoke, _add_withdraw):
        add(commands)
    for add in (_add_fund, _add_generate):
        add(commands)
    return made


def _command(commands: Any, name: str, run: Callable[..., None], about: str) -> Any:
    made = commands.add_parser(name, help=about, description=about)
    made.add_argument("--key-file", required=True, help="mode 600")
    made.add_argument("--rpc", default=os.environ.get("REFRAIN_RPC", "http://127.0.0.1:8545"))
    found = os.environ.get("REFRAIN_DEPLOYMENT", "deployment.json")
    made.add_argument("--deployment", default=found)
    made.add_argument("--artifacts", default=os.environ.get("REFRAIN_ARTIFACTS", str(ARTIFACTS)))
    made.set_defaults(run=run)
    return made


def _add_register(commands: Any) -> None:
    made = _command(commands, "register", register, "register recordings; prints their ids")
    made.add_argument("files", nargs="+", type=Path)
    made.add_argument("--title", default="", help="default: the file's name")
    made.add_argument("--artist", required=True)
    made.add_argument("--isrc", default="")
    made.add_argument("--split", type=int, default=0, help="table of holders; 0: yourself")
    made.add_argument("--uses", type=int, default=5, help="1 conditioning, 4 commercial, added up")
    made.add_argument("--max-share", type=int, default=10_000, help="of one output, in 1/10,000")
    made.add_argument("--pin", help="folder:PATH or kubo:ADDRESS; publishes the metadata")


def _add_split(commands: Any) -> None:
    made = _command(commands, "split", split, "store a table of holders; prints its id")
    made.add_argument("holders", nargs="+", metavar="ADDRESS=MILLIONTHS")


def _add_upload(commands: Any) -> None:
    made = _command(commands, "upload", upload, "hand a file to a node's vault")
    made.add_argument("file", type=Path)
    made.add_argument("--recording", type=int, required=True)
    made.add_argument("--node", required=True, help="URL of a generation node")


def _add_revoke(commands: Any) -> None:
    made = _command(commands, "revoke", revoke, "take back consent, from now on")
    made.add_argument("--recording", type=int, required=True)


def _add_withdraw(commands: Any) -> None:
    made = _command(commands, "withdraw", withdraw, "have recordings paid out to their holders")
    made.add_argument("recordings", nargs="+", type=int)


def _add_fund(commands: Any) -> None:
    made = _command(commands, "fund", fund, "put money into escrow")
    made.add_argument("amount", type=int)
    made.add_argument("--mint", action="store_true", help="make the test money first")


def _add_generate(commands: Any) -> None:
    made = _command(commands, "generate", generate, "order a track and wait for its settlement")
    made.add_argument("--api", required=True, help="URL of an oracle")
    made.add_argument("--prompt", required=True)
    made.add_argument("--length", type=int, required=True, help="seconds")
    made.add_argument("--reference", action="append", required=True, metavar="ID=MILLIONTHS")
    made.add_argument("--limit", type=int, required=True, help="the most you would pay")
    made.add_argument("--engine", default="mosaic")
    made.add_argument("--rule", default="realised")
    made.add_argument("--tier", default="commercial")
    made.add_argument("--seconds", type=float, default=600)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a command; 1 and one line on stderr when it cannot be done."""
    args = parser().parse_args(argv)
    try:
        args.run(args)
    except (RefrainError, OSError) as error:
        print(f"{getattr(error, 'title', 'Cannot be read')}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
