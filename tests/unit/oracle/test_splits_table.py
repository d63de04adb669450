"""Files with tables of splits: whatever the bytes, a table or one error that names the file."""

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from oracle.client.splits_table import read_split, read_splits
from oracle.domain.errors import InvalidInput

ADDRESS = "0x52908400098527886E0F7030069857D2E4169EE7"
GRAMMAR = st.lists(
    st.sampled_from(["file", "payee", "share", "a.wav", "Café.wav", "Ada", "é", "60", "40", "100",
                     "100%", ADDRESS, ADDRESS.lower(), "0x", ",", ";", "\t", "\n", "\r\n", '"', " ",
                     "\0", "sep=;", "\ufeff", "山"]),
    max_size=40,
)  # fmt: skip
CODECS = st.sampled_from(["utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "gb18030"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200) | st.builds(
    lambda words, codec, header: ((header + "".join(words)).encode(codec)), GRAMMAR, CODECS,
    st.sampled_from(["", "file,payee,share\n", "payee;share\r\n", "file\tpayee\tshare\n"]),
))  # fmt: skip
@example(b"payee,share\n")
@example(b'payee\tshare\n""x')
def test_any_bytes_are_a_table_or_one_error(tmp_path, data):
    path = tmp_path / "splits.csv"
    path.write_bytes(data)
    for read in (read_split, lambda path: read_splits(path, {"a.wav", "Café.wav"})):
        try:
            found = read(path)
        except InvalidInput as error:
            assert str(error).startswith("splits.csv") and str(error).isprintable()
            continue
        for file in {row.file for row in found.rows}:
            mine = [row for row in found.rows if row.file == file]
            assert sum(row.share for row in mine) == 1_000_000
            assert len({row.payee for row in mine}) == len(mine)


def test_an_encoding_that_two_file_names_tell_differently_is_refused(tmp_path):
    """The same bytes are one name in Windows-1252 and another one in Windows-1251."""
    path = tmp_path / "splits.csv"
    path.write_bytes("file,payee,share\nNé.wav,Zoé,100\n".encode("cp1252"))
    other = "Né".encode("cp1252").decode("cp1251") + ".wav"
    assert read_splits(path, {"Né.wav"}).rows[0].payee == "Zoé"
    assert read_splits(path, {other}).rows[0].payee == "Zoй"
    with pytest.raises(InvalidInput, match="line 2: is not UTF-8: bytes 4e e9 2e 77 61 76"):
        read_splits(path, {"Né.wav", other})


def test_more_payees_than_the_chain_takes_are_refused(tmp_path):
    path = tmp_path / "splits.csv"
    rows = [f"a.wav,P{number},0.99" for number in range(101)]
    path.write_text("\n".join(["file,payee,share", *rows]))
    with pytest.raises(InvalidInput, match="at most 100 payees"):
        read_splits(path, {"a.wav"})


@pytest.mark.parametrize("make", ["folder", "nothing", "pipe"])
def test_what_is_no_file_is_refused(tmp_path, make):
    import os

    path = tmp_path / "splits.csv"
    if make == "folder":
        path.mkdir()
    if make == "pipe":
        os.mkfifo(path)
    with pytest.raises(InvalidInput, match=r"^splits\.csv: is "):
        read_split(path)
