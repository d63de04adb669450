"""RLP, the encoding of headers, receipts and nodes of tries."""

from __future__ import annotations

from typing import Any

Item = Any
"""Bytes, or a list of items."""


def encode(item: Item) -> bytes:
    """The encoding of bytes or of a list of items."""
    if isinstance(item, bytes):
        short = len(item) == 1 and item[0] < 0x80
        return item if short else _head(0x80, len(item)) + item
    inside = b"".join(encode(one) for one in item)
    return _head(0xC0, len(inside)) + inside


def _head(base: int, size: int) -> bytes:
    if size < 56:
        return bytes([base + size])
    digits = number(size)
    return bytes([base + 55 + len(digits)]) + digits


def number(value: int) -> bytes:
    """A number as RLP holds it: big-endian, without leading zeros."""
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


def decode(data: bytes) -> Item:
    """The item that `data` encodes; raises ValueError if it is no encoding of one item."""
    item, rest = _read(data)
    if rest:
        raise ValueError(f"RLP: {len(rest)} bytes follow the item")
    return item


def _read(data: bytes) -> tuple[Item, bytes]:
    """The first item and the bytes after it."""
    if not data:
        raise ValueError("RLP: no bytes")
    kind, rest = data[0], data[1:]
    if kind < 0x80:
        return data[:1], rest
    is_list, size = kind >= 0xC0, (kind - 0x80) % 0x40
    if size > 55:
        digits = size - 55
        size, rest = int.from_bytes(rest[:digits], "big"), rest[digits:]
    if size > len(rest):
        raise ValueError(f"RLP: {size} bytes are named, {len(rest)} are there")
    inside, rest = rest[:size], rest[size:]
    return (_items(inside) if is_list else inside), rest


def _items(data: bytes) -> list[Item]:
    found = []
    while data:
        item, data = _read(data)
        found.append(item)
    return found
