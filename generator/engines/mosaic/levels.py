"""The energy of each unit as laid: what a layer's grain brings into one beat. Integers only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from generator.attribution.trace import UNITY, Edit
from generator.engines.mosaic.edits import sounding
from generator.engines.mosaic.reference_part import Grid, Part
from generator.engines.mosaic.slot import Slot

DECADE = 1_000
"""Hundredths of a decibel by which power grows tenfold."""
DIGITS = 18
UNIT = 9
"""Levels are in units of 10^-9 of full scale times frames."""
MANTISSAS = tuple(
    int(Decimal(10) ** (Decimal(step) / DECADE) * 10**DIGITS) for step in range(DECADE)
)
"""10^(n/1000) in units of 10^-18, rounded down."""


def levels_of(
    layer: int,
    slots: Sequence[Slot],
    parts: Mapping[int, Part],
    edits: Sequence[Edit],
    grid: Grid,
) -> list[int]:
    """The level of a layer's unit in each beat.

    Args:
        slots: the grain of each beat; a silent one has level 0.
        edits: of the layer; their gains count.
    """
    played = sounding(edits, grid, lambda edit: edit.gain * edit.gain)
    return [
        level(int(parts[slot.component].level.powers[layer][slot.grain]), loud)
        if slot.component
        else 0
        for slot, loud in zip(slots, played, strict=True)
    ]


def level(power: int, loud: int) -> int:
    """Energy of frames of a grain, rounded down.

    Args:
        power: K-weighted mean square in hundredths of a decibel below full scale.
        loud: sum over the frames of the squared gain, in 1/65,536^2.
    """
    decade, step = divmod(power, DECADE)
    scale = decade + UNIT - DIGITS
    energy = loud * MANTISSAS[step] * 10 ** max(scale, 0)
    return energy // (UNITY * UNITY * 10 ** max(-scale, 0))
