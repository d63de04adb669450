"""The numbers of a trace that neither the order nor the edits determine: each has a range."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oracle.domain import fields
from oracle.domain.errors import InvalidInput

UNITY = 65_536
"""Gains are integers in units of 1/65,536."""
MOST_LEVEL = 2**63 - 1
MOST_ENERGY = 2**63 - 1
MOST_MICRONATS = 1_000_000_000
MOST_GAIN = 2**24
MOST_POINTS = 200_000
LONGEST_NAME = 40
DEEPEST = 3
"""Objects of constants inside one another."""


def require_numbers(trace: Mapping[str, Any], units: int, components: int) -> None:
    """Checks `levels`, `log_likelihood`, `audible`, `gain`, `envelope` and `separation`.

    Args:
        trace: parsed JSON with all keys of a trace; `frames` is checked already.
        units: T.
        components: k.

    Raises:
        InvalidInput: names the field and the value.
    """
    _numbers(trace["levels"], "trace.levels", units, 0, MOST_LEVEL)
    rows = fields.listing(trace["log_likelihood"], "trace.log_likelihood", units, units)
    for unit, row in enumerate(rows):
        place = f"trace.log_likelihood[{unit}]"
        _numbers(row, place, components + 1, -MOST_MICRONATS, MOST_MICRONATS)
    _numbers(trace["audible"], "trace.audible", components + 1, 0, MOST_ENERGY)
    fields.integer(trace["gain"], "trace.gain", 1, MOST_GAIN)
    require_envelope(trace["envelope"], "trace.envelope", trace["frames"])
    require_constants(trace["separation"], "trace.separation")


def _numbers(value: Any, place: str, size: int, low: int, high: int) -> None:
    for index, number in enumerate(fields.listing(value, place, size, size)):
        fields.integer(number, f"{place}[{index}]", low, high)


def require_envelope(value: Any, place: str, frames: int) -> None:
    """Points [frame, gain] that ascend by frame, the first at 0; a limiter only lowers.

    Raises:
        InvalidInput: names the point.
    """
    least = 0
    for index, item in enumerate(fields.listing(value, place, 1, MOST_POINTS)):
        where = f"{place}[{index}]"
        frame, gain = fields.listing(item, where, 2, 2)
        most = frames if index else 0
        fields.integer(frame, f"{where}[0]", least, most)
        fields.integer(gain, f"{where}[1]", 1, UNITY)
        least = frame + 1


def require_constants(value: Any, place: str, depth: int = 0) -> None:
    """An object of whole numbers, short texts and such objects: the constants of an engine.

    Raises:
        InvalidInput: names the constant.
    """
    if depth > DEEPEST or not isinstance(value, dict):
        raise InvalidInput("must be an object", field=place, value=type(value).__name__)
    for key, item in value.items():
        where = f"{place}.{fields.text(key, place, LONGEST_NAME)}"
        if isinstance(item, dict):
            require_constants(item, where, depth + 1)
        elif isinstance(item, str):
            fields.text(item, where, LONGEST_NAME)
        else:
            fields.integer(item, where, -MOST_LEVEL, MOST_LEVEL)
