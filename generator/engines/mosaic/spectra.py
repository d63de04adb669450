"""Mel bands and pitch classes, the two spectral descriptions that the engine uses."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from generator.audio.decode import RATE
from generator.engines.mosaic.constants import BINS, HOP, LAYER_BITS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

BANDS = 24
LOWEST, HIGHEST = 40.0, 14_000.0
"""Range in Hz; above 14 kHz lossy copies differ most."""
CHROMA_WINDOW = 8192
CHROMA_HOP = 2048
CHROMA_RANGE = (110.0, 3520.0)
"""Range in Hz: five octaves in which a semitone is wider than a bin."""
FRAME_ZERO = -HOP
"""Sample at the centre of STFT frame 0; frame m lies HOP * m later."""
_PIECE = 64
"""Frames transformed at once, so that memory stays small."""


class Bands:
    """Collects the mel bands of both layers while `layers.separate` runs.

    Args:
        frames: of the whole recording. One array, because many small ones fragment the memory.
    """

    def __init__(self, frames: int) -> None:
        import numpy as np

        self._power = np.zeros((2, frames, BANDS))
        self._done = 0

    def listen(self, harmonic: Floats, percussive: Floats) -> None:
        """Receive the power (frames, 1025) of the next frames of both layers."""
        part = slice(self._done, self._done + len(harmonic))
        self._power[0, part] = harmonic @ filters().T
        self._power[1, part] = percussive @ filters().T
        self._done = part.stop

    def collected(self) -> tuple[Floats, Floats]:
        """Power in 24 bands of the harmonic and the percussive layer, each (frames, 24)."""
        return self._power[0], self._power[1]


@cache
def filters() -> Floats:
    """Triangles evenly spaced in mel (HTK), (24, 1025), scaled so that white noise is flat."""
    import numpy as np

    low, high = (2595 * np.log10(1 + hertz / 700) for hertz in (LOWEST, HIGHEST))
    edges = 700 * (10 ** (np.linspace(low, high, BANDS + 2) / 2595) - 1)
    hertz = np.arange(BINS) * RATE / (2 * (BINS - 1))
    rise = (hertz - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    fall = (edges[2:, None] - hertz) / (edges[2:] - edges[1:-1])[:, None]
    triangles = np.maximum(0, np.minimum(rise, fall))
    return triangles / triangles.sum(axis=1, keepdims=True)


def chroma(layer: NDArray[np.int32]) -> Floats:
    """Power in the twelve pitch classes from C on, (frames, 12).

    Args:
        layer: the harmonic layer, (samples, 2) int32. Frame m is centred on sample 2048 m.
    """
    import numpy as np
    from scipy.fft import rfft

    count = len(layer) // CHROMA_HOP + 1
    classes = np.zeros((count, 12))
    for first in range(0, count, _PIECE):
        part = _around(layer, first, min(_PIECE, count - first))
        frames = np.lib.stride_tricks.sliding_window_view(part, CHROMA_WINDOW, axis=0)
        spectra = rfft(frames[::CHROMA_HOP] * _chroma_window(), overwrite_x=True)
        squares = np.square(spectra.view(np.float64))
        both = squares[:, 0] + squares[:, 1]
        classes[first : first + _PIECE] = (both[:, ::2] + both[:, 1::2]) @ _pitch_classes()
    return classes


def _around(layer: NDArray[np.int32], first: int, count: int) -> Floats:
    from generator.engines.mosaic.resampler import cut

    start = first * CHROMA_HOP - CHROMA_WINDOW // 2
    length = (count - 1) * CHROMA_HOP + CHROMA_WINDOW
    return cut(layer, start, length) / 2**LAYER_BITS


@cache
def _chroma_window() -> Floats:
    import numpy as np

    return 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(CHROMA_WINDOW) / CHROMA_WINDOW)


@cache
def _pitch_classes() -> Floats:
    import numpy as np

    hertz = np.arange(CHROMA_WINDOW // 2 + 1) * RATE / CHROMA_WINDOW
    inside = (hertz >= CHROMA_RANGE[0]) & (hertz <= CHROMA_RANGE[1])
    pitch = 69 + 12 * np.log2(np.maximum(hertz, 1) / 440)
    nearest = np.rint(pitch).astype(np.int64)
    weights = np.zeros((len(hertz), 12))
    close = np.exp(-0.5 * np.square((pitch - nearest) / 0.2))
    weights[np.arange(len(hertz)), nearest % 12] = np.where(inside, close, 0.0)
    return weights
