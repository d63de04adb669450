"""Measures a recording while it is read: whether anything is heard, and how loud it plays."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from generator.attribution.trace import UNITY
from generator.audio.decode import AudioError
from generator.engines.mosaic.loudness import Energies, gated

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LEVEL = -14.0
"""LUFS to which every reference is brought before it is cut."""
MOST_GAIN = 30.0
"""The most make-up gain, in decibels."""
MOST_PEAK = 12.0
"""The highest peak after make-up gain, in decibels above full scale."""
QUIETEST = 1e-8
"""Mean square (-80 dBFS) below which a recording is silent."""
HEARD = 0.125
"""Least ratio of K-weighted to plain energy. A tone of 28 Hz has this ratio; music has 0.5 to 2."""


class Meter:
    """Loudness, power and peak of a recording whose samples come in pieces."""

    def __init__(self) -> None:
        self._energies = Energies()
        self._plain = 0.0
        self._peak = 0.0
        self._values = 0

    def listen(self, samples: Floats) -> None:
        """Receive the next samples, (frames, 2)."""
        import numpy as np

        self._energies.listen(samples)
        self._plain += float(np.sum(np.square(samples)))
        self._peak = max(self._peak, float(np.max(np.abs(samples), initial=0.0)))
        self._values += samples.size

    def require_sound(self) -> None:
        """Raises AudioError for a recording of which nothing is heard."""
        power = self._plain / max(1, self._values)
        if power < QUIETEST:
            raise AudioError("is silent above 25 Hz", field="audio.power", value=f"{power:.3e}")
        share = self._energies.total / self._plain
        if share < HEARD:
            detail = "has nearly all its power below 28 Hz: cut that off first"
            raise AudioError(detail, field="audio.power", value=f"{share:.3f}")

    def playing_gain(self) -> int:
        """Gain in 1/65,536 that brings the recording to -14 LUFS, limited to 30 dB and by its peak.

        Raises:
            AudioError: no 400 ms of the recording are louder than -70 LUFS.
        """
        level = gated(self._energies.steps())
        if level == -math.inf:
            raise AudioError("has nothing above -70 LUFS", field="audio.loudness", value="-inf")
        peak = 20 * math.log10(self._peak)
        return round(10 ** (min(LEVEL - level, MOST_GAIN, MOST_PEAK - peak) / 20) * UNITY)
