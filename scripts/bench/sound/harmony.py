"""Whether the keys on both sides of a change fit, heard from finished audio.

A side has a key: the one of 24 whose profile (Krumhansl and Kessler 1982) correlates best with the
pitch classes of up to four seconds. Two keys clash if their scales share fewer than six tones.
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
MAJOR = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
MINOR = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)


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


def scale_of(classes: Floats) -> int:
    """Place on the circle of fifths (0..11) of the scale that fits the sum of rows best."""
    import numpy as np

    heard = np.sqrt(classes.sum(axis=0))
    shapes = [np.roll(shape, note) for shape in (MAJOR, MINOR) for note in range(12)]
    best = int(np.argmax([np.corrcoef(heard, shape)[0, 1] for shape in shapes]))
    major = best if best < 12 else best + 3
    return major * 7 % 12


def clash(one: int, other: int) -> bool:
    """Whether two scales share fewer than six tones."""
    away = (one - other) % 12
    return min(away, 12 - away) > 1


def clashes(classes: Floats, changes: Sequence[tuple[int, int, int]]) -> list[bool]:
    """Whether each change clashes.

    Args:
        classes: from `pitch_classes`.
        changes: (first, middle, last) frames of each: what is heard before and after the middle.
    """
    found = []
    for first, middle, last in changes:
        low, high = max(first, middle - SIDE), min(last, middle + SIDE)
        if middle - low >= LEAST and high - middle >= LEAST:
            before = scale_of(classes[low // HOP : middle // HOP])
            found.append(clash(before, scale_of(classes[middle // HOP : high // HOP])))
    return found


def every(frames: int, step: int) -> list[tuple[int, int, int]]:
    """Changes at regular frames, to compare a song with itself."""
    return [(0, middle, frames) for middle in range(SIDE, frames - SIDE, step)]
