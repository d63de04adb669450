"""One integer tempo for all references, and the speed and grains with which each plays at it.

A reference whose beat is too far from the tempo plays faster or slower by one or two semitones, as
a record does on a turntable: tempo and pitch move by one ratio, in both layers.
"""

from __future__ import annotations

from collections.abc import Sequence

from generator.engines.mosaic.analysis_record import Record
from generator.engines.mosaic.constants import PHASES, STEPS

SLOWEST, FASTEST = 80, 160
"""Range of output tempi in beats a minute, the upper end excluded: one octave fits any tempo."""
WITHOUT_BEAT = 120
MILLION = 1_000_000
SPEEDS = (0, -1, 1, -2, 2)
"""Semitones of varispeed that still sound natural; of equal costs the earlier one wins."""
UNNATURAL = 30_000
"""Cost of a semitone of varispeed, as the mismatch of beats (in millionths) that it is worth."""
TOO_FAR = 80_000
"""Mismatch, in millionths, above which the off-beats of two references fall apart."""
MIDDLE = 113
"""Tempo, in beats a minute, that divides slow tracks from fast ones."""


def common_tempo(records: Sequence[Record], weights: Sequence[int], lean: int = 0) -> int:
    """The bpm nearest to all tracked tempi up to octaves and varispeed.

    It minimises the sum of weights times squared costs. Of equal tempi the one nearest to 120 wins,
    then the lower one.

    Args:
        lean: -1 for a slow track (80..112), 1 for a fast one (113..159), 0 for any. It gives way
            where a reference would not fit.

    Returns:
        120 if no reference has a beat; 90 or 140 for a slow or a fast track.
    """
    pairs = [pair for pair in zip(records, weights, strict=True) if pair[0].tracked]
    wanted = {-1: 90, 0: WITHOUT_BEAT, 1: 140}[lean]
    if not pairs:
        return wanted

    def cost(bpm: int) -> tuple[int, int, int]:
        misses = sum(weight * _cost(record, bpm, speed_at(record, bpm)) for record, weight in pairs)
        return misses, abs(bpm - wanted), bpm

    best = min(_range(lean), key=cost)
    if lean and not all(fits(record, best) for record in records):
        return min(_range(0), key=cost)
    return best


def _range(lean: int) -> range:
    return range(MIDDLE if lean > 0 else SLOWEST, MIDDLE if lean < 0 else FASTEST)


def speed_at(record: Record, bpm: int) -> int:
    """Semitones of varispeed of a reference at a tempo; 0 for one without a beat."""
    if not record.tracked:
        return 0
    return min(SPEEDS, key=lambda speed: _cost(record, bpm, speed))


def _cost(record: Record, bpm: int, speed: int) -> int:
    return mismatch(record, bpm, speed) ** 2 + (UNNATURAL * speed) ** 2


def level_at(record: Record, bpm: int, speed: int = 0) -> int:
    """Level 1 or 2: the one whose grains are nearer in length to a beat of the output."""
    return min((1, 2), key=lambda level: _miss(_played(record, level, speed), bpm))


def mismatch(record: Record, bpm: int, speed: int = 0) -> int:
    """Difference in length, in millionths, of a reference's grains from the output's beats."""
    return _miss(_played(record, level_at(record, bpm, speed), speed), bpm)


def fits(record: Record, bpm: int) -> bool:
    """Whether a reference can play at a tempo without its off-beats falling apart."""
    return not record.tracked or mismatch(record, bpm, speed_at(record, bpm)) <= TOO_FAR


def _played(record: Record, level: int, speed: int) -> int:
    """Tempo, in thousandths, of a reference's grains at a speed."""
    return record.millibpm * level * STEPS[speed] // PHASES


def _miss(millibpm: int, bpm: int) -> int:
    return abs(millibpm - bpm * 1000) * MILLION // min(millibpm, bpm * 1000)
