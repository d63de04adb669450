"""Attacks: where the percussive layer suddenly gets louder, to a millisecond and a half."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.audio import RATE
from generator.engines.mosaic.constants import LAYER_BITS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Frames = NDArray[np.int64]

FINE = 64
"""Samples (1.5 ms) of the attack's time resolution."""
REACH = 50 * RATE // 1000
"""Samples (50 ms) around a tracked beat in which its attack is looked for."""
NEAR = 30 * RATE // 1000
"""Samples (30 ms) from a tracked beat at which an attack counts for 61 %."""
RISE = 4
"""Fine steps (6 ms) an attack takes to grow."""
PIECE = FINE << 14
"""Samples looked at at once."""
SHY = 221
"""Samples (5 ms) before the next attack at which a percussive grain ends."""
BEFORE = 70 * RATE // 1000
"""Samples (70 ms) before a beat in which another attack would be heard as its double."""


def block_energy(layer: NDArray[np.int32]) -> Floats:
    """Mean square over both channels of each 64 samples, (samples // 64,), 1.0 is full scale.

    **Shape** in (samples, 2), a layer. Worked off in pieces, to spare memory.
    """
    import numpy as np

    whole = len(layer) // FINE * FINE
    means = [np.zeros(0)]
    for first in range(0, whole, PIECE):
        part = layer[first : min(first + PIECE, whole)].astype(np.float64)
        means.append(np.square(part.reshape(-1, FINE * 2)).mean(axis=1))
    return np.concatenate(means) / 4.0**LAYER_BITS


def attacks(energy: Floats) -> Floats:
    """How much louder each 64 samples are than the loudest of the 6 ms before, (blocks,).

    Args:
        energy: from `block_energy`, of a percussive layer.
    """
    import numpy as np
    from scipy.ndimage import maximum_filter1d

    level = np.rint(np.sqrt(energy) * 2**LAYER_BITS)
    before = maximum_filter1d(np.pad(level, (RISE, 0)), RISE, origin=RISE // 2 - 1, mode="constant")
    return np.maximum(0, level - before[RISE - 1 : -1])


def snap(coarse: Frames, rises: Floats, period: float) -> Frames:
    """Move each beat to the strongest attack within 50 ms, if it is as strong as is usual."""
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
    """Where the attack of a beat begins and its strength; a nearer attack counts for more."""
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
    """Where each grain's percussive part has to end so that no part of the next beat is heard.

    That is 5 ms before the next beat, or before the first attack in the 70 ms before it that is
    half as strong as its own.

    Args:
        starts: G + 1 beats; out G samples.
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
