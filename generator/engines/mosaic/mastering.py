"""Master gain and limiter: -14 LUFS with true peaks below -1.1 dBTP, in integers.

The trace holds the gain and the envelope, so rendering it again needs no loudness meter.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.attribution.trace import UNITY
from generator.engines.mosaic.loudness import (
    OVERSAMPLING,
    STEP,
    decibels,
    energies,
    gated,
    true_peaks,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float64]
    Integers = NDArray[np.int64]

TARGET = -14.0
"""Target loudness in LUFS."""
CEILING = -1.4
"""Target true peak in dBTP, four times oversampled; other meters read up to 0.1 dB more."""
MOST_GAIN = 12.0
"""The most make-up gain, in decibels."""
MOST_REDUCTION = 15.0
"""The most decibels by which the limiter lowers the highest peak; else the track is quieter."""
BLOCK = 210
"""Frames (4.8 ms) between points of the envelope; a whole number of them fills 100 ms."""
HOLD = 1
"""Blocks by which the limiter looks ahead, and blocks for which it holds after a peak."""
RELEASE = 16
"""Release time in blocks: the reduction falls to 37 % of its value."""
ROUNDS = 12
CLOSE = 0.01
"""Distance from the target, in LU, at which the search for the gain stops."""


@dataclass(frozen=True)
class Mastering:
    """Master gain in 1/65,536 and the envelope's points, as a trace holds them."""

    gain: int
    envelope: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Measured:
    """What the search needs of a mix, per block.

    Args:
        peaks: true peaks, (blocks,).
        energies: K-weighted energies, (blocks,).
    """

    peaks: Samples
    energies: Integers


def find(track: Samples) -> Mastering:
    """Gain and envelope for a mix of shape (frames, 2)."""
    measured = Measured(true_peaks(track, BLOCK), energies(track, BLOCK))
    gain = _search(measured)
    values = reductions(measured.peaks, gain)
    return Mastering(gain, _points(values))


def _search(measured: Measured) -> int:
    """The gain whose limited loudness is nearest the target."""
    loudness = _loudness(measured, UNITY, limited=False)
    most = _most(measured)
    if loudness == -math.inf:
        return UNITY
    decibel = min(TARGET - loudness, most)
    for _ in range(ROUNDS):
        gain = _units(decibel)
        miss = TARGET - _loudness(measured, gain, limited=True)
        if abs(miss) < CLOSE or (miss > 0 and decibel >= most):
            break
        decibel = min(decibel + miss, most)
    return _units(decibel)


def _most(measured: Measured) -> float:
    highest = decibels(float(measured.peaks.max(initial=0.0)))
    return min(MOST_GAIN, CEILING + MOST_REDUCTION - highest)


def _units(decibel: float) -> int:
    return max(1, round(10 ** (decibel / 20) * UNITY))


def _loudness(measured: Measured, gain: int, *, limited: bool) -> float:
    """Loudness at a gain: the envelope is nearly constant within a block, so energies scale."""
    import numpy as np

    factors = np.full(len(measured.energies), gain / UNITY)
    if limited:
        values = reductions(measured.peaks, gain)[: len(factors) + 1] / UNITY
        factors *= (values[: len(factors)] + values[1 : len(factors) + 1]) / 2
    scaled = np.rint(measured.energies * np.square(factors)).astype(np.int64)
    blocks = STEP // BLOCK
    whole = len(scaled) // blocks * blocks
    return gated(scaled[:whole].reshape(-1, blocks).sum(axis=1))


def reductions(peaks: Samples, gain: int) -> Integers:
    """Envelope in 1/65,536 at the bounds of blocks, (blocks + 1,).

    Linear between bounds, so a block obeys its peak if both its bounds do.
    """
    import numpy as np
    from scipy.ndimage import minimum_filter1d

    ceiling = 10 ** (CEILING / 20)
    allowed = ceiling / np.maximum(peaks * (gain / UNITY), ceiling)
    held = minimum_filter1d(allowed, 2 * HOLD + 1, mode="nearest")
    bounds = np.minimum(np.append(held, held[-1]), np.insert(held, 0, held[0]))
    return _released(np.floor(bounds * UNITY).astype(np.int64))


def _released(bounds: Integers) -> Integers:
    """The envelope rises slowly after a peak."""
    import numpy as np

    values = bounds.tolist()
    for index in range(1, len(values)):
        before = values[index - 1]
        values[index] = min(values[index], before + (UNITY - before + RELEASE - 1) // RELEASE)
    return np.array(values, dtype=np.int64)


def _points(values: Integers) -> tuple[tuple[int, int], ...]:
    """Points of the envelope without those inside a constant stretch."""
    numbers = values.tolist()
    last = len(numbers) - 1
    return tuple(
        (index * BLOCK, value)
        for index, value in enumerate(numbers)
        if index in (0, last) or not numbers[index - 1] == value == numbers[index + 1]
    )


def oversampled_peak(track: Samples) -> float:
    """True peak in dBTP of (frames, 2) samples, four times oversampled."""
    return decibels(float(true_peaks(track, STEP // OVERSAMPLING).max(initial=0.0)))
