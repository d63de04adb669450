"""Whether another node's analysis record of a recording is near enough to this node's own.

Records are integers, but floats led to them, so that another processor may round a few otherwise.
A maker that wrote what it likes into its record would choose the grains and their levels.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import Any

NEAR: dict[str, int] = {
    "gain_centibels": 1,
    "confidence": 1_000,
    "millibpm": 10,
    "key": 100,
    "starts": 132,
    "ends": 441,
    "harmonic": 10,
    "percussive": 10,
    "powers": 5,
    "peaks": 5,
}
"""By how much a number may differ, by the name of its field; all else must be equal. Starts and
ends are in samples (3 and 10 ms), features and powers in hundredths of a decibel."""
GAIN = 1_000
"""The playing gain may differ by a thousandth."""
OUTLIER = 20
"""Times the bound that a few numbers of a list may differ: a beat moved to another attack."""
FEW = 100
"""At most one in so many numbers of a list, or one, is an outlier."""
FREE = frozenset({"samples"})
"""The digest of decoded samples differs between versions of a decoder, and composing ignores it."""


def is_near(own: Mapping[str, Any], other: Any) -> bool:
    """Whether a record has the same form as our own and numbers near it.

    Args:
        own: this node's record of the same file.
        other: parsed JSON of anybody.
    """
    if not isinstance(other, dict) or own.keys() != other.keys():
        return False
    return all(_near(name, own[name], other[name]) for name in own)


def _near(name: str, own: Any, other: Any) -> bool:
    if isinstance(own, dict):
        return is_near(own, other)
    if isinstance(own, (list, tuple)):
        return isinstance(other, list) and _list_near(name, own, other)
    if name in FREE:
        return isinstance(other, str) and len(other) == len(own)
    bound = own // GAIN if name == "gain" else NEAR.get(name, 0)
    return type(other) is type(own) and (other == own or _distance(own, other) <= bound)


def _distance(own: Any, other: Any) -> float:
    return abs(own - other) if type(own) is int else float("inf")


def _list_near(name: str, own: Any, other: list[Any]) -> bool:
    if len(own) != len(other):
        return False
    if own and isinstance(own[0], (list, tuple)):
        rows = zip(own, other, strict=True)
        if not all(isinstance(two, list) and len(one) == len(two) for one, two in rows):
            return False
        own, other = (list(chain.from_iterable(rows)) for rows in (own, other))
    if any(type(number) is not int for number in other):
        return False
    bound = NEAR.get(name, 0)
    far = [abs(a - b) for a, b in zip(own, other, strict=True) if abs(a - b) > bound]
    return len(far) <= max(1, len(own) // FEW) and max(far, default=0) <= OUTLIER * bound
