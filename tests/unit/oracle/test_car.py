"""CAR files: the bytes of header and sections, and each block once."""

from __future__ import annotations

from oracle.domain.car import car_of
from oracle.domain.cid import binary, cid_of

ROOT = cid_of(b"hello")


def test_the_bytes_of_a_small_file() -> None:
    """By the CARv1 specification: varint length, dag-cbor header, then varint, CID, block."""
    header = b"\xa2" + b"\x65roots" + b"\x81\xd8\x2a\x58\x25\x00" + binary(ROOT)
    header += b"\x67version" + b"\x01"
    expected = bytes((len(header),)) + header + bytes((36 + 5,)) + binary(ROOT) + b"hello"
    assert b"".join(car_of(ROOT, [(ROOT, b"hello")])) == expected


def test_each_block_appears_once_in_the_given_order() -> None:
    other = cid_of(b"other")
    blocks = [(ROOT, b"hello"), (other, b"other"), (ROOT, b"hello")]
    assert len(list(car_of(ROOT, blocks))) == 3
    assert list(car_of(ROOT, blocks))[2].endswith(b"other")
