"""A table as spreadsheets save it: separated by comma, semicolon or tab, in any of their dialects.

What a spreadsheet adds in form is passed over: a line ``sep=``, blank rows, empty columns at the
right, blanks around a cell, quotes, any end of line, other case in the header. What could change
the meaning is refused with its line.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from oracle.domain.errors import InvalidInput
from oracle.domain.text import visible

SEPARATORS = (",", ";", "\t")
MOST_ROWS = 100_000
"""Rows that are not blank."""
MOST_LINES = 1_100_000
"""Lines, blank ones included; a spreadsheet has 1,048,576 at most."""
MOST_COLUMNS = 16_384
"""Columns of the header, as many as a spreadsheet has."""
LONGEST_CELL = 1_000
"""Characters of a cell that is read."""

_SEP = re.compile(r'"?sep=(.?)"?[,;\t]*', re.IGNORECASE)
_PER_CENT = re.compile(r"\s*(\(\s*%\s*\)|%)$")
_MOST_SHOWN = 12


class TooLarge(InvalidInput):
    """The table has more lines or columns than any spreadsheet writes."""


@dataclass(frozen=True)
class Row:
    """One row: its `line` in the file, counted from 1, and the text of each wanted column."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True)
class Table:
    """The rows that are not blank. `unread`: the names of columns that nobody asked for."""

    rows: tuple[Row, ...]
    unread: tuple[str, ...]


def read_table(text: str, name: str, columns: Sequence[str]) -> Table:
    """The wanted columns of a table.

    Args:
        name: of the file, for errors.
        columns: at least two names in lower case; each has to be in the header once.

    Raises:
        InvalidInput: names the file, the line, and what was found.
    """
    first, body = _without_sep(text.removeprefix("\ufeff"), name)
    separator, (line, header) = _header(body, first, name, columns)
    names = [_name(cell) for cell in header]
    for column, count in Counter(names).items():
        if column and count > 1:
            detail = "is a column twice"
            raise InvalidInput(detail, field=f"{name} line {line}", value=repr(column))
    rows = tuple(_rows(body, separator, name, names, columns, line, first))
    unread = tuple(cell.strip() for cell, known in zip(header, names, strict=True)
                   if known and known not in columns)  # fmt: skip
    return Table(rows, unread)


def _without_sep(text: str, name: str) -> tuple[int, str]:
    """The number of the first line, and the text without Excel's ``sep=``."""
    start = re.match(r"[^\r\n]*(\r\n|\r|\n|$)", text)
    line = start[0].rstrip("\r\n") if start else ""
    found = _SEP.fullmatch(line)
    if not found or not start:
        return 1, text
    if found[1] not in SEPARATORS:
        detail = "must be a comma, a semicolon or a tab"
        raise InvalidInput(detail, field=f"{name} line 1: sep", value=repr(found[1]))
    return 2, text[start.end() :]


def _header(
    body: str, first: int, name: str, columns: Sequence[str]
) -> tuple[str, tuple[int, list[str]]]:
    """The separator under which the first row that is not blank holds every wanted column."""
    shown: list[str] = []
    for separator in SEPARATORS:
        try:
            line, cells = next(_records(body, separator, name, first), (first, []))
        except TooLarge:
            raise
        except InvalidInput:  # quotes that stand right under another separator only
            continue
        if len(cells) > MOST_COLUMNS:
            detail = f"has too many columns: at most {MOST_COLUMNS}"
            raise TooLarge(detail, field=f"{name} line {line}", value=len(cells))
        if set(columns) <= {_name(cell) for cell in cells}:
            return separator, (line, cells)
        shown = max(shown, cells, key=len)
    found = ",".join(cell.strip() for cell in shown[:_MOST_SHOWN]) or "nothing"
    raise InvalidInput(f"columns must be {','.join(columns)}", field=name, value=visible(found))


def _name(cell: str) -> str:
    """A column's name in one form: its case, its blanks and a sign of per cent do not count."""
    if len(cell) > LONGEST_CELL:  # no column's name, and slow to normalise
        return cell
    text = " ".join(unicodedata.normalize("NFC", cell).split()).casefold()
    return _PER_CENT.sub("", text)


def _rows(
    body: str, separator: str, name: str, names: list[str], columns: Sequence[str], header: int,
    first: int,
) -> Iterator[Row]:  # fmt: skip
    places = {column: names.index(column) for column in columns}
    known = len(names)
    for count, (line, cells) in enumerate(_records(body, separator, name, first)):
        if line == header:
            continue
        if count > MOST_ROWS:
            raise InvalidInput(f"is row {count}: at most {MOST_ROWS}", field=f"{name} line {line}")
        for index, cell in enumerate(cells):
            if cell.strip() and (index >= known or not names[index]):
                detail = f"is in column {index + 1}, which has no name"
                raise InvalidInput(detail, field=f"{name} line {line}", value=repr(cell))
        yield Row(line, {column: _cell(cells, at, f"{name} line {line}: {column}")
                         for column, at in places.items()})  # fmt: skip


def _cell(cells: Sequence[str], at: int, field: str) -> str:
    text = cells[at].strip() if at < len(cells) else ""
    if len(text) > LONGEST_CELL:
        detail = f"must have at most {LONGEST_CELL} characters"
        raise InvalidInput(detail, field=field, value=len(text))
    return text


def _records(body: str, separator: str, name: str, first: int) -> Iterator[tuple[int, list[str]]]:
    """Line and cells of each row that is not blank."""
    reader = csv.reader(io.StringIO(body, newline=""), delimiter=separator, strict=True)
    line = first
    try:
        for cells in reader:
            if any(cell and not cell.isspace() for cell in cells):
                _require_text(cells, f"{name} line {line}")
                yield line, cells
            line = first + reader.line_num
            if line > MOST_LINES:
                raise TooLarge("has too many lines", field=name, value=f"more than {MOST_LINES}")
    except csv.Error as error:
        detail = f"is no row of a CSV: {visible(str(error))}"
        raise InvalidInput(detail, field=f"{name} line {line}") from None


def _require_text(cells: Sequence[str], place: str) -> None:
    for cell in cells:
        if "\0" in cell:
            raise InvalidInput("holds a NUL character", field=place, value=visible(cell))
