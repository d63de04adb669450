"""One beat of a layer, as composing fills it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Slot:
    """One beat of a layer: the component and its grain."""

    component: int
    grain: int


SILENCE = Slot(0, 0)
"""A beat in which a layer does not play."""
