"""Finds the peaks of a signal: local maxima of a spectrum with logarithmic frequency.

A move in pitch shifts all tones alike, and a change of tempo scales all times alike, so what is
compared later are differences of tones and ratios of times. Source of the method: Wang, "An
Industrial-Strength Audio Search Algorithm" (2003), for peaks; Sonnleitner and Widmer, "Quad-based
audio fingerprinting" (2016), for the invariance.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from generator.fingerprints.fingerprint import (
    HOP,
    LOWEST_HERTZ,
    MOST_PEAKS,
    OCTAVES,
    PER_OCTAVE,
    PER_SECOND,
    RATE,
    STEPS_PER_SECOND,
    TONES,
    Fingerprint,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Integers = NDArray[np.int64]

WINDOW = 2_048
"""Frames of a window, 186 ms."""
BINS = 48
"""Bins in an octave of the spectrum in which maxima are found."""
AROUND = (9, 7)
"""Steps and bins on either side within which a peak is the largest."""
LEAST_RISE = 3.0
"""Decibels above what is around it that make a peak; in silence nothing rises."""
LOWEST = -100.0
"""Decibels of silence; heights are counted from it."""
AROUND_FLOOR = 431
"""Steps whose mean loudness decides what counts, 10 s: one loud sound hides no quiet music."""
FLOOR, DEEPEST = 45.0, 90.0
"""Decibels under that mean, and under the loudest bin of all, below which nothing counts."""
LINEAR = 700
"""Bins of the linear spectrum that are used, up to 3,768 Hz."""
BLOCK = 4_096
"""Steps of which the spectrum is made at a time."""


def fingerprint(signal: Floats) -> Fingerprint:
    """The fingerprint of a signal.

    Args:
        signal: (frames, channels) at 11,025 Hz. Powers of channels are summed, so that nothing
            cancels out.
    """
    import numpy as np

    decibels = spectrum(signal)
    levels = logarithmic(decibels)
    times, bins, rises = _maxima(levels, _floors(levels))
    chosen = _strongest(times, rises)
    times, bins = times[chosen], bins[chosen]
    places = times * TONES + _refined(decibels, times, bins)
    order, first = np.unique(places, return_index=True)
    heights = np.rint(levels[times[first], bins[first]] - LOWEST).astype(np.int64).clip(0, 255)
    kept = slice(0, MOST_PEAKS)
    return Fingerprint(len(levels), order[kept] // TONES, order[kept] % TONES, heights[kept])


def slowed(signal: Floats, rate: int) -> Floats:
    """A signal at 11,025 Hz; coarser and faster than what engines use, which peaks do not need."""
    import numpy as np
    from scipy.signal import resample_poly

    common = math.gcd(rate, RATE)
    return resample_poly(signal, RATE // common, rate // common, axis=0).astype(np.float32)


def spectrum(signal: Floats) -> Floats:
    """Decibels of (steps, LINEAR): windows of 2,048 frames, each 256 after the one before."""
    import numpy as np

    steps = max(1, -(-len(signal) // HOP))
    behind = max(0, (steps - 1) * HOP + WINDOW // 2 - len(signal))
    padded = np.pad(signal.astype(np.float32), ((WINDOW // 2, behind), (0, 0)))
    made = np.empty((steps, LINEAR), np.float32)
    for first in range(0, steps, BLOCK):
        count = min(BLOCK, steps - first)
        part = padded[first * HOP : (first + count - 1) * HOP + WINDOW]
        made[first : first + count] = 10 * np.log10(_power(part) + np.float32(10 ** (LOWEST / 10)))
    return made


def _power(part: Floats) -> Floats:
    """The power of each window, summed over channels: (windows, LINEAR)."""
    import numpy as np

    window = np.hanning(WINDOW + 1)[:-1].astype(np.float32)
    total: Floats = np.zeros(1, np.float32)
    for channel in part.T:
        cut = np.lib.stride_tricks.sliding_window_view(channel, WINDOW)[::HOP]
        found = np.fft.rfft(cut * window, axis=1)[:, :LINEAR]
        total = total + (found.real**2 + found.imag**2).astype(np.float32)
    return total


def logarithmic(decibels: Floats) -> Floats:
    """The same in 48 bins an octave: (steps, OCTAVES * BINS + 1).

    Low bins are narrower than linear ones, and are interpolated; high ones hold several, of which
    the largest counts.
    """
    import numpy as np

    bins = np.arange(OCTAVES * BINS + 1)
    low, share = _places(bins)
    first, last = (_places(bins + half)[0] + 1 for half in (-0.5, 0.5))
    between = decibels[:, low] * (1 - share) + decibels[:, low + 1] * share
    edges = np.stack([first, np.maximum(last, first + 1)], axis=1).ravel()
    largest = np.maximum.reduceat(decibels, edges, axis=1)[:, ::2]
    return np.where(last > first, np.maximum(between, largest), between)


def _places(bins: NDArray[Any]) -> tuple[Integers, Floats]:
    """For each bin the linear bin at or below it, and the share of the next one."""
    import numpy as np

    place = LOWEST_HERTZ * 2.0 ** (bins / BINS) * WINDOW / RATE
    low = np.floor(place).astype(np.int64)
    return low, (place - low).astype(np.float32)


def _floors(levels: Floats) -> Floats:
    """For each step the decibels below which nothing counts: (steps, 1)."""
    import numpy as np
    from scipy.ndimage import uniform_filter1d

    tops = levels.max(axis=1)
    floors = uniform_filter1d(tops, AROUND_FLOOR, mode="nearest") - FLOOR
    return np.maximum(floors, max(tops.max() - DEEPEST, LOWEST))[:, None].astype(np.float32)


def _maxima(levels: Floats, floors: Floats) -> tuple[Integers, Integers, Floats]:
    """Steps and bins of the local maxima, and how far they rise above what is around them."""
    import numpy as np
    from scipy.ndimage import maximum_filter, uniform_filter

    size = tuple(2 * each + 1 for each in AROUND)
    audible, levels = levels > floors, np.maximum(levels, floors)
    largest = (levels == maximum_filter(levels, size, mode="nearest")) & audible
    largest[:, 0] = largest[:, -1] = False
    rises = levels - uniform_filter(levels, (4 * AROUND[0] + 1, 4 * AROUND[1] + 1), mode="nearest")
    times, bins = np.nonzero(largest & (rises > LEAST_RISE))
    return times, bins, rises[times, bins]


def _refined(decibels: Floats, times: Integers, bins: Integers) -> Integers:
    """The tone of each maximum: the top of a parabola through the largest linear bin near it."""
    import numpy as np

    low, high = _places(bins - 0.5)[0], _places(bins + 0.5)[0] + 1
    top = low.copy()
    for ahead in range(1, int((high - low).max(initial=0)) + 1):
        at = np.minimum(low + ahead, high)
        top = np.where(decibels[times, at] > decibels[times, top], at, top)
    before, at, after = (decibels[times, top + step] for step in (-1, 0, 1))
    bend = np.minimum(before - 2 * at + after, -1e-6)
    hertz = (top + np.clip((before - after) / (2 * bend), -0.5, 0.5)) * (RATE / WINDOW)
    tones = np.rint(np.log2(hertz / LOWEST_HERTZ) * PER_OCTAVE)
    return np.clip(tones, 0, TONES - 1).astype(np.int64)


def _strongest(times: Integers, rises: Floats) -> Integers:
    """The peaks that are among the strongest of their own second, ascending by time."""
    import numpy as np

    length = math.ceil(STEPS_PER_SECOND)
    second = times // length
    order = np.lexsort((times, -rises, second))
    ranked = second[order]
    first = np.searchsorted(ranked, ranked, side="left")
    kept = order[np.arange(len(order)) - first < PER_SECOND]
    return np.sort(kept)
