"""log p_i(unit): the probability of each unit of the track under each reference alone.

The density is a kernel over the reference's grains, `exp(-(D/2) (d/h)^6) / h^D`: flat up to the
distance of an mp3 copy, and nearly 0 for another song. Component 0 is a broad Gaussian, the same
for every track. The sum over grains is divided by the same number for all references of a track
(the largest count of grains), so that half an excerpt does not score above the whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from generator.engines.mosaic.reference_part import HARMONIC, Part
from generator.engines.mosaic.slot import Slot

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

DIMENSIONS = 8
WIDTHS = (1.5, 1.5)
"""h of the harmonic and the percussive kernel, in decibels."""
BROAD = 12.0
"""Width of the Gaussian of component 0."""
CENTRE = -3_000
"""Its centre for every level, hundredths of a decibel; its pitch classes are all equal."""
FLAT = 115
"""4 sqrt(1/12), in hundredths."""
LEAST = -1_000_000_000
"""Micronats written for every probability below e^-1000."""


def log_likelihoods(
    layer: int, slots: Sequence[Slot], parts: Sequence[Part]
) -> list[tuple[int, ...]]:
    """Rows of k + 1 micronats, one per slot of a layer; zeros for a silent one.

    Args:
        parts: all k parts, in order of their components.
    """
    import numpy as np

    features = [part.features(layer) for part in parts]
    silent = (0,) * (len(parts) + 1)
    playing = [slot for slot in slots if slot.component]
    if not playing:
        return [silent for _ in slots]
    units = np.stack([features[slot.component - 1][slot.grain] for slot in playing])
    most = max(len(grains) for grains in features)
    columns = [_background(units, layer)]
    columns += [_kernel(units, grains, WIDTHS[layer], most) for grains in features]
    rows = np.rint(np.maximum(np.stack(columns, axis=1), LEAST / 1e6) * 1e6)
    told = iter([tuple(int(value) for value in row) for row in rows])
    return [next(told) if slot.component else silent for slot in slots]


def distances(units: Integers, grains: Integers) -> Floats:
    """Root-mean-square difference per dimension in decibels, (units, grains)."""
    import numpy as np

    rows = [np.square(grains - unit).sum(axis=1) for unit in units]
    return np.sqrt(np.stack(rows) / grains.shape[1]) / 100


def _kernel(units: Integers, grains: Integers, width: float, most: int) -> Floats:
    import numpy as np

    exponents = -(DIMENSIONS / 2) * (distances(units, grains) / width) ** 6
    top = exponents.max(axis=1)
    sums = np.exp(exponents - top[:, None]).sum(axis=1)
    return top + np.log(sums / most) - DIMENSIONS * np.log(width)


def _background(units: Integers, layer: int) -> Floats:
    import numpy as np

    centre = np.full((1, units.shape[1]), CENTRE)
    if layer == HARMONIC:
        centre[:, -12:] = FLAT
    far = distances(units, centre)[:, 0] / BROAD
    return -(DIMENSIONS / 2) * far**2 - DIMENSIONS * np.log(BROAD)
