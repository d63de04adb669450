"""One integer tempo for all references, and which level of grains each plays at it."""

from __future__ import annotations

from collections.abc import Sequence

from generator.engines.mosaic.record import Record

SLOWEST, FASTEST = 80, 160
"""Beats a minute of the output, the second excluded: an octave, so every tempo has its place."""
WITHOUT_BEAT = 120
MILLION = 1_000_000


def common_tempo(records: Sequence[Record], weights: Sequence[int]) -> int:
    """The bpm nearest to all tracked tempi, octaves apart or not; 120 if there is no beat.

    The sum of weights times squared mismatch is least; ties go to the tempo nearest 120, the lower.
    """
    pairs = [pair for pair in zip(records, weights, strict=True) if pair[0].tracked]
    if not pairs:
        return WITHOUT_BEAT

    def cost(bpm: int) -> tuple[int, int, int]:
        misses = sum(weight * mismatch(record, bpm) ** 2 for record, weight in pairs)
        return misses, abs(bpm - WITHOUT_BEAT), bpm

    return min(range(SLOWEST, FASTEST), key=cost)


def level_at(record: Record, bpm: int) -> int:
    """Level 1 or 2: whose grains are nearer to a beat of the output."""
    return min((1, 2), key=lambda level: _miss(record.millibpm * level, bpm))


def mismatch(record: Record, bpm: int) -> int:
    """Millionths by which a reference's grains are shorter or longer than the output's beats."""
    return _miss(record.millibpm * level_at(record, bpm), bpm)


def _miss(millibpm: int, bpm: int) -> int:
    return abs(millibpm - bpm * 1000) * MILLION // min(millibpm, bpm * 1000)
