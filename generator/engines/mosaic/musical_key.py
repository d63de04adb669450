"""Shifts in semitones that bring all references into one key."""

from __future__ import annotations

from collections.abc import Sequence
from math import isqrt

SHIFTS = (0, -1, 1, -2, 2, -3, 3)
"""The possible shifts; an earlier one wins a tie."""
COST = 20_000
"""Gain in correlation, in millionths, that justifies a shift by one semitone."""
MILLION = 1_000_000


def common_key(
    keys: Sequence[Sequence[int]], weights: Sequence[int], speeds: Sequence[int] = ()
) -> tuple[int, ...]:
    """Shifts in semitones, -3..3, one per reference.

    The reference with the largest weight leads (the first one if several share it). For each shift
    of the leader the others take their best shift; the plan with the largest weighted sum of
    agreement wins.

    Args:
        keys: twelve pitch-class levels from C on, per reference.
        speeds: semitones by which each reference's varispeed moves it already; a shift costs by its
            distance from them, so that both layers keep one speed unless the key gains by it.
    """
    speeds = speeds or [0] * len(keys)
    lead = max(range(len(keys)), key=lambda index: (weights[index], -index))
    plans = [_follow(keys, lead, shift, speeds) for shift in SHIFTS]

    def agreement(plan: Sequence[int]) -> int:
        target = moved(keys[lead], plan[lead])
        terms = zip(keys, plan, speeds, weights, strict=True)
        return sum(w * _worth(target, key, shift, speed) for key, shift, speed, w in terms)

    return max(plans, key=agreement)


def _follow(
    keys: Sequence[Sequence[int]], lead: int, shift: int, speeds: Sequence[int]
) -> tuple[int, ...]:
    target = moved(keys[lead], shift)
    best = [_best(target, key, speed) for key, speed in zip(keys, speeds, strict=True)]
    best[lead] = shift
    return tuple(best)


def _best(target: Sequence[int], key: Sequence[int], speed: int) -> int:
    return max(SHIFTS, key=lambda shift: _worth(target, key, shift, speed))


def _worth(target: Sequence[int], key: Sequence[int], shift: int, speed: int) -> int:
    return correlation(target, moved(key, shift)) - COST * abs(shift - speed)


def moved(key: Sequence[int], shift: int) -> list[int]:
    """The pitch classes after `shift` semitones up."""
    return [key[(note - shift) % 12] for note in range(12)]


def correlation(one: Sequence[int], other: Sequence[int]) -> int:
    """Pearson's correlation in millionths, 0 for a flat line."""
    first = [12 * value - sum(one) for value in one]
    second = [12 * value - sum(other) for value in other]
    scale = isqrt(sum(value * value for value in first) * sum(value * value for value in second))
    product = sum(a * b for a, b in zip(first, second, strict=True))
    return product * MILLION // scale if scale else 0
