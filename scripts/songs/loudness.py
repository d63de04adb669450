"""Loudness after ITU-R BS.1770 from a spectrum: K-weighted power, gated.

The result only sets gains, which are rounded to 1/4,096, so differences in the last bit of a
Fourier transform change no sample.
"""

from functools import lru_cache
from typing import Final

import numpy as np

from scripts.songs.maths import RATE, Signal, decibels

_WINDOW: Final = 8_192
_STEP: Final = 4_410
_ABSOLUTE: Final = -70.0
_OFFSET: Final = 0.691


def _biquad(b: tuple[float, ...], a: tuple[float, ...], z: np.ndarray) -> np.ndarray:
    top = b[0] + b[1] * z + b[2] * z * z
    return top / (1.0 + a[0] * z + a[1] * z * z)


@lru_cache(maxsize=1)
def _weights() -> Signal:
    hertz = np.arange(_WINDOW // 2 + 1) * (RATE / _WINDOW)
    z = np.exp(-2j * np.pi * hertz / 48_000.0)
    shelf = _biquad((1.53512485958697, -2.69169618940638, 1.19839281085285),
                    (-1.69065929318241, 0.73248077421585), z)
    low = _biquad((1.0, -2.0, 1.0), (-1.99004745483398, 0.99007225036621), z)
    return np.abs(shelf * low) ** 2


def _powers(stereo: Signal) -> Signal:
    window = np.hanning(_WINDOW)
    starts = range(0, stereo.shape[0] - _WINDOW, _STEP)
    found = []
    for start in starts:
        spectrum = np.fft.rfft(stereo[start : start + _WINDOW] * window[:, None], axis=0)
        found.append(float((np.abs(spectrum) ** 2 * _weights()[:, None]).sum()))
    return np.array(found) * 2.0 / (_WINDOW * float((window * window).sum()))


def power(stereo: Signal) -> float:
    """The gated mean K-weighted power of a (frames, 2) signal; 0 for silence."""
    powers = _powers(stereo)
    loud = powers[powers > decibels(2.0 * (_ABSOLUTE + _OFFSET))]
    if not loud.size:
        return 0.0
    kept = loud[loud > 0.1 * loud.mean()]
    return float(kept.mean())


def gain_to(stereo: Signal, level: float) -> float:
    """The factor, a multiple of 1/4,096, that brings a signal to `level` LUFS; 0 for silence."""
    measured = power(stereo)
    if measured == 0.0:
        return 0.0
    wanted = decibels(2.0 * (level + _OFFSET))
    return int(float(np.sqrt(wanted / measured)) * 4_096) / 4_096
