"""Reads a payee's statement, also one that a spreadsheet has saved again.

Form is passed over: the encoding (UTF-8, UTF-16, UTF-32), a byte order mark, the end of lines, the
separator and a line ``sep=``, quotes, blanks around a cell, blank rows, empty cells at the right.
Content is not: each cell is the text that the file holds, and `change_of` names what a spreadsheet
does to numbers.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from eth_utils import is_checksum_address, to_checksum_address

from .report import Unreadable

FOREIGN = ((b"PK\x03\x04", "a workbook or an archive"), (b"\xd0\xcf\x11\xe0", "an old workbook"),
           (b"%PDF", "a PDF"), (b"\x1f\x8b", "a compressed file"), (b"<", "a web page or XML"))
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"),
         (codecs.BOM_UTF32_BE, "utf-32"), (codecs.BOM_UTF16_LE, "utf-16"),
         (codecs.BOM_UTF16_BE, "utf-16"))
SEPARATORS = (",", ";", "\t")
PAYEE = re.compile(r"0[xX][0-9a-fA-F]{40}(?![0-9a-zA-Z])")
CHANGES = (
    ("in scientific notation", re.compile(r"[-+]?\d+([.,]\d+)?[eE][-+]?\d+")),
    ("with a separator of thousands", re.compile(r"\d{1,3}([.,' \u00a0\u202f\u2019]\d{3})+")),
    ("with decimals", re.compile(r"\d+[.,]0+")),
    ("cut by a narrow column", re.compile(r"#+")),
)
EXACT_DIGITS = 15
"""A spreadsheet keeps this many digits of a number, and writes zeros for the rest."""
ROW_BYTES = 4_096
BLANK_BYTES = 64 * 1024 * 1024
"""What a spreadsheet may add: a million blank rows with their separators, in UTF-32."""


def payee_of(path: Path) -> str:
    """The payee that a file is named after; a browser may have added `` (1)`` to the name."""
    found = PAYEE.findall(path.stem)
    if len(found) != 1:
        raise Unreadable("the file is not named after one payee, as in 0x...csv")
    digits = found[0][2:]
    mixed = digits not in (digits.lower(), digits.upper())
    if mixed and not is_checksum_address(f"0x{digits}"):
        raise Unreadable(f"the payee in the file's name has a wrong checksum: {found[0]}")
    return to_checksum_address(f"0x{digits}")


def read_file(path: Path, rows: int) -> bytes:
    """The bytes of a statement that should have so many rows.

    Raises:
        Unreadable: no plain file, one that cannot be read, or far larger than these rows need.
    """
    largest = BLANK_BYTES + rows * ROW_BYTES
    try:
        if path.exists() and not path.is_file():
            raise Unreadable("the file is a folder or no plain file")
        with path.open("rb") as file:
            data = file.read(largest + 1)
    except OSError as error:
        raise Unreadable(f"the file cannot be read: {error.strerror}") from None
    if len(data) > largest:
        raise Unreadable(f"the file has more than {largest} bytes, for {rows} rows on the chain")
    return data


def read_rows(data: bytes, columns: Sequence[str]) -> list[tuple[str, ...]]:
    """The rows that are not blank, the header first; a short row is filled up with empty cells.

    Args:
        columns: those of a statement; they tell the separator and the width.

    Raises:
        Unreadable: another kind of file, another encoding, or no CSV; with the line.
    """
    text = text_of(data)
    lines, first = text, 1
    mark = re.match(r'"?sep=([,;\t])"?[,;\t]*(\r\n|\r|\n)', text, re.IGNORECASE)
    if mark:
        lines, first = text[mark.end():], 2
    separator = separator_of(lines, columns, first)
    return [padded(row, len(columns)) for row in read(lines, separator, first)]


def separator_of(text: str, columns: Sequence[str], first: int) -> str:
    """The separator under which the header has the columns; a comma if it has them under none."""
    for separator in SEPARATORS:
        try:
            header = next(read(text, separator, first), [])
        except Unreadable:  # quotes that stand right under another separator only
            continue
        if [cell for cell in header if cell] == list(columns):
            return separator
    return ","


def read(text: str, separator: str, first: int) -> Iterator[list[str]]:
    """The cells of each row that is not blank, without blanks around them."""
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    line = first
    try:
        for row in rows:
            cells = [cell.strip() for cell in row]
            if any(cells):
                yield cells
            line = first + rows.line_num
    except csv.Error as error:
        raise Unreadable(f"line {line} is no row of a CSV: {error}") from None


def padded(row: list[str], width: int) -> tuple[str, ...]:
    """A row of at least `width` cells, without empty ones beyond that."""
    while len(row) > width and not row[-1]:
        row.pop()
    return tuple(row + [""] * (width - len(row)))


def text_of(data: bytes) -> str:
    """The text of a file in UTF-8, in UTF-16 or UTF-32 with its mark, or in UTF-16 without it."""
    for start, kind in FOREIGN:
        if data.removeprefix(codecs.BOM_UTF8).lstrip().startswith(start):
            raise Unreadable(f"the file is {kind}, not CSV")
    codec = next((codec for mark, codec in MARKS if data.startswith(mark)), "")
    if not codec and b"\0" in data[:4]:
        codec = "utf-16-be" if data.startswith(b"\0") else "utf-16-le"
    try:
        return data.decode(codec or "utf-8")
    except UnicodeDecodeError as error:
        line = data[:error.start].count(b"\n") + 1
        wrong = data[error.start:error.start + 4].hex(" ")
        raise Unreadable(f"line {line} holds bytes that are not text: {wrong}") from None


def change_of(said: str, due: str) -> str:
    """What a spreadsheet made of a number, in words; empty if it is another change."""
    if not due.isdecimal():
        return ""
    if said != due and said.lstrip("0") == due.lstrip("0"):
        return "without its leading zeros" if len(said) < len(due) else "with leading zeros"
    kept = said[:EXACT_DIGITS]
    if len(said) == len(due) > EXACT_DIGITS and said == kept.ljust(len(due), "0") != due:
        return "rounded to 15 digits"
    return next((name for name, form in CHANGES if form.fullmatch(said)), "")
