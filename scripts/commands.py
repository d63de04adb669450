"""What each command of scripts.client does."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from oracle.adapters.chain import deployment
from oracle.adapters.chain.artifacts import Artifacts
from oracle.adapters.chain.rpc import Rpc
from oracle.adapters.pinning import PINNERS
from oracle.adapters.signing.file import FileKey
from oracle.adapters.signing.keystore import open_key
from oracle.domain.errors import InvalidInput
from oracle.domain.request import parse_request
from scripts.app import App, View
from scripts.artist import YEAR, Artist, Pin, Song
from scripts.wallet import Wallet


@dataclass(frozen=True)
class Where:
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


def amend(args: argparse.Namespace) -> None:
    artist = artist_of(args)
    until = args.until or artist.time() + 10 * YEAR
    receipt = artist.amend(args.recording, until, args.uses, args.max_share, args.start)
    print(f"amended in block {receipt.block}, {receipt.hash}")


def floors(args: argparse.Namespace) -> None:
    receipt = artist_of(args).set_floors(args.recording, args.per_second)
    print(f"set in block {receipt.block}, {receipt.hash}")


def transfer(args: argparse.Namespace) -> None:
    artist = artist_of(args)
    if args.accept:
        receipt, done = artist.accept(args.recording, args.split), "accepted"
    else:
        receipt = artist.offer(args.recording, deployment.address(args.to, "--to"))
        done = "offered; the other accepts it with --accept"
    print(f"{done}, block {receipt.block}, {receipt.hash}")


def withdraw(args: argparse.Namespace) -> None:
    artist = artist_of(args)
    paid = artist.withdraw(args.recordings) if args.recordings else 0
    if args.parked:
        paid += artist.collect(deployment.address(args.parked, "--parked"))
    if args.claimed:
        paid += artist.collect_claimed(deployment.address(args.claimed, "--claimed"))
    print(paid)


def fund(args: argparse.Namespace) -> None:
    app = app_of(args)
    if args.mint:
        app.mint(args.amount)
    app.fund(args.amount, permit=not args.no_permit)
    print(f"{app.address} holds {app.escrow()} in escrow")


def generate(args: argparse.Namespace) -> None:
    app, request = app_of(args), _request(args)
    order = app.order_from(app.quote(request), request, args.limit)
    _show(app.wait(app.place(request, order, app.sign(order)), args.seconds, _tell))


def upgrade(args: argparse.Namespace) -> None:
    _show(app_of(args).upgrade(args.generation, args.tier, args.limit, args.seconds))


def _show(view: View) -> None:
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
    return PINNERS[kind](Where(Path(where), where)).pin


def _pair(text: str, field: str) -> tuple[str, int]:
    name, _, number = text.partition("=")
    return name, _number(number, field)


def _number(text: str, field: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise InvalidInput("must be a whole number", field=field, value=text)
    return int(text)
