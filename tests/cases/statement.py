"""A payee's statement after a spreadsheet has saved it again; made from one of a test chain."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from tests.cases.case import Case, Place, audited

AUDIT = "refrain-audit --rpc {rpc} --ledger {ledger} --ipfs {ipfs} --statement {folder}/{payee}.csv"
PASSED = ("ok   statement PAYEE row 1 amount", audited())
Change = Callable[[bytes], bytes]


def saved(change: Change, name: str = "payee"):
    """Writes the statement, changed, under the payee's name."""

    def make(folder: Path, place: Place) -> None:
        (folder / f"{place[name]}.csv").write_bytes(change(place["statement"]))

    return make


def form(name: str, about: str, change: Change) -> Case:
    """A change of form, which the audit passes over."""
    return Case(name, about, saved(change), AUDIT, 0, PASSED, place="audit")


def content(name: str, about: str, change: Change, *says: str, count: int = 1) -> Case:
    """A change of content, which the audit finds and names."""
    return Case(name, about, saved(change), AUDIT, 1, (*says, audited(count)), place="audit")


def unread(name: str, about: str, change: Change, *says: str) -> Case:
    """Content that cannot be read: nothing is known about the statement."""
    total = audited(0, 1, "incomplete")
    return Case(name, about, saved(change), AUDIT, 3, (*says, total), place="audit")


def named(name: str, about: str, which: str) -> Case:
    """The statement as it is, under another file name."""
    command = AUDIT.replace("{payee}", f"{{{which}}}")
    return Case(name, about, saved(lambda data: data, which), command, 0, PASSED, place="audit")


def cells(change: Callable[[int, list[str]], list[str]]) -> Change:
    """Changes the cells of each line; line 0 is the header."""

    def changed(data: bytes) -> bytes:
        lines = data.decode().splitlines()
        return b"".join(",".join(change(number, line.split(","))).encode() + b"\n"
                        for number, line in enumerate(lines))  # fmt: skip

    return changed


def amount(text: Callable[[str], str]) -> Change:
    """Writes the amount of row 1 in another way."""

    def change(number: int, row: list[str]) -> list[str]:
        return [*row[:8], text(row[8]), *row[9:]] if number == 1 else row

    return cells(change)


def text_of(codec: str, start: bytes = b"") -> Change:
    return lambda data: start + data.decode().encode(codec)


FORMS = [
    form("asis", "as it was downloaded", lambda data: data),
    form("crlf", "CRLF", lambda data: data.replace(b"\n", b"\r\n")),
    form("excel_bom_crlf", "byte order mark and CRLF",
         lambda data: b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n")),
    form("extra_blank_line", "a blank line at the end", lambda data: data + b"\n"),
    form("semicolon", "`;`", lambda data: data.replace(b",", b";")),
    form("tab_utf16", "Excel's \"Unicode text\": UTF-16 with tabs",
         lambda data: data.replace(b",", b"\t").decode().encode("utf-16")),
    form("utf16_be", "UTF-16, the other order of bytes", text_of("utf-16-be", b"\xfe\xff")),
    form("utf16_no_mark", "UTF-16 without its mark", text_of("utf-16-le")),
    form("utf32", "UTF-32", text_of("utf-32")),
    form("sep_line", "first line `sep=;`",
         lambda data: b"sep=;\r\n" + data.replace(b",", b";")),
    form("quotes", "every cell in quotes",
         cells(lambda number, row: [f'"{cell}"' for cell in row])),
    form("trailing", "empty columns at the right", cells(lambda number, row: [*row, "", ""])),
    form("trimmed", "without the empty cell at the end of each row",
         cells(lambda number, row: row if number == 0 else row[:9])),
    form("blank_rows", "rows of commas", lambda data: data + b",,,,,,,,,\r\n" * 1_000),
    form("cr_only", "each line ends with CR alone", lambda data: data.replace(b"\n", b"\r")),
    named("second_download", "the name that a browser gives to a second download", "payee_again"),
    named("lower_name", "the payee in small letters", "payee_lower"),
]  # fmt: skip


def noted(data: bytes) -> bytes:
    """A note of somebody in the last cell of row 1, in Windows-1252."""
    header, row, rest = data.split(b"\n", 2)
    return b"\n".join([header, row + "für März".encode("cp1252"), rest])


ROW = "MISMATCH statement PAYEE row 1 amount: file"
DUE = "chain says 154195"
CONTENT = [
    content("scientific", "Excel wrote the amount as `1.54E+05`", amount(lambda said: "1.54E+05"),
            f"{ROW}, in scientific notation, says 1.54E+05, {DUE}"),
    content("thousands", "a separator of thousands", amount(lambda said: f'"{int(said):,}"'),
            f"{ROW}, with a separator of thousands, says 154,195, {DUE}"),
    content("decimals", "the amount with decimals", amount(lambda said: said + ".00"),
            f"{ROW}, with decimals, says 154195.00, {DUE}"),
    content("leading_zeros", "zeros in front of the amount", amount(lambda said: "00" + said),
            f"{ROW}, with leading zeros, says 00154195, {DUE}"),
    content("narrow", "a column that was too narrow", amount(lambda said: "######"),
            f"{ROW}, cut by a narrow column, says ######, {DUE}"),
    content("another_amount", "another amount", amount(lambda said: "7"), f"{ROW} says 7, {DUE}"),
    content("row_gone", "the last row is missing",
            lambda data: b"".join(data.splitlines(keepends=True)[:-1]),
            "MISMATCH statement PAYEE rows: file says 1, chain says 2", count=2),
    content("sorted", "the rows in another order",
            lambda data: b"".join(data.splitlines(keepends=True)[place] for place in (0, 2, 1)),
            "MISMATCH statement PAYEE order of rows, from row 1: "
            'file says ["credited", "28", "0"], chain says ["credited", "27", "0"]'),
    content("sorted_and_changed", "the rows in another order, and Excel wrote an amount anew",
            lambda data: b"".join(amount(lambda said: "1.54E+05")(data)
                                  .splitlines(keepends=True)[place] for place in (0, 2, 1)),
            "MISMATCH statement PAYEE order of rows, from row 1: "
            'file says ["credited", "28", "0"], chain says ["credited", "27", "0"]',
            "MISMATCH statement PAYEE row 2 amount: file, in scientific notation, says 1.54E+05, "
            "chain says 154195", count=2),
    content("total", "a row with the total", lambda data: data + b",,,,,,,,308518,\n",
            "MISMATCH statement PAYEE rows: file says 3, chain says 2",
            'MISMATCH statement PAYEE row too many: file says ["", "", "", "", "", "", "", "", '
            '"308518", ""], chain says nothing', count=2),
    content("note", "somebody's note beside a row",
            cells(lambda number, row: [*row, "paid?"] if number == 1 else row),
            "MISMATCH statement PAYEE row 1 column 11: file says paid?, chain says null"),
    unread("workbook", "a workbook renamed to CSV", lambda data: b"PK\x03\x04" + data,
            "UNREADABLE statement PAYEE.csv: the file is a workbook or an archive, not CSV"),
    unread("cp1252", "a note in Windows-1252", noted,
            "UNREADABLE statement PAYEE.csv: line 2 holds bytes that are not text: fc 72 20 4d"),
]  # fmt: skip


def instead(name: str, about: str, make: Callable[[Path], object], says: str) -> Case:
    """Something else under the statement's name."""

    def placed(folder: Path, place: Place) -> None:
        make(folder / f"{place['payee']}.csv")

    line = f"UNREADABLE statement PAYEE.csv: {says}"
    return Case(name, about, placed, AUDIT, 3, (line, audited(0, 1, "incomplete")), place="audit")


def endless(path: Path) -> None:
    """A file of 80 MB that takes no room on the disk."""
    with path.open("wb") as file:
        file.truncate(80_000_000)


INSTEAD = [
    instead("folder", "a folder", Path.mkdir, "the file is a folder or no plain file"),
    instead("pipe", "a pipe into which nobody writes", os.mkfifo,
            "the file is a folder or no plain file"),
    instead("no_file", "no file", lambda path: None,
            "the file cannot be read: No such file or directory"),
    instead("huge", "80 MB for two rows", endless,
            "the file has more than 67117056 bytes, for 2 rows on the chain"),
]  # fmt: skip

CASES = [*FORMS, *CONTENT, *INSTEAD]
