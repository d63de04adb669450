"""Harmonic and percussive layers of a recording: section 4 of docs/formats/mosaic.md.

Median filtering of the spectrogram (FitzGerald 2010): sound that is steady in time is harmonic,
sound that is broad in frequency is percussive. The layers sum to the signal exactly, as integers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING

from generator.engines.mosaic.constants import (
    BINS,
    FLOOR,
    HOP,
    LAYER_BITS,
    LEAD,
    MEDIAN_BINS,
    MEDIAN_FRAMES,
    WINDOW,
    WINDOW_SQUARES,
)
from generator.engines.mosaic.mapped import release

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from generator.audio.prepared import Prepared

    Floats = NDArray[np.float64]
    Signal = Floats | Prepared
    Spectrum = Callable[[Floats, Floats], None]

CHUNK = 256
"""Frames processed at once; any number gives the same layers."""
_TIME = MEDIAN_FRAMES // 2
_FREQUENCY = MEDIAN_BINS // 2


def frame_count(samples: int) -> int:
    """Number of STFT frames of a signal; every sample lies in four of them."""
    return (samples + LEAD - 1) // HOP + 1


def separate(signal: Signal, into: NDArray[np.int32], listen: Spectrum) -> None:
    """Write the layers of a signal.

    Args:
        signal: (samples, 2), read in order, such as `generator.audio.prepared.Prepared`.
        into: (2, samples, 2) int32, harmonic first, units of 2^-23; may be a memory map.
        listen: called per chunk, in order, with the power (frames, 1025) of the harmonic and of the
            percussive part, both channels summed; frame m is centred on sample 512 (m - 1).
    """
    import numpy as np

    carried = np.zeros((LEAD, 2))
    for first, spectra, power in _chunks(signal):
        mask = soft_mask(power)
        kept = power[_TIME : len(power) - _TIME]
        listen(kept * np.square(mask), kept * np.square(1 - mask))
        spectra *= mask[:, None, :, None]
        laid = _overlap_add(spectra)
        laid[:LEAD] += carried
        carried = laid[-LEAD:].copy()
        _store(signal, laid[:-LEAD] / WINDOW_SQUARES, first * HOP - LEAD, into)


def soft_mask(power: Floats) -> Floats:
    """Share of each bin that is harmonic, 0..1.

    **Shape** in (frames + 16, 1025), with eight frames of context on each side; out (frames, 1025).
    """
    steady = _median_over_time(power)
    broad = _median_over_bins(power[_TIME : len(power) - _TIME])
    return (steady + FLOOR) / (steady + broad + 2 * FLOOR)


def _median_over_time(power: Floats) -> Floats:
    # The bins form one long line, because the one-dimensional filter is several times faster. Only
    # values whose window lies within one bin are read.
    import numpy as np
    from scipy.ndimage import median_filter

    line = np.ascontiguousarray(power.T).ravel()
    medians = median_filter(line, MEDIAN_FRAMES, mode="constant").reshape(BINS, len(power))
    return medians[:, _TIME : len(power) - _TIME].T


def _median_over_bins(power: Floats) -> Floats:
    import numpy as np
    from scipy.ndimage import median_filter

    mirrored = np.pad(power, ((0, 0), (_FREQUENCY, _FREQUENCY)), mode="reflect")
    medians = median_filter(mirrored.ravel(), MEDIAN_BINS, mode="constant")
    return medians.reshape(mirrored.shape)[:, _FREQUENCY:-_FREQUENCY]


def _chunks(signal: Signal) -> Iterator[tuple[int, Floats, Floats]]:
    """First frame, spectra (frames, 2, 1025, 2), power with context (frames + 16, 1025).

    The last axis of spectra is real and imaginary part.
    """
    import numpy as np

    total = frame_count(len(signal))
    for first in range(0, total, CHUNK):
        last = min(first + CHUNK, total)
        spectra = _spectra(signal, first - _TIME, last + _TIME)
        squares = np.square(spectra)
        squares = squares[:, 0] + squares[:, 1]  # faster than one sum over both axes
        power = squares[..., 0] + squares[..., 1]
        power[: max(0, _TIME - first)] = 0.0
        if last + _TIME > total:
            power[total - last - _TIME :] = 0.0
        yield first, spectra[_TIME : last - first + _TIME], power


def _spectra(signal: Signal, first: int, last: int) -> Floats:
    """Spectra of frames first..last-1, (frames, 2, 1025, 2); frames may lie outside the signal."""
    import numpy as np
    from scipy.fft import rfft

    start, stop = first * HOP - LEAD, (last - 1) * HOP - LEAD + WINDOW
    part = np.zeros((stop - start, 2))
    low, high = max(start, 0), min(stop, len(signal))
    part[low - start : high - start] = signal[low:high]
    frames = np.lib.stride_tricks.sliding_window_view(part, WINDOW, axis=0)[::HOP]
    spectra = rfft(frames * _window(), overwrite_x=True)
    return spectra.view(np.float64).reshape(*spectra.shape, 2)


def _overlap_add(spectra: Floats) -> Floats:
    """Windowed inverse transforms added at every 512 samples, (512 frames + 1536, 2)."""
    import numpy as np
    from scipy.fft import irfft

    frames = irfft(spectra.view(np.complex128)[..., 0], n=WINDOW)
    frames *= _window()
    laid = np.zeros((len(frames) * HOP + LEAD, 2))
    for quarter in range(WINDOW // HOP):
        part = frames[:, :, quarter * HOP : (quarter + 1) * HOP].transpose(0, 2, 1)
        laid[quarter * HOP : quarter * HOP + len(frames) * HOP] += part.reshape(-1, 2)
    return laid


def _store(
    signal: Signal,
    harmonic: Floats,
    start: int,
    into: NDArray[np.int32],
) -> None:
    import numpy as np

    low, high = max(start, 0), min(start + len(harmonic), len(signal))
    whole = np.rint(signal[low:high] * 2**LAYER_BITS)
    steady = np.rint(harmonic[low - start : high - start] * 2**LAYER_BITS)
    into[0, low:high] = steady
    into[1, low:high] = whole - steady
    release(into)


@cache
def _window() -> Floats:
    import numpy as np

    return 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)
