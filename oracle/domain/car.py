"""CAR files, version 1: a root's blocks one behind the other, for any IPFS tool to import.

Source: the CARv1 specification of IPLD.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from oracle.domain.cid import binary
from oracle.domain.dagpb import varint

# dag-cbor of {"roots": [CID], "version": 1}: tag 42 over the CID's bytes behind a zero byte.
_BEFORE_ROOT = b"\xa2\x65roots\x81\xd8\x2a\x58\x25\x00"
_AFTER_ROOT = b"\x67version\x01"


def car_of(root: str, blocks: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    """The bytes of the file, piece by piece: the header, then each block as it comes.

    Args:
        root: the CID the file is about.
        blocks: (CID, bytes) in the order wanted; a block that comes again is left out.
    """
    yield _section(_BEFORE_ROOT + binary(root) + _AFTER_ROOT)
    written: set[str] = set()
    for cid, block in blocks:
        if cid not in written:
            written.add(cid)
            yield _section(binary(cid) + block)


def _section(content: bytes) -> bytes:
    return varint(len(content)) + content
