"""Which units of a track are heard, and so paid: by their energy in the mix of their own beat.

A unit is one layer of one beat. Its `level` is the energy that its grains lay there, as the engine
composes it from analysis records: mean square times frames, in units of 10^-9 of full scale.
Whoever has a trace can repeat this rule from `levels` and `edits` alone.
"""

from __future__ import annotations

from collections.abc import Sequence

LAYERS = ("harmonic", "percussive")

LEAST_SHARE = 100
"""A unit is heard if it has at least a hundredth of its beat's energy, that is -20 LU."""
FLOOR = 500_000
"""The least level for each frame that is played: -33.7 LUFS, about 20 LU below a reference."""


def frames_heard(levels: Sequence[int], played: Sequence[int]) -> list[int]:
    """The frames that each unit counts, which is what `frames_drawn` must hold.

    Args:
        levels: of T units; unit 2b is the harmonic layer of beat b, 2b + 1 the percussive one.
        played: frames that edits play in each of the T units.

    Returns:
        Half of the frames played, rounded down, because a track averages over two layers; 0 for a
        unit that is not heard.
    """
    counted = []
    for unit, (level, frames) in enumerate(zip(levels, played, strict=True)):
        beat = unit - unit % len(LAYERS)
        whole = sum(levels[beat : beat + len(LAYERS)])
        counted.append(frames // len(LAYERS) if is_heard(level, whole, frames) else 0)
    return counted


def is_heard(level: int, beat: int, frames: int) -> bool:
    """Whether a unit that plays some frames is heard in a beat with this energy in all."""
    return frames > 0 and LEAST_SHARE * level >= beat and level >= FLOOR * frames
