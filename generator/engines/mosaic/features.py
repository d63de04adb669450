"""Features of a grain, in integers: 36 of its harmonic part, 32 of its percussive part.

Features describe the recording at its playing level, so a quieter copy has the same features.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.engines.mosaic.attacks import FINE
from generator.engines.mosaic.constants import HOP, WINDOW
from generator.engines.mosaic.spectra import BANDS, CHROMA_HOP, FRAME_ZERO

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

SLOTS = 8
"""Parts into which a grain is divided; their levels form its percussive envelope."""
CHROMA_SCALE = 4.0
FLOOR = 1e-6
"""Mean square below which all levels count as equal: -60 dB, the limit of audibility."""
_BANDS_SCALE = WINDOW * 0.375 * 2
"""Power of one bin, both channels, of white noise of mean square 1: sum of the squared window."""


@dataclass(frozen=True)
class Heard:
    """The measurements from which features are computed.

    Args:
        harmonic, percussive: power in mel bands per STFT frame, (frames, 24).
        chroma: power in pitch classes per 2048 samples, (frames, 12).
        energy: from `attacks.block_energy`, of the percussive layer, (blocks,).
        rises: from `attacks.attacks`, of the percussive layer, (blocks,).
        weighted: from `layer_levels.weighted`, of each layer, (2, blocks).
        peaks: from `layer_levels.block_peaks`, of each layer, (2, blocks).
        gain: factor to the playing level.
    """

    harmonic: Floats
    percussive: Floats
    chroma: Floats
    energy: Floats
    rises: Floats
    weighted: Integers
    peaks: Floats
    gain: float


def harmonic_features(heard: Heard, starts: Integers) -> Integers:
    """Log-mel 24 in dB and 4 sqrt(chroma 12), in hundredths, (grains, 36).

    Args:
        starts: grains + 1 samples; grain i lies between starts i and i + 1.
    """
    import numpy as np

    mel = _levels(heard.harmonic / _BANDS_SCALE, _frames(starts), heard.gain)
    classes = _means(heard.chroma, -(-starts // CHROMA_HOP))
    share = (classes + 1e-9 / 12) / (classes.sum(axis=1, keepdims=True) + 1e-9)
    return np.concatenate([mel, _hundredths(CHROMA_SCALE * np.sqrt(share))], axis=1)


def percussive_features(heard: Heard, starts: Integers) -> Integers:
    """Log-mel 24 and the levels of eight parts, in hundredths of dB, (grains, 32)."""
    import numpy as np

    mel = _levels(heard.percussive / _BANDS_SCALE, _frames(starts), heard.gain)
    widths = np.diff(starts)[:, None]
    slots = starts[:-1, None] + widths * np.arange(SLOTS) // SLOTS
    bounds = np.concatenate([slots.ravel(), starts[-1:]]) // FINE
    envelope = _levels(heard.energy[:, None], bounds, heard.gain)
    return np.concatenate([mel, envelope.reshape(-1, SLOTS)], axis=1)


def _frames(starts: Integers) -> Integers:
    """The first STFT frame whose centre is at or after each sample."""
    return -(-(starts - FRAME_ZERO) // HOP)


def _levels(power: Floats, bounds: Integers, gain: float) -> Integers:
    import numpy as np

    means = _means(power, bounds) * gain * gain
    return _hundredths(10 * np.log10(np.maximum(means, 0.0) + FLOOR))


def _means(rows: Floats, bounds: Integers) -> Floats:
    """Mean of rows bounds[i]..bounds[i+1]-1, at least one row, (bounds - 1, columns)."""
    import numpy as np

    first = np.clip(bounds[:-1], 0, len(rows) - 1)
    last = np.clip(np.maximum(bounds[1:], first + 1), 1, len(rows))
    sums = np.concatenate([np.zeros((1, rows.shape[1])), np.cumsum(rows, axis=0)])
    return (sums[last] - sums[first]) / (last - first)[:, None]


def _hundredths(values: Floats) -> Integers:
    import numpy as np

    return np.rint(values * 100).astype(np.int64)


def decibels_of(gain: float) -> int:
    """A factor in hundredths of a decibel."""
    return round(2000 * math.log10(gain))


HARMONIC_SIZE = BANDS + 12
PERCUSSIVE_SIZE = BANDS + SLOTS
