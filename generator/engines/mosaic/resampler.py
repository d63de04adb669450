"""Speed and pitch by plain resampling: a 32-tap Kaiser sinc in 1,024 phases, at integer positions.

Layers and coefficients are integers whose products sum to less than 2^53, so the sums are exact: no
library, instruction set or order of addition can change them.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

from generator.engines.mosaic.constants import (
    CUTOFF,
    KAISER_BETA,
    KERNEL_BITS,
    LAYER_BITS,
    PHASES,
    TAPS,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BEFORE = TAPS // 2 - 1
"""Source frames read before a position."""
AFTER = TAPS // 2
"""Source frames read after a position."""


def source_frames(length: int, step: int) -> int:
    """Source frames that `length` output frames cover, rounded down.

    Args:
        step: source phases of 1/1024 frame per output frame; 1024 is the source's own speed.
    """
    return length * step // PHASES


def source_end(source: int, length: int, step: int) -> int:
    """One more than the last frame that `grain` reads for positions of its output.

    The kernel also reads up to 16 frames around each position, as silence outside the recording.
    """
    return source + source_frames(length - 1, step) + 1


@lru_cache(maxsize=64)
def kernel(step: int) -> NDArray[np.float64]:
    """Integer coefficients g(u / 1024 - 16) for u = 0..32767, in units of 2^-22."""
    import numpy as np

    cutoff = CUTOFF / 100 * min(1.0, PHASES / step)
    time = np.arange(-TAPS // 2 * PHASES, TAPS // 2 * PHASES) / PHASES
    inside = np.sqrt(np.maximum(0.0, 1.0 - np.square(time / (TAPS // 2))))
    shape = cutoff * np.sinc(cutoff * time) * np.i0(KAISER_BETA * inside) / np.i0(KAISER_BETA)
    shape[0] = 0.0
    return np.rint(shape * 2**KERNEL_BITS)


def grain(layer: NDArray[np.int32], source: int, length: int, step: int) -> NDArray[np.float64]:
    """`length` frames of a layer from frame `source` on, `step` / 1024 times as fast.

    **Shape** layer (frames, 2) int32; out (length, 2) float64, 1.0 is full scale. Zero outside.
    """
    if step == PHASES:
        return cut(layer, source, length) / float(2**LAYER_BITS)
    from scipy.signal import upfirdn

    reach = source_frames(length - 1, step) + 1
    part = cut(layer, source - BEFORE, reach + BEFORE + AFTER)
    # Output k of upfirdn is the sum over i of h[step * k - 1024 i] x[i]; position 0 is sample
    # BEFORE of `part` and the kernel's middle lies at 16 * 1024, hence this many phases to skip.
    skip = (BEFORE + TAPS // 2) * PHASES
    lead = -skip % step
    padded = math.ceil((skip + lead) / step)
    shifted = upfirdn(_delayed(step, lead), part, up=PHASES, down=step, axis=0)
    return shifted[padded : padded + length] / float(2 ** (LAYER_BITS + KERNEL_BITS))


def _delayed(step: int, by: int) -> NDArray[np.float64]:
    import numpy as np

    return np.concatenate([np.zeros(by), kernel(step)])


def cut(layer: NDArray[np.int32], first: int, length: int) -> NDArray[np.float64]:
    """Frames first..first+length-1 as float64, zero before the first and after the last."""
    import numpy as np

    part = np.zeros((length, layer.shape[1]))
    low, high = max(first, 0), min(first + length, len(layer))
    if low < high:
        part[low - first : high - first] = layer[low:high]
    return part
