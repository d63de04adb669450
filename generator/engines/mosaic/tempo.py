"""One integer tempo for all references, and the speed and grains with which each plays at it.

A reference whose beat is too far from the tempo plays faster or slower by one or two semitones, as
a record does on a turntable: tempo and pitch move by one ratio, in both layers.
"""

from __future__ import annotations

from collections.abc import Sequence

from generator.engines.mosaic.analysis_record import Record
from generator.engines.mosaic.constants import PHASES
from generator.engines.mosaic.refused_reference import RefusedReference
from oracle.domain import tempi
from oracle.domain.tempi import FASTEST, LEVELS, SLOWEST, STEPS, miss, whole_bpm

WITHOUT_BEAT = 120
UNNATURAL = 30_000
"""Cost of a semitone of varispeed, as the mismatch of beats (in millionths) that it is worth."""
MIDDLE = 113
"""Tempo, in beats a minute, that divides slow tracks from fast ones."""


class NoCommonTempo(RefusedReference):
    """A reference that fits no tempo that the others fit."""


def common_tempo(records: Sequence[Record], weights: Sequence[int], lean: int = 0) -> int:
    """The bpm nearest to all tracked tempi up to octaves and varispeed.

    It minimises the sum of weights times squared costs over the tempi that all references fit by
    `oracle.domain.tempi`. Of equal tempi the one nearest to 120 wins, then the lower one.

    Args:
        lean: -1 for a slow track (80..112), 1 for a fast one (113..159), 0 for any. It gives way
            where a reference would not fit at the best of these tempi.

    Returns:
        120 if no reference has a beat; 90 or 140 for a slow or a fast track.

    Raises:
        NoCommonTempo: no tempo exists that all references fit, whatever their weights.
    """
    common = _common(records)
    pairs = [pair for pair in zip(records, weights, strict=True) if pair[0].tracked]
    wanted = {-1: 90, 0: WITHOUT_BEAT, 1: 140}[lean]
    if not pairs:
        return wanted

    def cost(bpm: int) -> tuple[int, int, int]:
        misses = sum(weight * _cost(record, bpm, speed_at(record, bpm)) for record, weight in pairs)
        return misses, abs(bpm - wanted), bpm

    best = min(_range(lean), key=cost)
    return best if best in common else min(common, key=cost)


def _common(records: Sequence[Record]) -> list[int]:
    """The tempi that all references fit, at least one."""
    bpms = [whole_bpm(record.millibpm) if record.tracked else 0 for record in records]
    if out := tempi.misfits(bpms):
        raise NoCommonTempo(out[0], tempi.why(bpms, out[0]))
    return tempi.common(bpms)


def _range(lean: int) -> range:
    return range(MIDDLE if lean > 0 else SLOWEST, MIDDLE if lean < 0 else FASTEST)


def speed_at(record: Record, bpm: int) -> int:
    """Semitones of varispeed of a reference at a tempo; 0 for one without a beat."""
    if not record.tracked:
        return 0
    return min(STEPS, key=lambda speed: _cost(record, bpm, speed))


def _cost(record: Record, bpm: int, speed: int) -> int:
    return mismatch(record, bpm, speed) ** 2 + (UNNATURAL * speed) ** 2


def level_at(record: Record, bpm: int, speed: int = 0) -> int:
    """Level 1 or 2: the one whose grains are nearer in length to a beat of the output."""
    return min(LEVELS, key=lambda level: miss(_played(record, level, speed), bpm))


def mismatch(record: Record, bpm: int, speed: int = 0) -> int:
    """Difference in length, in millionths, of a reference's grains from the output's beats."""
    return miss(_played(record, level_at(record, bpm, speed), speed), bpm)


def _played(record: Record, level: int, speed: int) -> int:
    """Tempo, in thousandths, of a reference's grains at a speed."""
    return record.millibpm * level * STEPS[speed] // PHASES
