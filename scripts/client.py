"""Refrain from a shell, for artists, payees and apps.

    python -m scripts.client key artist.key
    python -m scripts.client register song.flac --title Song --artist Ada --key-file artist.key
    python -m scripts.client upload song.flac --recording 1 --node http://127.0.0.1:8100 ...
    python -m scripts.client floors 50000 200000 --recording 1 --key-file artist.key
    python -m scripts.client fund 5000000 --mint --key-file app.key
    python -m scripts.client generate --api http://127.0.0.1:8000 --prompt "slow dawn" \\
        --length 30 --reference 1=600000 --reference 2=400000 --limit 2000000 --key-file app.key
    python -m scripts.client upgrade 0x... --api http://127.0.0.1:8000 --limit 2000000 ...
    python -m scripts.client withdraw 1 2 --key-file anyone.key

The functions are in scripts.artist and scripts.app. Amounts are in the token's smallest units,
shares and weights in millionths. Where the chain and the contracts are comes from --rpc and
--deployment, or REFRAIN_RPC and REFRAIN_DEPLOYMENT.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from oracle.domain.errors import RefrainError
from scripts import commands as do
from scripts.app import App as App
from scripts.artist import Artist as Artist
from scripts.artist import Song as Song
from scripts.compile import ARTIFACTS
from scripts.wallet import Wallet as Wallet


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="python -m scripts.client", description=__doc__)
    made.formatter_class = argparse.RawDescriptionHelpFormatter
    commands = made.add_subparsers(required=True, metavar="command")
    command = commands.add_parser("key", help="make a key file and print its address")
    command.add_argument("path")
    command.set_defaults(run=do.make_key)
    for add in (_add_register, _add_split, _add_upload, _add_consent, _add_transfer):
        add(commands)
    for add in (_add_withdraw, _add_fund, _add_generate, _add_upgrade):
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
    made = _command(commands, "register", do.register, "register recordings; prints their ids")
    made.add_argument("files", nargs="+", type=Path)
    made.add_argument("--title", default="", help="default: the file's name")
    made.add_argument("--artist", required=True)
    made.add_argument("--isrc", default="")
    made.add_argument("--split", type=int, default=0, help="table of holders; 0: yourself")
    _add_uses(made)
    made.add_argument("--pin", help="folder:PATH or kubo:ADDRESS; publishes the metadata")


def _add_split(commands: Any) -> None:
    made = _command(commands, "split", do.split, "store a table of holders; prints its id")
    made.add_argument("holders", nargs="+", metavar="ADDRESS=MILLIONTHS")


def _add_upload(commands: Any) -> None:
    made = _command(commands, "upload", do.upload, "hand a file to a node's vault")
    made.add_argument("file", type=Path)
    made.add_argument("--recording", type=int, required=True)
    made.add_argument("--node", required=True, help="URL of a generation node")


def _add_consent(commands: Any) -> None:
    made = _command(commands, "revoke", do.revoke, "take back consent, from now on")
    made.add_argument("--recording", type=int, required=True)
    made = _command(commands, "amend", do.amend, "replace consent, from now on")
    made.add_argument("--recording", type=int, required=True)
    made.add_argument("--start", type=int, default=0, help="seconds since 1970; default: now")
    made.add_argument("--until", type=int, default=0, help="default: ten years from now")
    _add_uses(made)
    made = _command(commands, "floors", do.floors, "ask for a least royalty a second, by tier")
    made.add_argument("per_second", nargs="+", type=int, help="personal, then commercial; 0: none")
    made.add_argument("--recording", type=int, required=True)


def _add_uses(made: Any) -> None:
    made.add_argument("--uses", type=int, default=5, help="1 conditioning, 4 commercial, added up")
    made.add_argument("--max-share", type=int, default=10_000, help="of one output, in 1/10,000")


def _add_transfer(commands: Any) -> None:
    made = _command(commands, "transfer", do.transfer, "offer a recording, or accept one")
    made.add_argument("--recording", type=int, required=True)
    way = made.add_mutually_exclusive_group(required=True)
    way.add_argument("--to", help="offer it to this address")
    way.add_argument("--accept", action="store_true", help="take what was offered to you")
    made.add_argument("--split", type=int, default=0, help="table of holders; 0: yourself")


def _add_withdraw(commands: Any) -> None:
    made = _command(commands, "withdraw", do.withdraw, "have recordings paid out to their holders")
    made.add_argument("recordings", nargs="*", type=int)
    made.add_argument("--parked", metavar="PAYEE", help="and what waits for this payee")
    made.add_argument("--claimed", metavar="KEY", help="and what waits for this claim key")


def _add_fund(commands: Any) -> None:
    made = _command(commands, "fund", do.fund, "put money into escrow")
    made.add_argument("amount", type=int)
    made.add_argument("--mint", action="store_true", help="make the test money first")
    made.add_argument("--no-permit", action="store_true", help="approve in a transaction first")


def _add_generate(commands: Any) -> None:
    made = _command(commands, "generate", do.generate, "order a track and wait for its settlement")
    made.add_argument("--api", required=True, help="URL of an oracle")
    made.add_argument("--prompt", required=True)
    made.add_argument("--length", type=int, required=True, help="seconds")
    made.add_argument("--reference", action="append", required=True, metavar="ID=MILLIONTHS")
    made.add_argument("--limit", type=int, required=True, help="the most you would pay")
    made.add_argument("--engine", default="mosaic")
    made.add_argument("--rule", default="realised")
    made.add_argument("--tier", default="commercial")
    made.add_argument("--seconds", type=float, default=600)


def _add_upgrade(commands: Any) -> None:
    made = _command(commands, "upgrade", do.upgrade, "pay the difference to a higher tier")
    made.add_argument("generation", help="id of a settled generation")
    made.add_argument("--api", required=True, help="URL of the oracle that made it")
    made.add_argument("--limit", type=int, required=True, help="the most you would pay")
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
