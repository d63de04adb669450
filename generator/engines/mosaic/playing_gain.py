"""The gain at which a recording is played: to -14 LUFS, whatever a few wild samples say."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from generator.attribution.trace import UNITY
from generator.audio.decode import RATE, AudioError
from generator.engines.mosaic.loudness import decibels, energy_at, gated

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

LEVEL = -14.0
"""LUFS to which every reference is brought before it is cut."""
MOST_GAIN = 56.0
"""The most make-up gain, in decibels; it brings all that passes the loudness gate to `LEVEL`."""
MOST_PEAK = 12.0
"""The highest usual peak after make-up gain, in decibels above full scale."""
PEAK_BLOCK = RATE // 100
"""Frames (10 ms) of a block whose peak is judged."""
RARE = 1000
"""Two blocks, and one of so many, may be louder than all others without being judged."""


def playing_gain(energies: Integers, peaks: Floats) -> int:
    """Gain in 1/65,536 that brings a recording to -14 LUFS, limited to 56 dB and by its peaks.

    Args:
        energies: in steps of 100 ms, from `loudness.Energies`.
        peaks: largest magnitude of each block of `PEAK_BLOCK` frames, full scale 1.

    Raises:
        AudioError: no 400 ms of the recording are louder than -70 LUFS.
    """
    level = gated(usual_energies(energies))
    if level == -math.inf:
        raise AudioError("has nothing above -70 LUFS", field="audio.loudness", value="-inf")
    most = MOST_PEAK - decibels(usual_peak(peaks))
    return round(10 ** (min(LEVEL - level, MOST_GAIN, most) / 20) * UNITY)


def usual_energies(steps: Integers) -> Integers:
    """Energies of 100 ms, the rare loudest ones lowered to the next, unless that one is silent."""
    import numpy as np

    usual = np.sort(steps)[max(0, len(steps) - 1 - _rare(steps))] if len(steps) else 0
    return np.minimum(steps, usual) if 4 * usual > energy_at() else steps


def usual_peak(peaks: Floats) -> float:
    """The highest of the peaks of blocks, without the rare highest ones."""
    import numpy as np

    return float(np.sort(peaks)[max(0, len(peaks) - 1 - _rare(peaks))])


def _rare(blocks: Floats | Integers) -> int:
    """How many of the highest blocks are not judged."""
    return 2 + len(blocks) // RARE
