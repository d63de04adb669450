"""A seeded stream of numbers that is the same in every language: sha256 of seed and counter."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeVar

Item = TypeVar("Item")


class Stream:
    """Numbers drawn from `sha256(b"refrain mosaic 1" + seed + counter)`, 64 bits at a time.

    Args:
        seed: 0..2^64 - 1.
    """

    def __init__(self, seed: int) -> None:
        self._head = b"refrain mosaic 1" + seed.to_bytes(8, "big")
        self._counter = 0

    def below(self, bound: int) -> int:
        """An integer in 0..bound-1; the bias is below bound / 2^64."""
        block = hashlib.sha256(self._head + self._counter.to_bytes(8, "big")).digest()
        self._counter += 1
        return int.from_bytes(block[:8], "big") * bound >> 64

    def shuffled(self, items: Sequence[Item]) -> list[Item]:
        """A permutation of the items (Fisher and Yates, from the end)."""
        mixed = list(items)
        for last in range(len(mixed) - 1, 0, -1):
            other = self.below(last + 1)
            mixed[last], mixed[other] = mixed[other], mixed[last]
        return mixed
