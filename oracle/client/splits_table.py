"""A table of splits in a file: who gets which share, of one split or of each file of a folder."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from oracle.adapters.addresses import checksummed, require_somebody
from oracle.domain.errors import InvalidInput
from oracle.domain.money import MILLION, MOST_HOLDERS
from oracle.domain.names import looks_like_address, mistaken_for, name_of
from oracle.domain.percent import millionths, percent_of
from oracle.domain.table import Row, Table, read_table
from oracle.domain.table_text import LARGEST, Reading, not_told, readings
from oracle.domain.text import visible

COLUMNS = ("payee", "share")
FILE = "file"
WITH_FILES = (FILE, *COLUMNS)

_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_MOST_NAMED = 12
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")


@dataclass(frozen=True)
class SplitRow:
    """One row of a table.

    Args:
        place: file and line, for errors: ``splits.csv line 2``.
        file: name of the recording's file in Unicode form NFC; empty in a table of one split.
        payee: an EIP-55 address, or a name (see `oracle.domain.names`).
        is_address: which of the two it is.
        share: millionths of the recording.
    """

    place: str
    file: str
    payee: str
    is_address: bool
    share: int


@dataclass(frozen=True)
class SplitsTable:
    """The rows of a file.

    Args:
        notes: what a person should know about how it was read.
        unread: names of columns that nobody asked for.
    """

    name: str
    rows: tuple[SplitRow, ...]
    notes: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


def read_split(path: Path) -> SplitsTable:
    """A table with the columns payee and share, for one split; each payee is an address.

    Raises:
        InvalidInput: names the file, the line, the column and the value.
    """
    found = _read(path, COLUMNS, ())
    if FILE in (column.casefold() for column in found.unread):
        detail = "has a column file: a split is one table, without files"
        raise InvalidInput(detail, field=found.name)
    if not found.rows:
        raise InvalidInput("holds no row", field=found.name)
    for row in found.rows:
        if not row.is_address:
            detail = "must be an address, not a name"
            raise InvalidInput(detail, field=f"{row.place}: payee", value=row.payee)
    require_whole(found.name, found.rows)
    return found


def read_splits(path: Path, files: Collection[str]) -> SplitsTable:
    """A table with the columns file, payee and share.

    Args:
        files: names of the files that it may name. They tell the encoding of a table that is
            neither UTF-8 nor UTF-16; whether a row names one of them is for the caller to check.

    Raises:
        InvalidInput: names the file, the line, the column and the value.
    """
    found = _read(path, WITH_FILES, {nfc(name) for name in files})
    if not found.rows:
        raise InvalidInput("holds no row", field=found.name)
    splits: dict[str, list[SplitRow]] = {}
    for row in found.rows:
        splits.setdefault(row.file, []).append(row)
    for rows in splits.values():
        require_whole(found.name, rows)
    return found


def nfc(text: str) -> str:
    """A file's name in the one Unicode form in which names are compared."""
    return unicodedata.normalize("NFC", text)


def require_whole(name: str, rows: Sequence[SplitRow]) -> None:
    """Raises InvalidInput unless the rows of one split sum to 100 and name each payee once."""
    file = visible(rows[0].file)
    of, at = (f" of {file}", f" for {file}") if file else ("", "")
    if len(rows) > MOST_HOLDERS:
        detail = f"at most {MOST_HOLDERS} payees share a recording"
        raise InvalidInput(detail, field=f"{name}: holders{of}", value=len(rows))
    seen: set[str] = set()
    for row in rows:
        if row.payee in seen:
            raise InvalidInput(f"is named twice{at}", field=f"{row.place}: payee", value=row.payee)
        seen.add(row.payee)
    total = sum(row.share for row in rows)
    if total != MILLION:
        fractions = "; write 60 for 60 per cent, not 0.6" if total == MILLION // 100 else ""
        detail = f"the shares{of} must sum to 100{fractions}"
        raise InvalidInput(detail, field=name, value=percent_of(total))


def _read(path: Path, columns: Sequence[str], files: Collection[str]) -> SplitsTable:
    name = visible(path.name)
    data = _bytes(path, name)
    found = readings(data, name, "payee")
    notes = []
    if len(found) == 1 and found[0].encoding.startswith("UTF"):
        table = read_table(found[0].text, name, columns)
    else:
        told = _told(found, name, files)
        if not told:
            raise not_told(data, name)
        encoding, table = told
        notes.append(f"{name} is read as {encoding}, as its file names tell")
    if table.unread:
        unread = ", ".join(repr(column) for column in table.unread[:_MOST_NAMED])
        more = len(table.unread) - _MOST_NAMED
        unread += f" and {more} more" if more > 0 else ""
        notes.append(f"{name}: columns that are not read: {unread}")
    rows = tuple(_rows(table.rows, name))
    return SplitsTable(name, rows, (*notes, *_mistaken(rows)), table.unread)


def _mistaken(rows: Iterable[SplitRow]) -> Iterable[str]:
    """A note for each payee whose name another program read in the wrong encoding."""
    for row in rows:
        if not row.is_address and (meant := mistaken_for(row.payee)):
            yield (f"{row.place}: payee {row.payee!r} may be {meant!r}, "
                   "which another program read in the wrong encoding")  # fmt: skip


def _bytes(path: Path, name: str) -> bytes:
    if path.is_dir():
        raise InvalidInput("is a folder, not a CSV file: save it as CSV UTF-8", field=name)
    if not path.is_file():
        raise InvalidInput("is not a file", field=name)
    try:
        with path.open("rb") as source:
            return source.read(LARGEST + 1)
    except OSError as fault:
        raise InvalidInput(f"cannot be read: {fault.strerror}", field=name) from None


def _told(found: Iterable[Reading], name: str, files: Collection[str]) -> tuple[str, Table] | None:
    """The one reading whose file names are all files of the folder, one of them not in ASCII."""
    right: dict[tuple[object, ...], tuple[str, Table]] = {}
    for reading in found:
        if not _may_name(reading.text, files):
            continue
        try:
            table = read_table(reading.text, name, WITH_FILES)
        except InvalidInput:
            continue
        named = {nfc(row.cells["file"]) for row in table.rows}
        if named <= set(files) and not all(file.isascii() for file in named):
            right.setdefault(_content(table), (reading.encoding, table))
    return next(iter(right.values())) if len(right) == 1 else None


def _may_name(text: str, files: Collection[str]) -> bool:
    """Whether a text holds the first letters beyond ASCII of a file's name: a quick look."""
    forms = (unicodedata.normalize(form, file) for file in files for form in ("NFC", "NFD"))
    found = (_BEYOND_ASCII.search(name) for name in forms)
    return any(letters and letters[0] in text for letters in found)


def _content(table: Table) -> tuple[object, ...]:
    return tuple((row.line, *row.cells.values()) for row in table.rows)


def _rows(rows: Iterable[Row], name: str) -> Iterable[SplitRow]:
    for row in rows:
        place = f"{name} line {row.line}"
        file, payee = nfc(row.cells.get("file", "")), row.cells["payee"]
        if "file" in row.cells and not file:
            raise InvalidInput("must not be empty", field=f"{place}: file")
        is_address = looks_like_address(payee)
        read = _address if is_address else name_of
        who = read(payee, f"{place}: payee")
        share = millionths(row.cells["share"], f"{place}: share")
        yield SplitRow(place, file, who, is_address, share)


def _address(text: str, field: str) -> str:
    """An address; a text that only looks like one would otherwise become a person's name."""
    if not _ADDRESS.fullmatch(text):
        detail = "looks like an address and is none: must be 0x and 40 hex digits"
        raise InvalidInput(detail, field=field, value=visible(text))
    found = checksummed(text, field)
    require_somebody(found, field)
    return found
