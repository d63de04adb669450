"""Attacks: the points where the percussive layer suddenly gets louder, at 1.5 ms resolution."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.audio.decode import RATE
from generator.engines.mosaic.constants import LAYER_BITS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Frames = NDArray[np.int64]

FINE = 64
"""Time resolution of attacks in samples (1.5 ms)."""
REACH = 50 * RATE // 1000
"""Samples (50 ms) on each side of a tracked beat in which its attack is searched."""
NEAR = 30 * RATE // 1000
"""Distance from a tracked beat, in samples (30 ms), at which an attack has a weight of 61 %."""
RISE = 4
"""Rise time of an attack in fine steps (6 ms)."""
PIECE = FINE << 14
"""Samples processed at once."""
SHY = 221
"""Samples (5 ms) before the next attack at which a percussive grain ends."""
BEFORE = 70 * RATE // 1000
"""Samples (70 ms) before a beat in which another attack would be heard as a double attack."""


def block_energy(layer: NDArray[np.int32]) -> Floats:
    """Mean square over both channels of each 64 samples, (samples // 64,), 1.0 is full scale.

    **Shape** in (samples, 2), a layer. Processed in pieces, to bound memory.
    """
    import numpy as np

    whole = len(layer) // FINE * FINE
    means = [np.zeros(0)]
    for first in range(0, whole, PIECE):
        part = layer[first : min(first + PIECE, whole)].astype(np.float64)
        means.append(np.square(part.reshape(-1, FINE * 2)).mean(axis=1))
    return np.concatenate(means) / 4.0**LAYER_BITS


def attacks(energy: Floats) -> Floats:
    """By how much each 64 samples are louder than the loudest of the 6 ms before, (blocks,).

    Args:
        energy: from `block_energy`, of a percussive layer.
    """
    import numpy as np
    from scipy.ndimage import maximum_filter1d

    level = np.rint(np.sqrt(energy) * 2**LAYER_BITS)
    before = maximum_filter1d(np.pad(level, (RISE, 0)), RISE, origin=RISE // 2 - 1, mode="constant")
    return np.maximum(0, level - before[RISE - 1 : -1])


def snap(coarse: Frames, rises: Floats, period: float) -> Frames:
    """Move each beat to the strongest attack within 50 ms, unless that attack is unusually weak."""
    import numpy as np

    usual = 0.25 * float(np.median([_strongest(rises, beat)[1] for beat in coarse.tolist()]))
    moved = []
    for beat in coarse.tolist():
        at, strength = _strongest(rises, beat)
        moved.append(at if strength >= max(usual, 1.0) else beat)
    kept = [moved[0]]
    for beat in moved[1:]:
        if beat - kept[-1] > period / 2:
            kept.append(beat)
    return np.array(kept, dtype=np.int64)


def _strongest(rises: Floats, beat: int) -> tuple[int, float]:
    """Start and strength of a beat's attack; a nearer attack has more weight."""
    import numpy as np

    first = max(0, (beat - REACH) // FINE)
    nearby = rises[first : (beat + REACH) // FINE + 1]
    if len(nearby) == 0:
        return beat, 0.0
    away = (np.arange(first, first + len(nearby)) * FINE - beat) / NEAR
    best = int(np.argmax(np.rint(nearby * np.exp(-0.5 * np.square(away)))))
    # The attack begins where it first reaches a third of its height, not where it peaks.
    early = max(0, best - RISE)
    begin = early + int(np.argmax(nearby[early : best + 1] >= nearby[best] / 3))
    return (first + begin) * FINE, float(nearby[best])


def quiet_ends(rises: Floats, starts: Frames) -> Frames:
    """Where each grain's percussive part must end so that the next beat is not heard.

    The end is 5 ms before the next beat, or 5 ms before the first attack in the 70 ms before it
    that is at least half as strong as that beat's own attack.

    Args:
        starts: G + 1 beats in samples.

    Returns:
        G samples.
    """
    import numpy as np

    return np.array([_quiet_end(rises, beat) for beat in starts[1:].tolist()], dtype=np.int64)


def _quiet_end(rises: Floats, beat: int) -> int:
    import numpy as np

    first = max(0, (beat - BEFORE) // FINE)
    near = rises[max(0, beat // FINE - RISE) : beat // FINE + 2 * RISE]
    early = rises[first : max(first, (beat - SHY) // FINE)]
    loud = np.flatnonzero(early >= max(1.0, float(near.max(initial=0.0)) / 2))
    return (first + int(loud[0])) * FINE - SHY if len(loud) else beat - SHY
