"""Seeded random numbers: splitmix64 in integers, which is the same on every machine."""

import hashlib
from typing import Final

import numpy as np
from numpy.typing import NDArray

from scripts.songs.maths import Signal

_GAMMA: Final = 0x9E3779B97F4A7C15
_FIRST: Final = np.uint64(0xBF58476D1CE4E5B9)
_SECOND: Final = np.uint64(0x94D049BB133111EB)


def _mix(state: NDArray[np.uint64]) -> NDArray[np.uint64]:
    state = (state ^ (state >> np.uint64(30))) * _FIRST
    state = (state ^ (state >> np.uint64(27))) * _SECOND
    return state ^ (state >> np.uint64(31))


class Dice:
    """A stream of random numbers; the same key always gives the same stream."""

    def __init__(self, *key: str | int) -> None:
        digest = hashlib.sha256("/".join(str(part) for part in key).encode()).digest()
        self._state = int.from_bytes(digest[:8], "big")

    def uniform(self, count: int) -> Signal:
        """`count` numbers in [0, 1): shape (count,)."""
        steps = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(_GAMMA)
        words = _mix(steps + np.uint64(self._state))
        self._state = (self._state + count * _GAMMA) % 2**64
        return (words >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def noise(self, count: int) -> Signal:
        """White noise in [-1, 1): shape (count,)."""
        return self.uniform(count) * 2.0 - 1.0

    def within(self, reach: float) -> float:
        """One number in (-reach, reach); numbers near 0 are more frequent."""
        first, second = self.uniform(2)
        return float((first - second) * reach)
