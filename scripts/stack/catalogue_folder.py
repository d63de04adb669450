"""Offers for registration: audio files with their artists, payees and permitted uses.

They come from the demo's songs, or from a person's folder with an optional `splits.csv`:

    file,payee,share
    song.flac,Ada,60
    song.flac,0x52908400098527886E0F7030069857D2E4169EE7,40

`payee` is an address, or a name, which gets a test account: one for each name, see
`oracle.domain.names`. `share` is in per cent with at most four decimals; the shares of one file sum
to 100. The table may be written in any dialect of a spreadsheet, see `oracle.domain.table`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from oracle.client.splits_table import SplitRow, SplitsTable, nfc, read_splits
from oracle.domain.errors import InvalidInput
from oracle.domain.names import look_alikes, outline
from oracle.domain.text import visible
from scripts.stack.folder_listing import READ, Listing, listed, shown, without_copies
from scripts.stack.left_out import LeftOuts
from scripts.stack.roles import owner_role, payee_role, slug

CONDITIONING, COMMERCIAL = 1, 4


class OfferError(ValueError):
    """A folder or its splits.csv is wrong; the message names the file, the row and the value."""


@dataclass(frozen=True)
class Holder:
    """A payee with a `share` in millionths of the recording.

    Args:
        payee: a name or an EIP-55 address.
        role: of the test account of a name; empty for an address.
    """

    payee: str
    share: int
    role: str = ""


@dataclass(frozen=True)
class Offer:
    """One file for registration. `owner` is a role; without `holders` the owner gets all."""

    path: Path
    title: str
    artist: str
    owner: str
    isrc: str = ""
    uses: int = CONDITIONING | COMMERCIAL
    holders: tuple[Holder, ...] = ()


@dataclass(frozen=True)
class Catalogue:
    """What a folder gives.

    Args:
        offers: in the order of names.
        left_out: the files that are not offered, with reasons; later steps add to it.
        notes: what a person should know about how the table of splits was read.
    """

    offers: list[Offer]
    left_out: LeftOuts = field(default_factory=LeftOuts)
    notes: tuple[str, ...] = ()


def folder_offers(folder: Path) -> Catalogue:
    """An offer for each audio file of a folder, each by its own artist.

    Raises:
        OfferError: the folder has no audio, or its splits.csv is wrong.
    """
    if not folder.is_dir():
        raise OfferError(f"CATALOGUE: {visible(str(folder))} is not a folder")
    left_out = LeftOuts()
    try:
        found = listed(folder, left_out)
        table = _table(found, folder)
        named = _named(table, found, left_out)
        files = without_copies(found.audio, set(named), left_out)
    except InvalidInput as fault:
        raise OfferError(f"CATALOGUE: {fault}") from None
    if not files:
        reasons = "; ".join(map(str, left_out)) or "it is empty"
        raise OfferError(f"CATALOGUE: no {READ} file in {visible(str(folder))}: {reasons}")
    offers = last_only_personal([_offer(path, named.get(path, ())) for path in files])
    return Catalogue(offers, left_out, (*table.notes, *_look_alikes(table)))


def _table(found: Listing, folder: Path) -> SplitsTable:
    if found.splits is None:
        return SplitsTable("splits.csv", ())
    return read_splits(found.splits, {path.name for path in folder.iterdir()})


def _named(
    table: SplitsTable, found: Listing, left_out: LeftOuts
) -> dict[Path, tuple[Holder, ...]]:
    """The holders of each file that the table names.

    Raises:
        InvalidInput: no file has a name of the table, or two have it in two Unicode forms.
    """
    holders: dict[Path, list[Holder]] = {}
    for row in table.rows:
        path = _file(row, found, left_out)
        if path:
            role = "" if row.is_address else payee_role(row.payee)
            holders.setdefault(path, []).append(Holder(row.payee, row.share, role))
    return {path: tuple(listed) for path, listed in holders.items()}


def _file(row: SplitRow, found: Listing, left_out: LeftOuts) -> Path | None:
    """The file of a row; None for one that is left out already, with its reason."""
    same = [path for path in found.audio if nfc(path.name) == row.file]
    place = f"{row.place}: file"
    if len(same) > 1:
        detail = "two files have this name, in two Unicode forms"
        raise InvalidInput(detail, field=place, value=repr(row.file))
    if not same and visible(row.file) not in {nfc(item.name) for item in left_out}:
        hint = _hint(row.file, found)
        raise InvalidInput(f"no such audio file{hint}", field=place, value=repr(row.file))
    return same[0] if same else None


def _hint(file: str, found: Listing) -> str:
    """The file that a person may have meant: without folders, signs, case or its ending."""
    wanted = outline(re.split(r"[/\\]", file)[-1])
    near = [shown(path) for path in found.audio
            if wanted in (outline(path.name), outline(path.stem))]  # fmt: skip
    return f"; there is {near[0]!r}" if near else ""


def _look_alikes(table: SplitsTable) -> list[str]:
    """A note for names that a person may have meant as one."""
    names = (row.payee for row in table.rows if not row.is_address)
    return [f"{table.name}: {' and '.join(map(repr, group))} look alike and are different payees"
            for group in look_alikes(names)]  # fmt: skip


def _offer(path: Path, holders: tuple[Holder, ...]) -> Offer:
    title = visible(path.stem)
    return Offer(path, title, title, owner_role(path.name), holders=holders)


def demo_offers(folder: Path) -> list[Offer]:
    """Offers for the demo's songs in `folder`; the first song also pays a producer."""
    from scripts.songs import SONGS

    offers = [
        Offer(folder / f"{song.slug}.wav", song.title, song.artist, "artist-" + slug(song.artist),
              song.isrc)
        for song in SONGS
    ]
    artist, producer = offers[0].owner, "producer-jo"
    holders = (Holder(artist, 650_000, artist), Holder(producer, 350_000, producer))
    return last_only_personal([replace(offers[0], holders=holders), *offers[1:]])


def last_only_personal(offers: Sequence[Offer]) -> list[Offer]:
    """Of five or more offers, the last permits personal use only: the demo shows its refusal."""
    if len(offers) < 5:
        return list(offers)
    return [*offers[:-1], replace(offers[-1], uses=CONDITIONING)]
