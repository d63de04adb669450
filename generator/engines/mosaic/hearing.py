"""Which references can be heard beside the others of a track, and at which gain. Integers only.

`oracle.domain.heard` decides which units of a finished track count. What is here makes a track in
which units are heard, and in which references sound as loud as their weights ask.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isqrt
from typing import TYPE_CHECKING

from generator.attribution.trace import MILLION, UNITY
from generator.engines.mosaic.levels import level
from generator.engines.mosaic.reference_part import APART, FAINTEST, LAYER_COUNT, Part
from generator.engines.mosaic.refused_reference import RefusedReference

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

QUIETEST = 4
"""A reference may have a quarter of the power of the others (-6 dB), not less."""
MOST_BALANCE = 2
"""Balancing changes a gain by at most this factor (6 dB) in each direction."""
FRAMES = 1_000
"""Frames for which the power of a grain is computed, so that little is lost by rounding."""


class Unheard(RefusedReference):
    """A reference that cannot be heard as its weight asks."""


def able(parts: Sequence[Part], weights: Sequence[int]) -> list[tuple[bool, bool]]:
    """Whether each reference is heard in the harmonic and in the percussive layer.

    A layer is usable if a quarter of its grains would be heard beside what the other layer usually
    has. If neither is, one grain is enough.

    Args:
        weights: one for each part, above 0.

    Raises:
        Unheard: a reference can be heard nowhere, or is far quieter than the others.
    """
    usual = [_usual(parts, weights, layer) for layer in range(LAYER_COUNT)]
    found = []
    for index, part in enumerate(parts):
        heard = [int(_heard(part, layer, usual[1 - layer]).sum()) for layer in range(LAYER_COUNT)]
        enough = part.grains if any(4 * count >= part.grains for count in heard) else 4
        if not any(heard):
            _refuse(index, "has no beat that could be heard in this track")
        harmonic, percussive = (4 * count >= enough for count in heard)
        found.append((harmonic, percussive))
    _require_as_loud(parts, weights)
    return found


def _usual(parts: Sequence[Part], weights: Sequence[int], layer: int) -> int:
    """Weighted mean over the references of the median power of a layer; -infinity as FAINTEST."""
    medians = [sorted(part.power[layer].tolist())[part.grains // 2] for part in parts]
    pairs = zip(medians, weights, strict=True)
    return sum(max(median, FAINTEST) * weight for median, weight in pairs) // sum(weights)


def _heard(part: Part, layer: int, beside: int) -> NDArray[np.bool_]:
    power = part.power[layer]
    return (power > FAINTEST) & (power >= beside - APART) & ~part.wild[layer]


def _require_as_loud(parts: Sequence[Part], weights: Sequence[int]) -> None:
    """A reference whose peaks keep it far below the others would be paid for what nobody hears."""
    powers = [_loudness(part) for part in parts]
    pairs = list(zip(powers, weights, strict=True))
    whole = sum(power * weight for power, weight in pairs)
    for index, (power, weight) in enumerate(pairs):
        rest = sum(weights) - weight
        if rest and QUIETEST * power * rest < whole - power * weight:
            _refuse(index, "is more than 6 dB quieter than the others; its peaks allow no more")


def _loudness(part: Part) -> int:
    """Mean energy of `FRAMES` frames of both layers over the grains that are heard alone."""
    heard = [_heard(part, layer, FAINTEST) for layer in range(LAYER_COUNT)]
    grains = (heard[0] | heard[1]).nonzero()[0].tolist()
    energies = [
        level(int(part.power[layer][grain]), FRAMES * UNITY * UNITY)
        for grain in grains
        for layer in range(LAYER_COUNT)
        if not part.wild[layer][grain]
    ]
    return sum(energies) // max(1, len(grains))


def _refuse(index: int, detail: str) -> None:
    raise Unheard(index, detail)


def balance(energies: Sequence[int], weights: Sequence[int]) -> list[int]:
    """Factors in 1/65,536 for the gains of components 1..k: loudness is divided as asked.

    Args:
        energies: of each component as composed; one that plays nothing keeps its gain.
    """
    total = sum(energies)
    low, high = UNITY // MOST_BALANCE, UNITY * MOST_BALANCE
    return [
        max(low, min(high, isqrt(weight * total * UNITY * UNITY // (MILLION * energy))))
        if energy
        else UNITY
        for energy, weight in zip(energies, weights, strict=True)
    ]
