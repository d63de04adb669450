"""The audit's reader of statements: form is passed over, content is kept, nothing else happens."""

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scripts.auditor.report import Unreadable
from scripts.auditor.statement_file import change_of, payee_of, read_rows
from scripts.auditor.statements import COLUMNS

DATA = Path(__file__).resolve().parents[2] / "cases" / "data" / "statement"
PAYEE = "0x1A59F14c9Cd218d23cED331872B6EfC461a35c03"
PLAIN = (DATA / "asis" / f"{PAYEE}.csv").read_bytes()


def test_a_statement_has_its_header_and_its_rows():
    header, row = read_rows(PLAIN, COLUMNS)
    assert header == COLUMNS
    assert (row[0], row[1], row[8], row[9]) == ("credited", "143", "25683", "")


@pytest.mark.parametrize("name", sorted(path.name for path in DATA.iterdir()))
def test_a_statement_that_was_saved_again_has_the_same_rows(name):
    (path,) = (DATA / name).iterdir()
    assert payee_of(path) == PAYEE
    assert read_rows(path.read_bytes(), COLUMNS) == read_rows(PLAIN, COLUMNS)


@given(st.binary(max_size=200) | st.text("kind,block;\t\n\r\"0é", max_size=60).map(str.encode))
@example(b"")
@example(b"k\0")
@example(b"\xff\xfe\x00")
@example(b'sep=;\n"')
@example(PLAIN + b"x" * 140_000)
def test_any_bytes_are_rows_or_unreadable(data):
    try:
        rows = read_rows(data, COLUMNS)
    except Unreadable:
        return
    assert all(len(row) >= len(COLUMNS) for row in rows)


@given(st.lists(st.text("ab1 é", max_size=4), min_size=10, max_size=10))
def test_cells_are_kept_as_they_are(cells):
    line = ",".join(cells).encode()
    wanted = tuple(cell.strip() for cell in cells)
    assert read_rows(PLAIN + line, COLUMNS)[2:] == ([wanted] if any(wanted) else [])


@pytest.mark.parametrize("name", [PAYEE, PAYEE.lower(), "0x" + PAYEE[2:].upper(), f"{PAYEE} (1)",
                                  f"{PAYEE} - Copy", f"statement-{PAYEE}"])  # fmt: skip
def test_the_payee_is_in_the_name(name):
    assert payee_of(Path(f"{name}.csv")) == PAYEE


@pytest.mark.parametrize("name", ["statement", PAYEE[:-1], PAYEE + "0", f"{PAYEE} {PAYEE}",
                                  PAYEE.swapcase().replace("0X", "0x")])  # fmt: skip
def test_a_name_without_one_payee_is_refused(name):
    with pytest.raises(Unreadable, match="name"):
        payee_of(Path(f"{name}.csv"))


@pytest.mark.parametrize(
    ("said", "due", "change"),
    [
        ("2.57E+04", "25683", "in scientific notation"),
        ("2,57E+04", "25683", "in scientific notation"),
        ("25,683", "25683", "with a separator of thousands"),
        ("25.683", "25683", "with a separator of thousands"),
        ("25683,00", "25683", "with decimals"), ("####", "25683", "cut by a narrow column"),
        ("025683", "25683", "with leading zeros"), ("", "0", "without its leading zeros"),
        ("123456789012345000", "123456789012345678", "rounded to 15 digits"),
        ("7", "25683", ""), ("0xab", "0xcd", ""), ("1E5", "0xcd", ""),
    ],
)  # fmt: skip
def test_what_a_spreadsheet_does_to_a_number_has_a_name(said, due, change):
    assert change_of(said, due) == change
