"""dag-pb nodes of files: writes a node that joins others, and reads the links of a node.

Implements only the parts of protocol buffers that UnixFS files use: varints and length-prefixed
bytes. The encoding is canonical (links before data, an empty name in every link); any other gives
hashes that differ from those of other IPFS tools.

Sources: the IPLD dag-pb and the UnixFS specifications.
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
        children: binary CID, bytes of all blocks of the child's subtree, and bytes of the file
            in them.
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
    """The binary CIDs of a node's links, in order. Raises InvalidInput when it is not a node."""
    found = []
    for number, value in _fields(block):
        if number == _LINK:
            found.append(_hash_of(value))
    return found


def file_size(block: bytes) -> int:
    """The size in bytes that a file's node declares. Raises InvalidInput for any other node."""
    data = dict(_fields(block)).get(_DATA, 0)
    unixfs = dict(_fields(data)) if isinstance(data, bytes) else {}
    size = unixfs.get(_FILE_SIZE)
    if unixfs.get(_TYPE) != _FILE or not isinstance(size, int):
        raise InvalidInput("is not the node of a file", field="block")
    return size


def _hash_of(link: int | bytes) -> bytes:
    if isinstance(link, bytes):
        for number, value in _fields(link):
            if number == _HASH and isinstance(value, bytes):
                return value
    raise InvalidInput("has a dag-pb link without a CID", field="block")


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
            raise InvalidInput("is not a dag-pb node", field="block")
        yield key >> 3, message[start:at]


def _take(message: bytes, at: int) -> tuple[int, int]:
    value = 0
    for place, byte in enumerate(message[at : at + 9]):
        value |= (byte & 127) << (7 * place)
        if byte < 128:
            return value, at + place + 1
    raise InvalidInput("is not a dag-pb node", field="block")


def varint(value: int) -> bytes:
    """An unsigned number in groups of seven bits, the lowest group first."""
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes((*out, value))


def _number(field: int, value: int) -> bytes:
    return varint(field << 3 | _VARINT) + varint(value)


def _bytes(field: int, value: bytes) -> bytes:
    return varint(field << 3 | _BYTES) + varint(len(value)) + value
