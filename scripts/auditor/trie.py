"""Merkle-Patricia tries: what a proof says about one key, and the root of a whole trie."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from eth_utils import keccak

from .report import Disproved
from .rlp import Item, decode, encode

EMPTY = keccak(encode(b""))
"""The root of a trie without keys."""


def proven(root: bytes, path: bytes, proof: Sequence[bytes]) -> bytes:
    """The value under `path` in the trie with this root; empty where the trie has no such key.

    Raises:
        Disproved: the nodes of the proof do not lead from the root to an end of the path.
    """
    known = {keccak(node): node for node in proof}
    left: list[int] | None = nibbles(path)
    item: Item = root if root != EMPTY else b""
    while left is not None and item != b"":
        try:
            item, left = _step(_node(item, known), left)
        except (LookupError, TypeError, ValueError) as error:
            raise Disproved(f"the proof lacks a node ({type(error).__name__})") from None
    return bytes(item)


def _step(node: list[Item], left: list[int]) -> tuple[Item, list[int] | None]:
    """The child of a node and the path below it; its value, and no path, where the path ends."""
    if len(node) == 2:
        return _along(node, left)
    return (node[left[0]], left[1:]) if left else (node[16], None)


def _node(item: Item, known: Mapping[bytes, bytes]) -> list[Item]:
    """The node that a reference names; a short node stands in its parent itself."""
    node = item if isinstance(item, list) else decode(known[item])
    if len(node) not in (2, 17):
        raise ValueError("no node of a trie")
    return list(node)


def _along(node: list[Item], left: list[int]) -> tuple[Item, list[int] | None]:
    """From an extension to its child, from a leaf to its value; `left` is None at a value."""
    prefix, is_leaf = _unpacked(node[0])
    if is_leaf:
        return (node[1], None) if prefix == left else (b"", left)
    if left[:len(prefix)] != prefix:
        return b"", left
    return node[1], left[len(prefix):]


def nibbles(data: bytes) -> list[int]:
    """Two numbers of 4 bits for each byte, the high one first."""
    return [half for byte in data for half in (byte >> 4, byte & 15)]


def _unpacked(packed: bytes) -> tuple[list[int], bool]:
    """The path of a leaf or an extension, and whether it is a leaf."""
    flag, *rest = nibbles(packed)
    return (rest if flag & 1 else rest[1:]), flag >= 2


def _packed(path: list[int], is_leaf: bool) -> bytes:
    flag = 2 * is_leaf + len(path) % 2
    digits = [flag, *path] if len(path) % 2 else [flag, 0, *path]
    return bytes(16 * high + low for high, low in zip(digits[::2], digits[1::2], strict=True))


def root_of(values: Mapping[bytes, bytes]) -> bytes:
    """The root of the trie with these values by path; no value is empty."""
    rows = sorted((nibbles(path), value) for path, value in values.items())
    return keccak(encode(_built(rows))) if rows else EMPTY


def _built(rows: list[tuple[list[int], bytes]]) -> list[Item]:
    """The node over sorted paths."""
    first, last = rows[0][0], rows[-1][0]
    if len(rows) == 1:
        return [_packed(first, True), rows[0][1]]
    same = next((n for n, pair in enumerate(zip(first, last, strict=False))
                 if pair[0] != pair[1]), min(len(first), len(last)))
    if same:
        below = [(path[same:], value) for path, value in rows]
        return [_packed(first[:same], False), _named(_built(below))]
    node: list[Item] = [b""] * 17
    for digit in range(16):
        below = [(path[1:], value) for path, value in rows if path and path[0] == digit]
        node[digit] = _named(_built(below)) if below else b""
    node[16] = rows[0][1] if not first else b""
    return node


def _named(node: list[Item]) -> Item:
    """How a parent names a node: by its hash, or by itself where that is shorter."""
    encoded = encode(node)
    return node if len(encoded) < 32 else keccak(encoded)
