"""Tables of spreadsheets: one meaning in any dialect, and one clear error for everything else."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from oracle.domain.errors import InvalidInput
from oracle.domain.file_kinds import foreign_kind
from oracle.domain.table import read_table
from oracle.domain.table_text import not_told, readings

COLUMNS = ("file", "payee", "share")
CELL = st.text("abcXYZé山ж '\".%/-", max_size=8)


def cells(text):
    return [tuple(row.cells.values()) for row in read_table(text, "t.csv", COLUMNS).rows]


def quoted(cell):
    return '"' + cell.replace('"', '""') + '"'


@given(
    rows=st.lists(st.tuples(CELL, CELL, CELL), max_size=5),
    separator=st.sampled_from([",", ";", "\t"]),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    sep_line=st.booleans(),
    empty=st.integers(0, 3),
    blank=st.integers(0, 3),
)
def test_every_dialect_reads_the_same(rows, separator, end, sep_line, empty, blank):
    lines = [separator.join([*map(quoted, row), *[""] * empty]) for row in (COLUMNS, *rows)]
    lines += [separator * 3] * blank
    text = end.join([*([f"sep={separator}"] if sep_line else []), *lines]) + end
    wanted = [tuple(cell.strip() for cell in row) for row in rows]
    assert cells(text) == [row for row in wanted if any(row)]


@given(st.binary(max_size=300))
@example(b"\xff\xfe\x00")
@example(b"\xff\xfe\x00\x00\x00")
@example(b"\x00")
@example(b"sep=")
@example(b"payee\x00")
@example(b"file,payee,share\n\x81\x8d\x8f")
def test_any_bytes_are_a_table_or_one_error(data):
    try:
        for reading in readings(data, "t.csv", "payee"):
            read_table(reading.text, "t.csv", COLUMNS)
        not_told(data, "t.csv")
    except InvalidInput as error:
        assert str(error).startswith("t.csv") and str(error).isprintable()


@given(st.text(max_size=80))
def test_any_text_below_a_header_is_rows_or_one_error_with_its_line(text):
    try:
        cells("file,payee,share\n" + text)
    except InvalidInput as error:
        assert str(error).startswith("t.csv line ") and str(error).isprintable()


@given(st.text("a,;\t\n\r\"é山", max_size=40), st.sampled_from(["utf-8-sig", "utf-16", "utf-32"]))
def test_a_mark_tells_the_encoding(text, codec):
    (reading,) = readings(text.encode(codec), "t.csv", "payee")
    assert reading.text == text


def test_lines_are_those_of_the_file():
    text = 'sep=,\r\n\r\nfile,payee,share\r\na,"two\r\nlines",1\r\n\r\nb,c,2\r\n'
    found = read_table(text, "t.csv", COLUMNS).rows
    assert [(row.line, row.cells["file"]) for row in found] == [(4, "a"), (7, "b")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "columns must be file,payee,share"),
        ("file,payee\n", r"columns must be file,payee,share \(found file,payee\)"),
        ("sep=|\nfile|payee|share\n", "line 1: sep: must be a comma, a semicolon or a tab"),
        ("file,payee,share,share\n", "line 1: is a column twice"),
        ("file,payee,share\na,b,1,c\n", "line 2: is in column 4, which has no name"),
        ("file,payee,share\na,b,c\n'x',\"y\n", "line 3: is no row of a CSV"),
    ],
)
def test_a_wrong_table_is_named(text, said):
    with pytest.raises(InvalidInput, match=said):
        cells(text)


def test_blanks_and_case_in_the_header_do_not_count():
    assert cells("\ufeff FILE ,Payee\u00a0, Share (%)\na,b,1\n") == [("a", "b", "1")]


def test_columns_that_nobody_asked_for_are_named():
    table = read_table("file,Role,payee,share,\na,voice,b,1,\n", "t.csv", COLUMNS)
    assert table.unread == ("Role",)


@pytest.mark.parametrize("data", [b"%PDF-1.7", b"\x1f\x8b\x08", b"RIFF\0\0\0\0WAVE", b"<?xml?>",
                                  "<!DOCTYPE html>".encode("utf-16"), b"PK\x03\x04....xl/"])
def test_another_kind_of_file_is_named(data):
    assert foreign_kind(data)
    with pytest.raises(InvalidInput, match="not CSV: save it as CSV UTF-8"):
        readings(data, "t.csv", "payee")


def test_a_file_that_is_too_large_is_refused(monkeypatch):
    monkeypatch.setattr("oracle.domain.table_text.LARGEST", 1024 * 1024)
    with pytest.raises(InvalidInput, match="at most 1 MiB"):
        readings(b" " * (1024 * 1024 + 1), "t.csv", "payee")


def test_more_rows_than_anybody_has_are_refused():
    with pytest.raises(InvalidInput, match="line 100002: is row 100001: at most 100000"):
        cells("file,payee,share\n" + "a,b,1\n" * 100_001)


def test_bytes_that_a_mark_does_not_allow_are_named_with_their_line():
    with pytest.raises(InvalidInput, match=r"line 2: says it is UTF-8.*found e9"):
        readings(b"\xef\xbb\xbfpayee\n\xe9\n", "t.csv", "payee")
