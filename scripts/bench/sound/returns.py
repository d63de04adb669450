"""How much of a track returns, and how often both layers change together."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from generator.attribution.trace import Trace

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

RATE = 44_100
HOP = RATE // 4
SIDE = 16
"""Rows (4 s) of the windows that are compared."""
BANDS = 20


def description(track: Floats, classes: Floats, hop: int) -> Floats:
    """Pitch classes and log bands four times a second, each column centred; (rows, 32).

    Args:
        track: (frames, 2).
        classes: from `harmony.pitch_classes`, one row per `hop` frames.
    """
    import numpy as np

    rows = []
    edges = np.geomspace(60, 14_000, BANDS + 1) * HOP / RATE
    for first in range(0, len(track) - HOP, HOP):
        power = np.abs(np.fft.rfft(track[first : first + HOP].mean(axis=1))) ** 2
        bands = np.add.reduceat(power, edges.astype(int))[:BANDS]
        near = classes[first // hop : (first + HOP) // hop + 1].sum(axis=0)
        share = np.sqrt(near / max(float(near.sum()), 1e-12))
        rows.append(np.concatenate([share, np.log10(bands + 1e-9)]))
    table = np.array(rows)
    spread = np.maximum(table.std(axis=0), 1e-9)
    centred: Floats = (table - table.mean(axis=0)) / spread
    return centred


def best_return(table: Floats) -> float:
    """Mean over all windows of 4 s of the largest correlation with one that does not overlap."""
    import numpy as np

    windows = [table[first : first + SIDE].ravel() for first in range(len(table) - SIDE + 1)]
    unit = np.array([row / max(float(np.linalg.norm(row)), 1e-9) for row in windows])
    alike = unit @ unit.T
    index = np.arange(len(unit))
    alike[np.abs(index[:, None] - index) < SIDE] = -1.0
    return float(alike.max(axis=1).mean())


def shared_changes(trace: Trace) -> float:
    """Share of the changes of reference, in either layer, at which the other layer changes too."""
    layers = trace.draws[0::2], trace.draws[1::2]
    pairs = [list(pairwise(row)) for row in layers]
    changes = [
        {beat for beat, (one, other) in enumerate(row) if one and other and one != other}
        for row in pairs
    ]
    alone = len(changes[0] ^ changes[1])
    both = 2 * len(changes[0] & changes[1])
    return both / max(1, both + alone)
