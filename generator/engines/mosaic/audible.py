"""Each component's part of the loudness of a track: `<K y_i, K y>`, its exact Shapley value.

It is the sum over frames of a component's stem times `K' K y`, where K' is the transpose of the
weighting. So one pass over the track serves any number of components.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from generator.attribution.trace import UNITY
from generator.engines.mosaic.loudness import weight, weight_back
from generator.engines.mosaic.render import curve

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from generator.engines.mosaic.render import Piece

    Samples = NDArray[np.float64]

BITS = 15
"""Samples are rounded to 2^-15, so that products are summed as integers."""
SCALE_BITS = 10
"""Energies are written in units of 2^-20 (sample of full scale squared)."""


def shares(
    laid: Iterable[Piece],
    track: Samples,
    gain: int,
    envelope: Sequence[tuple[int, int]],
    components: int,
) -> tuple[int, ...]:
    """Energies of components 0..k; 0 for a stem that cancels more of the rest than it adds.

    Args:
        laid: the pieces of the track before mastering.
        track: their sum, (frames, 2).
        components: k.
    """
    import numpy as np

    level = curve(envelope, len(track))[:, None] * (gain / UNITY)
    heard = _integers(weight_back(weight(track * level)))
    sums = [0] * (components + 1)
    for edit, samples in laid:
        part = slice(edit.start, edit.start + edit.length)
        stem = _integers(samples * level[part])
        sums[edit.component] += int(np.sum(stem * heard[part]))
    return tuple(max(0, total >> SCALE_BITS) for total in sums)


def _integers(samples: Samples) -> NDArray[np.int64]:
    import numpy as np

    return np.rint(samples * 2**BITS).astype(np.int64)
