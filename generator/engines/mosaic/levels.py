"""The energy of each unit as laid: what a layer's grain brings into one beat. Integers only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from generator.attribution.trace import UNITY
from generator.engines.mosaic.grain_choice import Slot
from generator.engines.mosaic.reference_part import Part

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
    layer: int, slots: Sequence[Slot], parts: Mapping[int, Part], played: Sequence[int]
) -> list[int]:
    """The level of a layer's unit in each beat.

    Args:
        slots: the grain of each beat.
        played: frames that the layer plays in each beat.
    """
    return [
        level(int(parts[slot.component].level.powers[layer][slot.grain]),
              parts[slot.component].gain, frames)
        for slot, frames in zip(slots, played, strict=True)
    ]  # fmt: skip


def level(power: int, gain: int, frames: int) -> int:
    """Energy of so many frames, rounded down.

    Args:
        power: mean square in hundredths of a decibel below full scale.
        gain: in 1/65,536.
    """
    decade, step = divmod(power, DECADE)
    scale = decade + UNIT - DIGITS
    energy = frames * MANTISSAS[step] * gain * gain * 10 ** max(scale, 0)
    return energy // (UNITY * UNITY * 10 ** max(-scale, 0))
