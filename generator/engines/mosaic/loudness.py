"""Loudness and true peak according to ITU-R BS.1770-4.

Filters run in scipy's plain loops and energies are summed as integers, so a measurement does not
depend on the number of threads or the instruction set.
"""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING

from generator.audio.decode import RATE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float64]

SHELF = (1681.974450955533, 3.999843853973347, 0.7071752369554196)
"""Hz, dB, Q of the high shelf: BS.1770's 48 kHz filter for any rate (libebur128)."""
HIGH = (38.13547087602444, 0.5003270373238773)
"""Hz, Q of the high-pass."""
TOP = 16_000.0
"""Hz from which on a sound is not heard by most adults; K-weighting alone lets it count in full."""
OFFSET = -0.691
"""LUFS of a mean square of 1 after weighting."""
STEP = RATE // 10
"""Samples between blocks; a block is four steps, 400 ms."""
ENERGY_BITS = 30
PIECE = 1 << 19
"""Samples filtered at once."""
GATE = -70.0
"""LUFS below which a block counts as silence."""
RELATIVE_GATE = -10.0
"""Second gate, in LU relative to the loudness of the blocks that pass the first gate."""
OVERSAMPLING = 4
_PEAK_TAPS = 24


def weight(samples: Samples) -> Samples:
    """K-weighting below `TOP`, causal, from rest. **Shape** in and out (frames, channels)."""
    from scipy.signal import sosfilt

    return sosfilt(heard_sections(), samples, axis=0)


def weight_back(samples: Samples) -> Samples:
    """The transpose of `weight`: <weight(x), y> = <x, weight_back(y)> for any x and y."""
    return weight(samples[::-1])[::-1]


@cache
def _sections() -> list[list[float]]:
    return [_shelf(), _high()]


@cache
def heard_sections() -> list[list[float]]:
    """K-weighting and a Butterworth low-pass of fourth order at `TOP`, second-order sections."""
    from scipy.signal import butter

    return [*_sections(), *butter(4, TOP, fs=RATE, output="sos").tolist()]


def _shelf() -> list[float]:
    frequency, decibels, q = SHELF
    k = math.tan(math.pi * frequency / RATE)
    high = 10 ** (decibels / 20)
    band = high**0.4996667741545416
    scale = 1 + k / q + k * k
    ahead = [high + band * k / q + k * k, 2 * (k * k - high), high - band * k / q + k * k]
    return [*(a / scale for a in ahead), 1, 2 * (k * k - 1) / scale, (1 - k / q + k * k) / scale]


def _high() -> list[float]:
    frequency, q = HIGH
    k = math.tan(math.pi * frequency / RATE)
    scale = 1 + k / q + k * k
    return [1, -2, 1, 1, 2 * (k * k - 1) / scale, (1 - k / q + k * k) / scale]


class Energies:
    """K-weighted energies in consecutive steps, of samples that come in pieces of any size.

    Args:
        step: frames.
        sections: of the filter; K-weighting where none are given.
    """

    def __init__(self, step: int = STEP, sections: list[list[float]] | None = None) -> None:
        import numpy as np

        self._step = step
        self._sections = sections or _sections()
        self._state: Samples | None = None
        self._begun = np.zeros(0, dtype=np.int64)
        self._sums: list[NDArray[np.int64]] = []
        self._squares = 0

    @property
    def total(self) -> float:
        """The energy of all samples, full scale 1."""
        return self._squares / 2**ENERGY_BITS

    def listen(self, samples: Samples) -> None:
        """Receive the next samples, (frames, channels)."""
        import numpy as np
        from scipy.signal import sosfilt

        if self._state is None:
            self._state = np.zeros((len(self._sections), 2, samples.shape[1]))
        weighted, self._state = sosfilt(self._sections, samples, axis=0, zi=self._state)
        squares = np.rint(np.square(weighted) * 2**ENERGY_BITS).astype(np.int64).sum(axis=1)
        self._squares += int(squares.sum())
        ready = np.concatenate([self._begun, squares])
        whole = len(ready) // self._step * self._step
        self._sums.append(ready[:whole].reshape(-1, self._step).sum(axis=1))
        self._begun = ready[whole:]

    def steps(self) -> NDArray[np.int64]:
        """Energies of the complete steps over both channels, in units of 2^-30."""
        import numpy as np

        return np.concatenate([np.zeros(0, dtype=np.int64), *self._sums])


def energies(
    samples: Samples | NDArray[np.int32],
    step: int,
    full_scale: float = 1.0,
    sections: list[list[float]] | None = None,
) -> NDArray[np.int64]:
    """K-weighted energy of both channels in consecutive steps, in units of 2^-30.

    **Shape** in (frames, channels), out (frames // step,); an incomplete last step is dropped.
    Processed in pieces, so an hour needs no more memory than a minute.

    Args:
        full_scale: the sample value that counts as 1.
        sections: of the filter; K-weighting where none are given.
    """
    measured = Energies(step, sections)
    for first in range(0, len(samples), PIECE):
        measured.listen(samples[first : first + PIECE] / full_scale)
    return measured.steps()


def gated(steps: NDArray[np.int64]) -> float:
    """Integrated loudness in LUFS of energies in steps of 100 ms; -inf for silence."""
    if len(steps) < 4:
        return -math.inf
    blocks = steps[:-3] + steps[1:-2] + steps[2:-1] + steps[3:]
    heard = blocks[blocks > energy_at()]
    if len(heard) == 0:
        return -math.inf
    kept = heard[heard > energy_at(_mean_lufs(heard) + RELATIVE_GATE)]
    return _mean_lufs(kept)


def _mean_lufs(blocks: NDArray[np.int64]) -> float:
    return _lufs(sum(blocks.tolist()) / len(blocks))


def _lufs(block: float) -> float:
    return OFFSET + 10 * math.log10(block / 2**ENERGY_BITS / (4 * STEP))


def energy_at(lufs: float = GATE) -> float:
    """Energy of a block of 400 ms at a loudness."""
    return 10 ** ((lufs - OFFSET) / 10) * 2**ENERGY_BITS * 4 * STEP


def loudness(samples: Samples) -> float:
    """Integrated loudness in LUFS of (frames, 2) samples at 44,100 Hz; -inf for silence."""
    return gated(energies(samples, STEP))


@cache
def _peak_kernel() -> Samples:
    import numpy as np

    reach = _PEAK_TAPS // 2 * OVERSAMPLING
    time = np.arange(-reach, reach + 1) / OVERSAMPLING
    return np.sinc(time) * np.kaiser(2 * reach + 1, 8.0)


def true_peaks(samples: Samples, block: int) -> Samples:
    """Largest magnitude, four times oversampled, of each block of frames over both channels.

    **Shape** in (frames, channels), out (ceil(frames / block),). 1.0 is full scale.
    """
    import numpy as np
    from scipy.signal import upfirdn

    count = -(-len(samples) // block)
    peaks = np.zeros(count)
    delay = _PEAK_TAPS // 2 * OVERSAMPLING
    for channel in samples.T:
        fine = np.zeros(count * block * OVERSAMPLING)
        whole = upfirdn(_peak_kernel(), channel, up=OVERSAMPLING)[delay:]
        used = min(len(fine), len(whole))
        fine[:used] = np.abs(whole[:used])
        peaks = np.maximum(peaks, fine.reshape(count, -1).max(axis=1))
    return peaks


def decibels(ratio: float) -> float:
    """20 log10, -inf for 0."""
    return 20 * math.log10(ratio) if ratio > 0 else -math.inf
