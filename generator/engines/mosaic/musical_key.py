"""Shifts in semitones that bring all references into one key."""

from __future__ import annotations

from collections.abc import Sequence
from math import isqrt

SHIFTS = (0, -1, 1, -2, 2, -3, 3)
"""The possible shifts; an earlier one wins a tie."""
COST = 20_000
"""Gain in correlation, in millionths, that justifies a shift by one semitone."""
MILLION = 1_000_000


def common_key(keys: Sequence[Sequence[int]], weights: Sequence[int]) -> tuple[int, ...]:
    """Shifts in semitones, -3..3, one per reference.

    The reference with the largest weight leads (the first one if several share it). For each shift
    of the leader the others take their best shift; the plan with the largest weighted sum of
    agreement wins.

    Args:
        keys: twelve pitch-class levels from C on, per reference.
    """
    lead = max(range(len(keys)), key=lambda index: (weights[index], -index))
    plans = [_follow(keys, lead, shift) for shift in SHIFTS]

    def agreement(plan: Sequence[int]) -> int:
        target = moved(keys[lead], plan[lead])
        terms = zip(keys, plan, weights, strict=True)
        return sum(weight * _worth(target, key, shift) for key, shift, weight in terms)

    return max(plans, key=agreement)


def _follow(keys: Sequence[Sequence[int]], lead: int, shift: int) -> tuple[int, ...]:
    target = moved(keys[lead], shift)
    best = [max(SHIFTS, key=lambda other, key=key: _worth(target, key, other)) for key in keys]  # type: ignore[misc]
    best[lead] = shift
    return tuple(best)


def _worth(target: Sequence[int], key: Sequence[int], shift: int) -> int:
    return correlation(target, moved(key, shift)) - COST * abs(shift)


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
