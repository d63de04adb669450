"""Tags are suggestions: read within bounds, in one line, and never a traceback."""

from __future__ import annotations

import struct

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oracle.client.tags import Tags, clean, read_tags
from oracle.domain.text import is_control
from tests.support.containers_made import chunk, flac_head, id3, mp3, ogg, page, syncsafe, wav

TEXTS = (("TIT2", "Slow Ferry"), ("TPE1", "Ada Nwosu"), ("TSRC", "US-S1Z-99-00001"))
ALL = Tags("Slow Ferry", "Ada Nwosu", "US-S1Z-99-00001")


def read(folder, content: bytes) -> Tags:
    path = folder / "song"
    path.write_bytes(content)
    return read_tags(path)


def comments(*texts: str) -> bytes:
    """A Vorbis comment block."""
    coded = [text.encode() for text in ("x", *texts)]
    parts = [struct.pack("<I", len(text)) + text for text in coded]
    return parts[0] + struct.pack("<I", len(texts)) + b"".join(parts[1:])


VORBIS = comments("TITLE=Slow Ferry", "artist=Ada Nwosu", "ISRC=US-S1Z-99-00001")


def tagged_flac(block: bytes) -> bytes:
    whole = flac_head(99_000)
    head = whole[:4] + b"\0" + whole[5:42]
    return head + b"\x84" + len(block).to_bytes(3, "big") + block + whole[42:]


@pytest.mark.parametrize("encoding", [0, 1, 2, 3])
def test_id3_is_read_in_each_of_its_encodings(tmp_path, encoding):
    assert read(tmp_path, id3(*TEXTS, encoding=encoding) + mp3(90)) == ALL


def test_tags_of_every_format_are_read(tmp_path):
    info = b"INFO" + chunk(b"INAM", b"Slow Ferry\0", "<") + chunk(b"IART", b"Ada Nwosu\0", "<")
    found = read(tmp_path, wav(after=chunk(b"LIST", info, "<")))
    assert (found.title, found.artist) == ("Slow Ferry", "Ada Nwosu")
    assert read(tmp_path, wav(after=chunk(b"id3 ", id3(*TEXTS), "<"))) == ALL
    assert read(tmp_path, tagged_flac(VORBIS)) == ALL
    first = b"\x01vorbis" + struct.pack("<IBIIIIBB", 0, 2, 44_100, 0, 0, 0, 0xB8, 1)
    second = page(0, 0, 1, 1, b"\x03vorbis" + VORBIS + b"\1")
    assert read(tmp_path, ogg([], head=first) + second + ogg([99_000])) == ALL


def test_a_file_without_tags_says_nothing(tmp_path):
    for content in (wav(), mp3(90), flac_head(9)):
        assert read(tmp_path, content) == Tags()


@pytest.mark.parametrize(
    "content",
    [b"", b"import os", b"ID3\4\0\0" + b"\x7f" * 4, id3(*TEXTS)[:20], b"OggS" + bytes(90)],
)
def test_damaged_tags_are_no_traceback(tmp_path, content):
    found = read(tmp_path, content)
    assert found.fault in ("", "its tags cannot be read") and "\n" not in found.title


def test_a_huge_picture_is_passed_over(tmp_path):
    picture = b"APIC" + syncsafe(60_000_000) + b"\0\0" + bytes(60_000_000)
    body = id3(*TEXTS)[10:] + picture
    found = read(tmp_path, b"ID3\4\0\0" + syncsafe(len(body)) + body + mp3(90))
    assert found == ALL


def test_a_tag_that_would_take_long_ends_in_seconds(tmp_path):
    values = "\0".join(f"{number:x}" for number in range(400_000))
    found = read(tmp_path, id3(("TIT2", values)) + mp3(90))
    assert found.fault == "its tags cannot be read"


def test_texts_come_in_one_line_and_one_form():
    assert clean(" Slow\r\n Ferry\x00\x1b[31m \u202ex ") == "Slow Ferry [31m x"
    assert clean("Bjo\u0308rk") == "Björk"


def test_a_text_that_is_too_long_is_left_out_with_a_word(tmp_path):
    found = read(tmp_path, id3(("TIT2", "x" * 301), ("TPE1", "y" * 300)) + mp3(90))
    fault = "its tag of title has more than 300 characters and is left out"
    assert found == Tags(artist="y" * 300, fault=fault)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_changed_tags_are_read_or_reported(tmp_path, data):
    start = [id3(*TEXTS, encoding=1) + mp3(9), tagged_flac(VORBIS), wav(2.0)]
    content = bytearray(data.draw(st.sampled_from(start), "file"))
    for at in data.draw(st.lists(st.integers(0, min(len(content), 150) - 1), max_size=12)):
        content[at] = data.draw(st.integers(0, 255))
    found = read(tmp_path, bytes(content) + data.draw(st.binary(max_size=40)))
    for text in (found.title, found.artist, found.isrc):
        assert not any(is_control(letter) for letter in text) and len(text) <= 300
