"""Sine and powers of two, made of additions and multiplications only.

The implementation of numpy's `sin` and `exp` depends on the processor, and results may differ in
the last bit. Every IEEE 754 machine rounds the operations used here (+, -, *, /, rint, abs, ldexp)
in the same way, so a song has the same bytes on every machine.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Signal = NDArray[np.float64]

RATE: Final = 44_100
TAU: Final = 6.283185307179586
LOG2_1000: Final = 9.965784284662087
LN2: Final = 0.6931471805599453


def _series(divisors: tuple[int, ...]) -> tuple[float, ...]:
    terms = [1.0]
    for divisor in divisors:
        terms.append(terms[-1] / divisor)
    return tuple(terms)


_SINE: Final = _series((-2 * 3, -4 * 5, -6 * 7, -8 * 9, -10 * 11))
_EXP: Final = _series((1, 2, 3, 4, 5, 6, 7, 8))


def _horner(terms: tuple[float, ...], x: Signal) -> Signal:
    total = np.full_like(x, terms[-1])
    for term in reversed(terms[:-1]):
        total *= x
        total += term
    return total


def sine(cycles: Signal) -> Signal:
    """sin(2 pi x) of a phase in cycles, any shape; error below 1e-7."""
    phase = cycles - np.rint(cycles)
    folded = np.minimum(np.abs(phase), 0.5 - np.abs(phase))
    angle = np.copysign(folded, phase) * TAU
    return angle * _horner(_SINE, angle * angle)


def exp2(power: Signal) -> Signal:
    """2 to the power x, any shape; relative error below 1e-8."""
    whole = np.rint(power)
    return np.ldexp(_horner(_EXP, (power - whole) * LN2), whole.astype(np.int64))


def power_of_two(power: float) -> float:
    """2 to the power x of one number."""
    return float(exp2(np.array([power]))[0])


def frequency(pitch: float) -> float:
    """Hertz of a MIDI pitch (69 is A4, 440 Hz; fractions are cents / 100)."""
    return 440.0 * power_of_two((pitch - 69.0) / 12.0)


def decibels(level: float) -> float:
    """The factor of an amplitude level in dB."""
    return power_of_two(level * LOG2_1000 / 60.0)


def seconds(frames: int) -> Signal:
    """The time of each frame, in seconds: shape (frames,)."""
    return np.arange(frames, dtype=np.float64) / RATE


def decay(time: Signal, t60: float) -> Signal:
    """1 at time 0, falling by 60 dB in `t60` seconds; `time` in seconds, any shape."""
    return exp2(time * (-LOG2_1000 / t60))


def smooth(x: Signal) -> Signal:
    """0 below 0, 1 above 1, and a smooth curve between."""
    clipped = np.clip(x, 0.0, 1.0)
    return clipped * clipped * (3.0 - 2.0 * clipped)


def total(signal: Signal) -> float:
    """The sum in order of time; the order in numpy's `sum` depends on the processor."""
    flat = signal.reshape(-1)
    return float(np.add.accumulate(flat)[-1]) if flat.size else 0.0
