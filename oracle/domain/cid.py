"""CIDs of files by one profile: unixfs-v1-2025 of IPIP-499.

Each file has exactly one CID: CIDv1 in lower-case base32, sha2-256, chunks of 1 MiB as raw blocks,
a balanced tree of at most 1,024 links a node (dag-pb, UnixFS). A file of at most 1 MiB is a single
raw block. `read` returns only data whose CID by this profile is the requested one, so the server of
the blocks need not be trusted.

Sources: specs.ipfs.tech (IPIP-499, UnixFS), the CID and multihash specifications.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple

from oracle.domain import dagpb
from oracle.domain.errors import InvalidInput, WrongBytes

CHUNK = 1 << 20
WIDTH = 1024
LIMIT = 1 << 28
RAW = 0x55
DAG_PB = 0x70

_SHA2_256 = b"\x12\x20"
_IDENTITY = b"\x01\x55\x00"
_TEXT = re.compile("b[a-z2-7]{58}")
_INLINE = re.compile("bafk[a-z2-7]{4,207}")

GetBlock = Callable[[str], bytes]


class Link(NamedTuple):
    """A link to a node: its CID, bytes of all blocks of its subtree, bytes of the file in them."""

    cid: str
    tree_size: int
    file_size: int


def cid_of(data: bytes) -> str:
    """The CID of a file with these bytes."""
    root = ""
    for cid, _ in blocks_of(data):
        root = cid
    return root


def blocks_of(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Every block of the file as (CID, bytes), leaves first, the root last."""
    leaves = []
    for start in range(0, len(data) or 1, CHUNK):
        chunk = data[start : start + CHUNK]
        leaves.append(leaf(chunk))
        yield leaves[-1].cid, chunk
    yield from nodes_over(leaves)


def leaf(chunk: bytes) -> Link:
    """The raw block of one chunk of at most 1 MiB."""
    return Link(raw_cid(sha256(chunk).digest()), len(chunk), len(chunk))


def nodes_over(level: list[Link]) -> Iterator[tuple[str, bytes]]:
    """The dag-pb nodes that join these links under one root; none for a single link.

    Every group gets a node, even a group of one link, so all leaves have the same depth.
    """
    while len(level) > 1:
        above = []
        for start in range(0, len(level), WIDTH):
            link, block = _node(level[start : start + WIDTH])
            above.append(link)
            yield link.cid, block
        level = above


def raw_cid(digest: bytes) -> str:
    """The CID of the raw block with this sha2-256 digest (32 bytes)."""
    return encode(RAW, digest)


def encode(codec: int, digest: bytes) -> str:
    """The text of a CIDv1. `codec` is RAW or DAG_PB, `digest` 32 bytes of sha2-256.

    Raises:
        InvalidInput: the digest is not 32 bytes, or the codec is neither RAW nor DAG_PB.
    """
    if codec not in (RAW, DAG_PB):
        raise InvalidInput("must be the codec raw or dag-pb", field="cid", value=hex(codec))
    if len(digest) != 32:
        raise InvalidInput("must have 32 bytes", field="digest", value=len(digest))
    return _text(bytes((1, codec)) + _SHA2_256 + digest)


def decode(cid: str) -> tuple[int, bytes]:
    """The codec (RAW or DAG_PB) and the sha2-256 digest (32 bytes) of a CID.

    Accepts only the spelling that `encode` writes, so an accepted CID is safe in a path, a URL or a
    header.

    Raises:
        InvalidInput: CIDv0, another base, codec or hash, or not a CID.
    """
    if not isinstance(cid, str):
        raise InvalidInput(f"must be {_hint(cid)}", field="cid", value=cid)
    return _decoded(cid)


@lru_cache(maxsize=4_096)
def _decoded(cid: str) -> tuple[int, bytes]:
    if not _TEXT.fullmatch(cid):
        raise InvalidInput(f"must be {_hint(cid)}", field="cid", value=cid)
    raw = binary(cid)
    if raw[0] != 1 or raw[1] not in (RAW, DAG_PB) or raw[2:4] != _SHA2_256 or _text(raw) != cid:
        detail = "must be version 1, raw or dag-pb, with sha2-256"
        raise InvalidInput(detail, field="cid", value=cid)
    return raw[1], raw[4:]


def inline(cid: str) -> bytes | None:
    """The bytes that a CID of the codec raw and the hash function identity holds itself.

    None for any other text, for another spelling, and for more than 127 bytes.
    """
    if not isinstance(cid, str) or not _INLINE.fullmatch(cid):
        return None
    try:
        raw = binary(cid)
    except ValueError:
        return None
    same = raw[:3] == _IDENTITY and raw[3:4] == bytes((len(raw) - 4,)) and _text(raw) == cid
    return raw[4:] if same else None


def binary(cid: str) -> bytes:
    """The bytes of a CID, as links and CAR files contain them: 36 where it is a hash."""
    return base64.b32decode(cid[1:].upper() + "=" * (-(len(cid) - 1) % 8))


def check(cid: str, block: bytes) -> bytes:
    """Returns the block when its sha2-256 is the digest in the CID.

    Raises:
        InvalidInput: the CID is malformed.
        WrongBytes: the block has another digest, or more than 1 MiB.
    """
    _, digest = decode(cid)
    if len(block) > CHUNK or sha256(block).digest() != digest:
        raise WrongBytes(f"the {len(block)} bytes do not hash to this CID", field="cid", value=cid)
    return block


def walk(cid: str, get_block: GetBlock, limit: int = LIMIT) -> Iterator[tuple[str, bytes]]:
    """Checks and yields every block of a CID's tree, depth first, parents before children.

    Args:
        get_block: returns the bytes of a block; raises NotFound when it has none.
        limit: largest size of the file in bytes. A tree with more blocks than the profile needs
            for this size is refused before they are fetched, because a small node can link to
            another one a thousand times.

    Raises:
        InvalidInput, WrongBytes, and the errors of `get_block`.
    """
    waiting, visited, size, most = [cid], 0, 0, _blocks_for(limit)
    while waiting:
        name = waiting.pop()
        codec, _ = decode(name)
        block = check(name, get_block(name))
        visited += 1
        if codec == DAG_PB:
            waiting.extend(_text(link) for link in reversed(dagpb.links(block)))
        else:
            size += len(block)
        if size > limit or visited + len(waiting) > most:
            raise InvalidInput(f"is a file of more than {limit} bytes", field="cid", value=cid)
        yield name, block


def read(cid: str, get_block: GetBlock, limit: int = LIMIT) -> bytes:
    """The file of a CID, assembled from untrusted blocks. Arguments as for `walk`.

    Raises:
        InvalidInput: the CID is malformed, or the file is larger than `limit` or built by another
            profile.
        WrongBytes: a block does not hash to its CID.
    """
    blocks = walk(cid, get_block, limit)
    data = b"".join(block for name, block in blocks if decode(name)[0] == RAW)
    if cid_of(data) != cid:
        raise InvalidInput("is not a file of the profile unixfs-v1-2025", field="cid", value=cid)
    return data


def _node(children: list[Link]) -> tuple[Link, bytes]:
    block = dagpb.node((binary(cid), tree, size) for cid, tree, size in children)
    tree_size = len(block) + sum(child.tree_size for child in children)
    file_size = sum(child.file_size for child in children)
    return Link(encode(DAG_PB, sha256(block).digest()), tree_size, file_size), block


def _blocks_for(size: int) -> int:
    level = total = -(-size // CHUNK) or 1
    while level > 1:
        level = -(-level // WIDTH)
        total += level
    return total


@lru_cache(maxsize=4_096)
def _text(raw: bytes) -> str:
    return "b" + base64.b32encode(raw).decode().rstrip("=").lower()


def _hint(cid: object) -> str:
    if isinstance(cid, str) and cid.startswith("Qm"):
        return "a CIDv1 in base32, not a CIDv0"
    return "a CIDv1: b, then 58 of a-z and 2-7"
