"""Turns scores into weights that sum to 1,000,000, and measures the distance of two vectors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from oracle.domain.attribution import MILLION, largest_remainder
from oracle.domain.errors import InvalidInput

FINEST = 1_000_000_000
"""Shares are rounded to this many parts before they become integers, because the last bits of a
float sum depend on the machine and the order of summation, and a tie must stay a tie."""


def from_scores(scores: Sequence[int], field: str) -> tuple[int, ...]:
    """Whole scores to weights by largest remainder, ties to the lower component.

    Args:
        scores: k + 1 of them, at least 0; references ascend by recording id, so the lower
            component is the lower id.
        field: name of the trace's field that holds them, for the error.

    Raises:
        InvalidInput: no score is above 0, or one is below 0.
    """
    if not any(scores):
        raise InvalidInput("holds nothing to attribute", field=f"trace.{field}", value=scores)
    return tuple(largest_remainder(dict(enumerate(scores))).values())


def from_shares(shares: Sequence[float]) -> tuple[int, ...]:
    """Weights from shares that sum to about 1; a share that rounding left below 0 counts as 0."""
    return from_scores([max(0, round(float(share) * FINEST)) for share in shares], "shares")


def total_variation(one: Mapping[int, int], other: Mapping[int, int]) -> int:
    """Half the sum of absolute differences of two vectors, in millionths: 0..1,000,000.

    Args:
        one, other: id to weight; a missing id has weight 0.

    Raises:
        InvalidInput: a vector does not sum to 1,000,000.
    """
    for vector in (one, other):
        if sum(vector.values()) != MILLION:
            raise InvalidInput(f"must sum to {MILLION}", field="vector", value=dict(vector))
    return sum(abs(one.get(key, 0) - other.get(key, 0)) for key in {*one, *other}) // 2
