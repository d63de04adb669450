"""Controls: integers that steer a composition. They are public; the words behind them are not."""

from __future__ import annotations

from typing import Any

from oracle.domain import fields
from oracle.domain.errors import InvalidInput

Controls = dict[str, int]

RANGES: dict[str, tuple[int, int]] = {
    "brightness": (-1, 1),
    "build": (0, 1),
    "density": (-1, 1),
    "drums": (-1, 1),
    "energy": (-1, 0),
    "tempo": (-1, 1),
}
"""Name of each control to its lowest and highest value. A control may be left out."""


def read_controls(value: Any, place: str) -> Controls:
    """Controls from their JSON, an object. Raises InvalidInput that names the wrong field."""
    if not isinstance(value, dict):
        raise InvalidInput("must be an object", field=place, value=type(value).__name__)
    for name in value:
        if name not in RANGES:
            raise InvalidInput("is not a known field", field=f"{place}.{str(name)[:80]}")
    return {
        name: fields.integer(number, f"{place}.{name}", *RANGES[name])
        for name, number in value.items()
    }
