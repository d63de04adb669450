"""The key around one moment: pitch classes of a few neighbouring grains, in integers.

The key of a whole recording says little about the place at which a track leaves it. So the cost of
a grain compares what has just sounded with what this place of the reference is about to play.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]

WINDOW = 8
"""Grains (two bars) from which a local key is read."""
WORTH = 5_000
"""Cost, in hundredths of a decibel, of a place whose key has nothing in common with the last."""
MILLION = 1_000_000
TONIC = (5, 0, 0, 0, 3, 0, 0, 4, 0, 0, 0, 0)
"""Weights of a major triad on pitch class 0."""
MAJOR = (635, 223, 348, 233, 438, 409, 252, 519, 239, 366, 229, 288)
MINOR = (633, 268, 352, 538, 260, 353, 254, 475, 398, 269, 334, 317)
"""Key profiles of Krumhansl and Kessler (1982), in hundredths."""


def powers(classes: Integers) -> Integers:
    """Power of each pitch class from the features 4 sqrt(share) in hundredths; (G, 12)."""
    return classes * classes


def ahead(classes: Integers) -> Integers:
    """For each grain the sum of powers over it and the next seven grains; (G, 12)."""
    import numpy as np

    sums = np.concatenate([np.zeros((1, 12), dtype=np.int64), np.cumsum(powers(classes), axis=0)])
    first = np.arange(len(classes))
    return sums[np.minimum(first + WINDOW, len(classes))] - sums[first]


def behind(played: Sequence[Integers]) -> Integers:
    """The same over the pitch classes of the last eight grains that sounded; (12,)."""
    import numpy as np

    return powers(np.stack(list(played[-WINDOW:]))).sum(axis=0)


def distance(profiles: Integers, target: Integers) -> Integers:
    """1 minus Pearson's correlation with the target, in millionths (0..2,000,000); (G,)."""
    import numpy as np

    rows, wanted = _centred(profiles), _centred(target[None])[0]
    products = rows @ wanted
    squares = np.square(rows).sum(axis=1) * int(np.square(wanted).sum())
    scale = np.array([isqrt(int(value)) for value in squares], dtype=np.int64)
    return MILLION - products * MILLION // np.maximum(scale, 1)


def _centred(profiles: Integers) -> Integers:
    """Rows minus their mean, at most 2,000 in size, so that no product overflows."""
    import numpy as np

    most = np.maximum(profiles.max(axis=1, keepdims=True), 1)
    scaled = profiles * 1_200 // most
    return scaled - scaled.sum(axis=1, keepdims=True) // 12


def tonic_of(key: Sequence[int]) -> tuple[int, bool]:
    """Pitch class of the tonic of twelve levels, and whether the key is minor."""
    import numpy as np

    profiles = np.array(
        [np.roll(shape, note) for shape in (MAJOR, MINOR) for note in range(12)], dtype=np.int64
    )
    best = int(np.argmin(distance(profiles, np.array(key, dtype=np.int64))))
    return best % 12, best >= 12


def triad(root: int, minor: bool) -> Integers:
    """A triad as twelve levels."""
    import numpy as np

    shape = list(TONIC)
    if minor:
        shape[3], shape[4] = shape[4], 0
    return np.roll(np.array(shape, dtype=np.int64), root)
