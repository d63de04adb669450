"""Linear-phase filters: windowed sinc for short sounds, running means for long ones."""

from functools import lru_cache

import numpy as np

from scripts.songs.maths import RATE, TAU, Signal, sine


def _window(count: int) -> Signal:
    phase = (np.arange(count) + 0.5) / count
    cosine = sine(phase + 0.25)
    return 0.42 - 0.5 * cosine + 0.08 * (2.0 * cosine * cosine - 1.0)


@lru_cache(maxsize=64)
def lowpass(hertz: float, count: int = 63) -> Signal:
    """Taps of a low-pass at `hertz`: shape (count,), count odd, gain 1 at 0 Hz."""
    offset = np.arange(count) - count // 2
    cycles = hertz / RATE
    safe = np.where(offset == 0, 1, offset)
    ideal = np.where(offset == 0, 2.0 * cycles, sine(cycles * offset) / (TAU / 2.0 * safe))
    taps = ideal * _window(count)
    return taps / np.add.accumulate(taps)[-1]


@lru_cache(maxsize=64)
def highpass(hertz: float, count: int = 63) -> Signal:
    """Taps of a high-pass at `hertz`: shape (count,), count odd, gain 0 at 0 Hz."""
    taps = -lowpass(hertz, count)
    taps[count // 2] += 1.0
    return taps


def fir(signal: Signal, taps: Signal) -> Signal:
    """The filtered signal, without delay: shape (frames,) or (frames, 2) as given."""
    frames, middle = signal.shape[0], taps.size // 2
    padded = np.zeros((frames + 2 * middle, *signal.shape[1:]))
    padded[middle : middle + frames] = signal
    filtered = np.zeros_like(signal)
    for index, tap in enumerate(taps):
        filtered += tap * padded[index : index + frames]
    return filtered


def band(signal: Signal, low: float, high: float, count: int = 63) -> Signal:
    """The part of the signal between two frequencies in Hz: shape as given."""
    return fir(fir(signal, lowpass(high, count)), highpass(low, count))


def running_mean(signal: Signal, width: int) -> Signal:
    """The mean of the `width` frames (odd) around each frame: shape as given."""
    half = width // 2
    padded = np.zeros((signal.shape[0] + width, *signal.shape[1:]))
    padded[half + 1 : half + 1 + signal.shape[0]] = signal
    sums = np.add.accumulate(padded, axis=0)
    return (sums[width:] - sums[:-width]) / width


def without_lows(signal: Signal, hertz: float) -> Signal:
    """The signal minus two running means: a gentle high-pass near `hertz`; removes DC."""
    width = int(RATE / hertz * 0.5) | 1
    return signal - running_mean(running_mean(signal, width), width)


def without_highs(signal: Signal, hertz: float) -> Signal:
    """Two running means: a gentle low-pass, 3 dB down near `hertz`."""
    width = max(1, int(0.32 * RATE / hertz)) | 1
    return running_mean(running_mean(signal, width), width)
