"""dag-pb nodes of files: the bytes of a node that joins others, and the links found in one.

Only what UnixFS files need of protocol buffers: varints and length-prefixed bytes. The encoding is
the canonical one (links before data, an empty name in every link), or the hashes would differ from
everyone else's. Sources: the IPLD dag-pb and the UnixFS specifications.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from oracle.domain.errors import InvalidInput

_VARINT, _BYTES = 0, 2
_DATA, _LINK = 1, 2
_HASH, _NAME, _TREE_SIZE = 1, 2, 3
_TYPE, _FILE_SIZE, _CHILD_SIZE = 1, 3, 4
_FILE = 2


def node(children: Iterable[tuple[bytes, int, int]]) -> bytes:
    """The node of a file that joins these children, in this order.

    Args:
        children: of each its binary CID, the bytes of all blocks from it down, and the bytes of
            the file that are in them.
    """
    links, sizes = [], []
    for cid, tree_size, file_size in children:
        link = _bytes(_HASH, cid) + _bytes(_NAME, b"") + _number(_TREE_SIZE, tree_size)
        links.append(_bytes(_LINK, link))
        sizes.append(file_size)
    unixfs = _number(_TYPE, _FILE) + _number(_FILE_SIZE, sum(sizes))
    unixfs += b"".join(_number(_CHILD_SIZE, size) for size in sizes)
    return b"".join(links) + _bytes(_DATA, unixfs)


def links(block: bytes) -> list[bytes]:
    """The binary CIDs a node links to, in order. Raises InvalidInput when it is no node."""
    found = []
    for number, value in _fields(block):
        if number == _LINK:
            found.append(_hash_of(value))
    return found


def file_size(block: bytes) -> int:
    """How many bytes the file below a node says it has. Raises InvalidInput when it is no file."""
    data = dict(_fields(block)).get(_DATA, 0)
    unixfs = dict(_fields(data)) if isinstance(data, bytes) else {}
    size = unixfs.get(_FILE_SIZE)
    if unixfs.get(_TYPE) != _FILE or not isinstance(size, int):
        raise InvalidInput("not the node of a file", field="block")
    return size


def _hash_of(link: int | bytes) -> bytes:
    if isinstance(link, bytes):
        for number, value in _fields(link):
            if number == _HASH and isinstance(value, bytes):
                return value
    raise InvalidInput("a dag-pb link without a CID", field="block")


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    at = 0
    while at < len(message):
        key, at = _take(message, at)
        number, at = _take(message, at)
        if key & 7 == _VARINT:
            yield key >> 3, number
            continue
        start, at = at, at + number
        if key & 7 != _BYTES or at > len(message):
            raise InvalidInput("not a dag-pb node", field="block")
        yield key >> 3, message[start:at]


def _take(message: bytes, at: int) -> tuple[int, int]:
    value = 0
    for place, byte in enumerate(message[at : at + 9]):
        value |= (byte & 127) << (7 * place)
        if byte < 128:
            return value, at + place + 1
    raise InvalidInput("not a dag-pb node", field="block")


def varint(value: int) -> bytes:
    """An unsigned number, seven bits a byte, the least first."""
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes((*out, value))


def _number(field: int, value: int) -> bytes:
    return varint(field << 3 | _VARINT) + varint(value)


def _bytes(field: int, value: bytes) -> bytes:
    return varint(field << 3 | _BYTES) + varint(len(value)) + value
