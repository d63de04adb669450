"""CIDs of files: the profile unixfs-v1-2025 (IPIP-499) over sha2-256."""

from __future__ import annotations

from base64 import b32decode, b32encode
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any

from .report import Unreadable, show

RAW, DAG_PB = 0x55, 0x70
CHUNK, WIDTH, LARGEST, MOST_BLOCKS = 1 << 20, 1024, 2 << 20, 512


def cid_text(codec: int, digest: bytes) -> str:
    packed = bytes([1, codec, 0x12, 0x20]) + digest
    return "b" + b32encode(packed).decode().lower().rstrip("=")


def cid_parts(cid: str) -> tuple[int, bytes]:
    """Codec and digest of a CIDv1. Permitted: base32, sha2-256, raw or dag-pb."""
    body = cid[1:].upper()
    packed = b32decode(body + "=" * (-len(body) % 8))
    codec, digest = packed[1] if len(packed) == 36 else -1, packed[4:]
    if codec not in (RAW, DAG_PB) or cid_text(codec, digest) != cid:
        kind = "a CIDv1 in base32 of a raw or dag-pb block with sha2-256"
        raise Unreadable(f"{show(cid)} is not {kind}")
    return codec, digest


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def message(data: bytes) -> Iterator[tuple[int, Any]]:
    """The fields of a protobuf message. dag-pb uses varints and byte strings only."""
    at = 0

    def number() -> int:
        nonlocal at
        value = shift = 0
        while True:
            value |= (data[at] & 0x7F) << shift
            at, shift = at + 1, shift + 7
            if data[at - 1] < 0x80:
                return value

    while at < len(data):
        key = number()
        value: Any = number()
        if key & 7 == 2:
            at, value = at + value, data[at:at + value]
        elif key & 7:
            raise Unreadable(f"dag-pb: wire type {key & 7} is not permitted")
        yield key >> 3, value
    if at != len(data):
        raise Unreadable("dag-pb: a field runs past the end")


def node_block(children: Sequence[tuple[bytes, int, int]]) -> bytes:
    """A UnixFS file node over (CID bytes, bytes of file, bytes of DAG)."""
    links = b""
    for cid, _, weight in children:
        link = b"\x0a" + varint(len(cid)) + cid + b"\x12\x00\x18" + varint(weight)
        links += b"\x12" + varint(len(link)) + link
    sizes = [size for _, size, _ in children]
    data = b"\x08\x02\x18" + varint(sum(sizes)) + b"".join(b"\x20" + varint(s) for s in sizes)
    return links + b"\x0a" + varint(len(data)) + data


def blocks_of(data: bytes) -> Iterator[tuple[str, bytes]]:
    """The blocks of a file, the root last."""
    row = []
    for start in range(0, max(len(data), 1), CHUNK):
        chunk = data[start:start + CHUNK]
        digest = sha256(chunk).digest()
        yield cid_text(RAW, digest), chunk
        row.append((bytes([1, RAW, 0x12, 0x20]) + digest, len(chunk), len(chunk)))
    while len(row) > 1:
        above = []
        for start in range(0, len(row), WIDTH):
            children = row[start:start + WIDTH]
            block = node_block(children)
            digest = sha256(block).digest()
            yield cid_text(DAG_PB, digest), block
            size, weight = sum(c[1] for c in children), sum(c[2] for c in children)
            above.append((bytes([1, DAG_PB, 0x12, 0x20]) + digest, size, weight + len(block)))
        row = above


def cid_of(data: bytes) -> str:
    """The CID of a file."""
    *_, (root, _) = blocks_of(data)
    return root
