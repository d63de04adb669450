"""What is offered for registration: audio files, who made them, who is paid, what may be done.

The demo's own catalogue, or a person's folder with an optional `splits.csv` beside the audio:

    file,payee,share
    song.flac,Ada,60
    song.flac,0x52908400098527886E0F7030069857D2E4169EE7,40

`payee` is an address or a name (a test account is made for a name); `share` is in per cent with at
most four decimals, and the shares of one file sum to 100.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path

CONDITIONING, COMMERCIAL = 1, 4
AUDIO_SUFFIXES = {".wav", ".flac", ".mp3", ".ogg"}
COLUMNS = ["file", "payee", "share"]


class OfferError(ValueError):
    """A folder or its splits.csv cannot be used; names the file, the row and the value."""


@dataclass(frozen=True)
class Holder:
    """Who is paid: a name or an EIP-55 address, and `share` in millionths of the recording."""

    payee: str
    share: int


@dataclass(frozen=True)
class Offer:
    """One file on offer. `owner` is a role; `holders` empty pays the owner alone."""

    path: Path
    title: str
    artist: str
    owner: str
    isrc: str = ""
    uses: int = CONDITIONING | COMMERCIAL
    holders: tuple[Holder, ...] = ()


def slug(text: str) -> str:
    """Letters, digits and dashes only: safe in a file name and as a role."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "unnamed"


def folder_offers(folder: Path) -> list[Offer]:
    """Every audio file of a folder, in name order; an artist of its own for each.

    Raises:
        OfferError: the folder has no audio, or its splits.csv is wrong.
    """
    if not folder.is_dir():
        raise OfferError(f"CATALOGUE: {folder} is not a folder")
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in AUDIO_SUFFIXES)
    if not files:
        raise OfferError(f"CATALOGUE: no WAV, FLAC, MP3 or OGG file in {folder}")
    splits = read_splits(folder / "splits.csv", {path.name for path in files})
    return last_only_personal([_offer(path, splits.get(path.name, ())) for path in files])


def _offer(path: Path, holders: tuple[Holder, ...]) -> Offer:
    owner = "owner-" + slug(path.name)
    return Offer(path, path.stem, path.stem, owner, holders=holders)


def read_splits(path: Path, files: set[str]) -> dict[str, tuple[Holder, ...]]:
    """Holders by file name; an absent splits.csv means everybody is paid alone.

    Raises:
        OfferError: unknown column, file or payee, a share that is no number, or a wrong sum.
    """
    if not path.exists():
        return {}
    with path.open(newline="", encoding="utf-8-sig") as source:
        reader = csv.DictReader(source)
        if reader.fieldnames != COLUMNS:
            raise OfferError(f"{path}: columns must be {','.join(COLUMNS)}, found "
                             f"{','.join(reader.fieldnames or [])}")
        rows = list(reader)
    found: dict[str, list[Holder]] = {}
    for number, row in enumerate(rows, start=2):
        holder = _holder(row, f"{path.name} line {number}", files)
        found.setdefault(row["file"], []).append(holder)
    return {name: _whole(name, holders) for name, holders in found.items()}


def _holder(row: dict[str, str], place: str, files: set[str]) -> Holder:
    if row["file"] not in files:
        raise OfferError(f"{place}: file: no such audio file (found {row['file']!r})")
    if not (row["payee"] or "").strip():
        raise OfferError(f"{place}: payee: must not be empty")
    return Holder(row["payee"].strip(), _millionths(row["share"], place))


def _millionths(text: str, place: str) -> int:
    try:
        share = Decimal(text) * 10_000
    except (InvalidOperation, TypeError):
        raise OfferError(f"{place}: share: not a number (found {text!r})") from None
    if not share.is_finite() or share <= 0 or share != share.to_integral_value():
        raise OfferError(f"{place}: share: a per cent above 0 with at most four decimals "
                         f"(found {text!r})")
    return int(share)


def _whole(name: str, holders: list[Holder]) -> tuple[Holder, ...]:
    total = sum(holder.share for holder in holders)
    if total != 1_000_000:
        raise OfferError(
            f"splits.csv: the shares of {name} must sum to 100, found {total / 10_000}"
        )
    if len({holder.payee for holder in holders}) != len(holders):
        raise OfferError(f"splits.csv: a payee of {name} stands there twice")
    return tuple(holders)


def demo_offers(folder: Path) -> list[Offer]:
    """The demo's own songs, as rendered into `folder`; the first pays a producer as well."""
    from scripts.catalogue import SONGS

    offers = [
        Offer(folder / f"{song.slug}.wav", song.title, song.artist, "artist-" + slug(song.artist),
              song.isrc)
        for song in SONGS
    ]
    holders = (Holder(offers[0].owner, 650_000), Holder("producer-jo", 350_000))
    return last_only_personal([replace(offers[0], holders=holders), *offers[1:]])


def last_only_personal(offers: list[Offer]) -> list[Offer]:
    """The last of five or more may condition personal tracks only, so that a refusal shows."""
    if len(offers) < 5:
        return offers
    return [*offers[:-1], replace(offers[-1], uses=CONDITIONING)]
