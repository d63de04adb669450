"""Measures a recording while it is read: whether anything is heard, and how loud it plays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.audio.decode import AudioError
from generator.engines.mosaic.loudness import Energies
from generator.engines.mosaic.playing_gain import PEAK_BLOCK, playing_gain

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

QUIETEST = 1e-8
"""Mean square (-80 dBFS) below which a recording is silent."""
HEARD = 0.125
"""Least ratio of K-weighted to plain energy. A tone of 28 Hz has this ratio; music has 0.5 to 2."""


class Meter:
    """Loudness, power and peaks of a recording whose samples come in pieces."""

    def __init__(self) -> None:
        import numpy as np

        self._energies = Energies()
        self._plain = 0.0
        self._values = 0
        self._begun = np.zeros((0, 2))
        self._peaks: list[Floats] = []

    def listen(self, samples: Floats) -> None:
        """Receive the next samples, (frames, 2)."""
        import numpy as np

        self._energies.listen(samples)
        self._plain += float(np.sum(np.square(samples)))
        self._values += samples.size
        ready = np.concatenate([self._begun, samples])
        whole = len(ready) // PEAK_BLOCK * PEAK_BLOCK
        self._peaks.append(np.abs(ready[:whole].reshape(-1, 2 * PEAK_BLOCK)).max(axis=1))
        self._begun = ready[whole:]

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
        """See `playing_gain.playing_gain`; the last block may be incomplete."""
        import numpy as np

        last = [np.array([np.abs(self._begun).max()])] if len(self._begun) else []
        return playing_gain(self._energies.steps(), np.concatenate([*self._peaks, *last]))
