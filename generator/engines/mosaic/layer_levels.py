"""How loud each grain of each layer is, and how high it peaks, in hundredths of a decibel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.engines.mosaic.attacks import FINE, PIECE
from generator.engines.mosaic.constants import LAYER_BITS
from generator.engines.mosaic.loudness import ENERGY_BITS, energies, heard_sections

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]
    LayerArray = NDArray[np.int32]

QUIETEST = -20_000
"""Level written for silence, in hundredths of a decibel."""


def weighted(layers: LayerArray) -> Integers:
    """K-weighted energy below 16 kHz of each 64 samples of each layer, in units of 2^-30.

    **Shape** in (2, samples, 2), out (2, samples // 64). The weighting is that of ITU-R BS.1770-4;
    what lies above is left out, because nobody would hear what is paid for.
    """
    import numpy as np

    rows = [energies(layer, FINE, 2.0**LAYER_BITS, heard_sections()) for layer in layers]
    return np.stack(rows)


def block_peaks(layers: LayerArray) -> Floats:
    """Largest magnitude of each 64 samples of each layer over both channels, 1.0 is full scale.

    **Shape** in (2, samples, 2), out (2, samples // 64). Processed in pieces, to bound memory.
    """
    import numpy as np

    whole = layers.shape[1] // FINE * FINE
    rows = [np.zeros((2, 0))]
    for first in range(0, whole, PIECE):
        part = np.abs(layers[:, first : min(first + PIECE, whole)])
        rows.append(part.reshape(2, -1, FINE * 2).max(axis=2) / 2.0**LAYER_BITS)
    return np.concatenate(rows, axis=1)


def powers(energy: Integers, starts: Integers) -> Integers:
    """K-weighted mean square of each layer of each grain before gain, (2, grains).

    Both channels are summed, as BS.1770 does, so 0.691 dB less than this is the grain's LUFS.

    Args:
        energy: from `weighted`.
        starts: grains + 1 samples; grain i lies between starts i and i + 1.
    """
    import numpy as np

    first, last = _blocks(energy.shape[1], starts)
    sums = np.concatenate([np.zeros((2, 1), dtype=np.int64), np.cumsum(energy, axis=1)], axis=1)
    means = (sums[:, last] - sums[:, first]) / ((last - first) * FINE * 2.0**ENERGY_BITS)
    return _centibels(means)


def peaks(blocks: Floats, starts: Integers) -> Integers:
    """Largest magnitude of each layer of each grain before gain, (2, grains)."""
    import numpy as np

    first, last = _blocks(blocks.shape[1], starts)
    pairs = zip(first.tolist(), last.tolist(), strict=True)
    highest = [blocks[:, low:high].max(axis=1) for low, high in pairs]
    return _centibels(np.square(np.stack(highest, axis=1)))


def _blocks(count: int, starts: Integers) -> tuple[Integers, Integers]:
    """First block of each grain and the one after its last; at least one block each."""
    import numpy as np

    bounds = starts // FINE
    first = np.clip(bounds[:-1], 0, count - 1)
    return first, np.clip(np.maximum(bounds[1:], first + 1), 1, count)


def _centibels(squares: Floats) -> Integers:
    import numpy as np

    levels = np.rint(1000 * np.log10(np.maximum(squares, 1e-30))).astype(np.int64)
    return np.maximum(QUIETEST, levels)
