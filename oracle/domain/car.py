"""CAR files, version 1: all blocks of one root in sequence. Any IPFS tool imports them.

Source: the CARv1 specification of IPLD.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from oracle.domain.cid import binary
from oracle.domain.dagpb import varint

# dag-cbor of {"roots": [CID], "version": 1}: tag 42 of a zero byte and the CID's bytes.
_BEFORE_ROOT = b"\xa2\x65roots\x81\xd8\x2a"
_AFTER_ROOT = b"\x67version\x01"


def car_of(root: str, blocks: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    """The bytes of the file in pieces: the header, then each block.

    Args:
        root: the root's CID.
        blocks: (CID, bytes) in the order of the file; a repeated block is left out.
    """
    yield _section(_BEFORE_ROOT + _cbor(b"\0" + binary(root)) + _AFTER_ROOT)
    written: set[str] = set()
    for cid, block in blocks:
        if cid not in written:
            written.add(cid)
            yield _section(binary(cid) + block)


def _cbor(text: bytes) -> bytes:
    """A byte string of at most 255 bytes."""
    size = len(text)
    return (bytes((0x40 + size,)) if size < 24 else bytes((0x58, size))) + text


def _section(content: bytes) -> bytes:
    return varint(len(content)) + content
