"""Whether the keys on both sides of a change fit, heard from finished audio.

The amplitudes of the twelve pitch classes of up to four seconds before and after the change are
compared by Pearson's correlation. Below 0.3 they clash: a sixth of the places inside a song do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

RATE = 44_100
WINDOW, HOP = 8192, 4096
LOWEST, HIGHEST = 65.0, 2_000.0
SIDE, LEAST = 4 * RATE, RATE
"""Frames that are heard on each side of a change: at most, and at least."""
CLASH = 0.3


def pitch_classes(track: Floats) -> Floats:
    """Power in twelve pitch classes from C on per 4096 frames, (rows, 12).

    **Shape** in (frames, 2).
    """
    import numpy as np

    mono = np.pad(track.mean(axis=1), WINDOW // 2)
    rows = np.lib.stride_tricks.sliding_window_view(mono, WINDOW)[::HOP]
    hertz = np.fft.rfftfreq(WINDOW, 1 / RATE)
    inside = (hertz > LOWEST) & (hertz < HIGHEST)
    classes = np.rint(69 + 12 * np.log2(hertz[inside] / 440)).astype(int) % 12
    table = (classes[:, None] == np.arange(12)).astype(np.float64)
    window = np.hanning(WINDOW)
    power = [np.abs(np.fft.rfft(row * window))[inside] ** 2 @ table for row in rows]
    return np.array(power)


def clashes(classes: Floats, changes: Sequence[tuple[int, int, int]]) -> list[bool]:
    """Whether each change clashes.

    Args:
        classes: from `pitch_classes`.
        changes: (first, middle, last) frames of each: what is heard before and after the middle.
    """
    import numpy as np

    found = []
    for first, middle, last in changes:
        low, high = max(first, middle - SIDE), min(last, middle + SIDE)
        if middle - low >= LEAST and high - middle >= LEAST:
            before, after = (
                np.sqrt(classes[one // HOP : other // HOP].sum(axis=0))
                for one, other in ((low, middle), (middle, high))
            )
            found.append(bool(np.corrcoef(before, after)[0, 1] < CLASH))
    return found


def every(frames: int, step: int) -> list[tuple[int, int, int]]:
    """Changes at regular frames, to compare a song with itself."""
    return [(0, middle, frames) for middle in range(SIDE, frames - SIDE, step)]
