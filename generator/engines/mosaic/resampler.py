"""Pitch by plain resampling: a 32-tap Kaiser sinc in 1,024 phases, at integer positions.

Layers and coefficients are integers whose products sum to less than 2^53, so the sums are exact: no
library, instruction set or order of addition can change them.
"""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING

from generator.engines.mosaic.constants import (
    CUTOFF,
    KAISER_BETA,
    KERNEL_BITS,
    LAYER_BITS,
    PHASES,
    STEPS,
    TAPS,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BEFORE = TAPS // 2 - 1
"""Source frames read before a position."""
AFTER = TAPS // 2
"""Source frames read after a position."""


def source_frames(length: int, semitones: int) -> int:
    """Source frames that `length` output frames cover, rounded down."""
    return length * STEPS[semitones] // PHASES


@cache
def kernel(semitones: int) -> NDArray[np.float64]:
    """Integer coefficients g(u / 1024 - 16) for u = 0..32767, in units of 2^-22."""
    import numpy as np

    cutoff = CUTOFF / 100 * min(1.0, PHASES / STEPS[semitones])
    time = np.arange(-TAPS // 2 * PHASES, TAPS // 2 * PHASES) / PHASES
    inside = np.sqrt(np.maximum(0.0, 1.0 - np.square(time / (TAPS // 2))))
    shape = cutoff * np.sinc(cutoff * time) * np.i0(KAISER_BETA * inside) / np.i0(KAISER_BETA)
    shape[0] = 0.0
    return np.rint(shape * 2**KERNEL_BITS)


def grain(
    layer: NDArray[np.int32], source: int, length: int, semitones: int
) -> NDArray[np.float64]:
    """`length` frames of a layer from frame `source` on, pitch moved by `semitones`.

    **Shape** layer (frames, 2) int32; out (length, 2) float64, 1.0 is full scale. Zero outside.
    """
    if semitones == 0:
        return cut(layer, source, length) / float(2**LAYER_BITS)
    from scipy.signal import upfirdn

    reach = source_frames(length - 1, semitones) + 1
    part = cut(layer, source - BEFORE, reach + BEFORE + AFTER)
    # Output k of upfirdn is the sum over i of h[step * k - 1024 i] x[i]; position 0 is sample
    # BEFORE of `part` and the kernel's middle lies at 16 * 1024, hence this many phases to skip.
    skip = (BEFORE + TAPS // 2) * PHASES
    step = STEPS[semitones]
    lead = -skip % step
    padded = math.ceil((skip + lead) / step)
    shifted = upfirdn(_delayed(semitones, lead), part, up=PHASES, down=step, axis=0)
    return shifted[padded : padded + length] / float(2 ** (LAYER_BITS + KERNEL_BITS))


def _delayed(semitones: int, by: int) -> NDArray[np.float64]:
    import numpy as np

    return np.concatenate([np.zeros(by), kernel(semitones)])


def cut(layer: NDArray[np.int32], first: int, length: int) -> NDArray[np.float64]:
    """Frames first..first+length-1 as float64, zero before the first and after the last."""
    import numpy as np

    part = np.zeros((length, layer.shape[1]))
    low, high = max(first, 0), min(first + length, len(layer))
    if low < high:
        part[low - first : high - first] = layer[low:high]
    return part
