"""Composes a track: computes the edit list from analysis records. Integers only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from generator.attribution.trace import Edit
from generator.engines.base import NO_STEERING, Composition, Steering
from generator.engines.mosaic.analysis_record import read_record
from generator.engines.mosaic.edits import cut_layer, sounding
from generator.engines.mosaic.grain_choice import Chooser, Slot
from generator.engines.mosaic.levels import levels_of
from generator.engines.mosaic.likelihood import log_likelihoods
from generator.engines.mosaic.musical_key import common_key
from generator.engines.mosaic.quota import arrange, divide
from generator.engines.mosaic.random_stream import Stream
from generator.engines.mosaic.reference_part import (
    HARMONIC,
    PERCUSSIVE,
    Grid,
    Part,
    grid_of,
    part_of,
)
from generator.engines.mosaic.tempo import common_tempo
from oracle.domain import plan as sections
from oracle.domain.heard import frames_heard

T = TypeVar("T")

ROUNDS = 8
"""How often the beats are divided again when the audible frames miss the weights."""
CLOSE = 5_000
"""Total variation, in millionths, that is close enough to the weights."""
MILLION = 1_000_000


@dataclass(frozen=True)
class Laying:
    """One way to fill the grid; each pair is (harmonic, percussive), all else is by unit."""

    slots: tuple[list[Slot], list[Slot]]
    edits: tuple[list[Edit], list[Edit]]
    levels: list[int]
    heard: list[int]

    @property
    def draws(self) -> list[int]:
        """The component of each unit."""
        return [slot.component for slot in _units(*self.slots)]

    def frames(self, components: int) -> list[int]:
        """Frames that are heard of components 1..k."""
        counts = [0] * components
        for component, count in zip(self.draws, self.heard, strict=True):
            counts[component - 1] += count
        return counts


def compose(
    records: Sequence[Mapping[str, Any]],
    weights: Sequence[int],
    seed: int,
    length: int,
    steering: Steering = NO_STEERING,
) -> Composition:
    """The edit list of a track.

    Unit 2b is beat b of the harmonic layer, unit 2b + 1 is beat b of the percussive layer.

    Args:
        records: k analysis records, in order of their components.
        weights: k of them, sum 1,000,000.
        seed: 0..2^64 - 1.
        length: seconds.
        steering: controls and groups.
    """
    read = [read_record(record) for record in records]
    bpm = common_tempo(read, weights)
    shifts = common_key([record.key for record in read], weights)
    terms = enumerate(zip(read, shifts, strict=True), 1)
    parts = [part_of(record, component, shift, bpm) for component, (record, shift) in terms]
    grid = grid_of(length, bpm)
    return _composition(parts, grid, shifts, _nearest(parts, weights, grid, seed))


def _nearest(parts: Sequence[Part], weights: Sequence[int], grid: Grid, seed: int) -> Laying:
    """The plan, out of a few, whose audible frames are nearest to the weights.

    A reference with silent or short grains gets more beats in the next round.
    """
    shares = list(weights)
    plans: list[tuple[int, int, Laying]] = []
    for _ in range(ROUNDS):
        plan = _plan(parts, shares, grid, Stream(seed))
        frames = plan.frames(len(parts))
        plans.append((miss(frames, weights), len(plans), plan))
        if plans[-1][0] <= CLOSE:
            break
        shares = _corrected(shares, frames, weights)
    return min(plans)[2]


def miss(frames: Sequence[int], weights: Sequence[int]) -> int:
    """Total variation between audible frames and weights, in millionths."""
    total = max(1, sum(frames))
    pairs = zip(frames, weights, strict=True)
    return sum(abs(count * MILLION // total - weight) for count, weight in pairs) // 2


def _corrected(shares: list[int], frames: list[int], weights: Sequence[int]) -> list[int]:
    """Shares times requested over audible frames; a share at most doubles or halves at once."""
    total = max(1, sum(frames))
    return [
        min(2 * share, max(share // 2, share * weight * total // max(1, count * MILLION), 1))
        for share, count, weight in zip(shares, frames, weights, strict=True)
    ]


def _plan(parts: Sequence[Part], shares: Sequence[int], grid: Grid, stream: Stream) -> Laying:
    able = [(part.able(HARMONIC), part.able(PERCUSSIVE)) for part in parts]
    harmonic, percussive = divide(shares, able, grid.beats)
    known = {part.component: part for part in parts}
    first = Chooser(HARMONIC, known, grid, stream).fill(arrange(harmonic, stream))
    second = Chooser(PERCUSSIVE, known, grid, stream, first).fill(arrange(percussive, stream))
    edits = cut_layer(HARMONIC, first, known, grid), cut_layer(PERCUSSIVE, second, known, grid)
    played = [sounding(laid, grid) for laid in edits]
    levels = _units(
        levels_of(HARMONIC, first, known, played[0]),
        levels_of(PERCUSSIVE, second, known, played[1]),
    )
    return Laying((first, second), edits, levels, frames_heard(levels, _units(*played)))


def _units(harmonic: Sequence[T], percussive: Sequence[T]) -> list[T]:
    """Values of both layers by beat as values by unit."""
    return [value for beat in zip(harmonic, percussive, strict=True) for value in beat]


def _composition(
    parts: Sequence[Part], grid: Grid, shifts: tuple[int, ...], plan: Laying
) -> Composition:
    rows = [log_likelihoods(layer, slots, parts) for layer, slots in enumerate(plan.slots)]
    edits = (*plan.edits[0], *plan.edits[1])
    return Composition(
        frames=grid.frames,
        bpm=grid.bpm,
        shifts=shifts,
        draws=tuple(plan.draws),
        levels=tuple(plan.levels),
        frames_drawn=tuple(plan.heard),
        log_likelihood=tuple(_units(*rows)),
        plan=sections.whole(grid.beats),
        edits=tuple(sorted(edits, key=lambda edit: (edit.start, edit.layer))),
    )
