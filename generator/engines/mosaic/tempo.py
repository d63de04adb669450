"""One integer tempo for all references, and the level of grains that each plays at it."""

from __future__ import annotations

from collections.abc import Sequence

from generator.engines.mosaic.analysis_record import Record

SLOWEST, FASTEST = 80, 160
"""Range of output tempi in beats a minute, the upper end excluded: one octave fits any tempo."""
WITHOUT_BEAT = 120
MILLION = 1_000_000


def common_tempo(records: Sequence[Record], weights: Sequence[int]) -> int:
    """The bpm nearest to all tracked tempi up to octaves; 120 if no reference has a beat.

    It minimises the sum of weights times squared mismatch. Of equal tempi the one nearest to 120
    wins, then the lower one.
    """
    pairs = [pair for pair in zip(records, weights, strict=True) if pair[0].tracked]
    if not pairs:
        return WITHOUT_BEAT

    def cost(bpm: int) -> tuple[int, int, int]:
        misses = sum(weight * mismatch(record, bpm) ** 2 for record, weight in pairs)
        return misses, abs(bpm - WITHOUT_BEAT), bpm

    return min(range(SLOWEST, FASTEST), key=cost)


def level_at(record: Record, bpm: int) -> int:
    """Level 1 or 2: the one whose grains are nearer in length to a beat of the output."""
    return min((1, 2), key=lambda level: _miss(record.millibpm * level, bpm))


def mismatch(record: Record, bpm: int) -> int:
    """Difference in length, in millionths, of a reference's grains from the output's beats."""
    return _miss(record.millibpm * level_at(record, bpm), bpm)


def _miss(millibpm: int, bpm: int) -> int:
    return abs(millibpm - bpm * 1000) * MILLION // min(millibpm, bpm * 1000)
