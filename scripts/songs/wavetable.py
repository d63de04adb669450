"""Band-limited waveforms at half-octave steps of brightness, read with interpolation.

A table is a precomputed low-pass filter: a move through the rows sweeps the filter, and nothing is
above the Nyquist frequency.
"""

from functools import lru_cache
from typing import Final

import numpy as np

from scripts.songs.maths import RATE, Signal, frequency, power_of_two, sine

SIZE: Final = 2_048
ROWS: Final = 17
COUNTS: Final = (4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 160)


def _harmonics(shape: str, count: int) -> Signal:
    order = np.arange(1, count + 1, dtype=np.float64)
    if shape == "saw":
        return 1.0 / order
    if shape == "square":
        return np.where(order % 2 == 1, 1.0 / order, 0.0)
    if shape == "pulse":
        return np.abs(sine(order / 8.0)) / order
    return np.where(order % 2 == 1, 1.0, 0.25) / (order * order)


def _passed(row: int, count: int, peak: float) -> Signal:
    cutoff = power_of_two(row / 2.0)
    ratio = np.arange(1, count + 1) / cutoff
    bump = peak / (1.0 + 16.0 * (ratio - 1.0) * (ratio - 1.0))
    return (1.0 + bump) / (1.0 + ratio * ratio * ratio * ratio)


@lru_cache(maxsize=64)
def table(shape: str, count: int, peak: float) -> Signal:
    """Rows from dark to bright with `count` harmonics: shape (ROWS, SIZE + 1), one column twice."""
    cycle = sine(np.arange(SIZE) / SIZE)
    steps = np.arange(SIZE)
    levels = np.stack([_passed(row, count, peak) for row in range(ROWS)])
    levels *= _harmonics(shape, count)
    rows = np.zeros((ROWS, SIZE + 1))
    for order in range(count):
        rows[:, :SIZE] += levels[:, order : order + 1] * cycle[(steps * (order + 1)) % SIZE]
    rows[:, SIZE] = rows[:, 0]
    return rows


def harmonic_count(pitch: float) -> int:
    """The number of harmonics below 18 kHz at this pitch, rounded down to a few distinct values."""
    room = 18_000.0 / frequency(pitch)
    return max((count for count in COUNTS if count <= room), default=3)


def read(rows: Signal, phase: Signal, brightness: Signal) -> Signal:
    """The wave at a phase in cycles, with `brightness` octaves of harmonics: shape (frames,)."""
    place = (phase - np.floor(phase)) * SIZE
    column = place.astype(np.int64)
    across = place - column
    row = np.clip(brightness * 2.0, 0.0, ROWS - 1.001)
    lower = row.astype(np.int64)
    upward = row - lower
    index = lower * (SIZE + 1) + column
    flat = rows.reshape(-1)
    dull = flat[index] * (1.0 - across) + flat[index + 1] * across
    bright = flat[index + SIZE + 1] * (1.0 - across) + flat[index + SIZE + 2] * across
    return dull * (1.0 - upward) + bright * upward


def phase_of(hertz: Signal, start: float) -> Signal:
    """The running phase in cycles of a changing frequency: shape (frames,)."""
    return np.add.accumulate(hertz) / RATE + start
