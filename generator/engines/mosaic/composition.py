"""Composes a track: computes the edit list from analysis records. Integers only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from generator.attribution.trace import Edit
from generator.engines.base import NO_STEERING, Composition, Steering
from generator.engines.mosaic.analysis_record import read_record
from generator.engines.mosaic.arrangement import Arrangement, arrange
from generator.engines.mosaic.edits import Cutter, scaled, sounding
from generator.engines.mosaic.grain_choice import Chooser
from generator.engines.mosaic.hearing import able, balance
from generator.engines.mosaic.levels import levels_of
from generator.engines.mosaic.likelihood import log_likelihoods
from generator.engines.mosaic.musical_key import common_key
from generator.engines.mosaic.quota import divide
from generator.engines.mosaic.random_stream import Stream
from generator.engines.mosaic.reference_part import (
    HARMONIC,
    PERCUSSIVE,
    Grid,
    Part,
    grid_of,
    part_of,
)
from generator.engines.mosaic.slot import SILENCE, Slot
from generator.engines.mosaic.tempo import common_tempo, speed_at
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
        return self._sums(self.heard, components)

    def energies(self, components: int) -> list[int]:
        """Levels of components 1..k."""
        return self._sums(self.levels, components)

    def _sums(self, values: Sequence[int], components: int) -> list[int]:
        sums = [0] * components
        for component, value in zip(self.draws, values, strict=True):
            if component:
                sums[component - 1] += value
        return sums


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
    bpm = common_tempo(read, weights, steering.controls.get("tempo", 0))
    keys = [record.key for record in read]
    shifts = common_key(keys, weights, [speed_at(record, bpm) for record in read])
    terms = enumerate(zip(read, shifts, strict=True), 1)
    parts = [part_of(record, component, shift, bpm) for component, (record, shift) in terms]
    grid = grid_of(length, bpm)
    layers = able(parts, weights)
    arranged = arrange(grid, parts, weights, layers, steering.controls)
    laying = _nearest(parts, weights, layers, arranged, seed)
    return _composition(parts, arranged, shifts, laying)


def _nearest(
    parts: Sequence[Part],
    weights: Sequence[int],
    layers: Sequence[tuple[bool, bool]],
    arranged: Arrangement,
    seed: int,
) -> Laying:
    """The laying, out of a few, whose audible frames are nearest to the weights.

    A reference with silent or short grains gets more beats in the next round.
    """
    shares = list(weights)
    plans: list[tuple[int, int, Laying]] = []
    for _ in range(ROUNDS):
        counts = divide(shares, layers, arranged.beats)
        plan = _plan(parts, weights, counts, arranged, Stream(seed))
        frames = plan.frames(len(parts))
        off = miss(frames, weights) + miss(plan.energies(len(parts)), weights)
        plans.append((off, len(plans), plan))
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


def _plan(
    parts: Sequence[Part],
    weights: Sequence[int],
    beats: tuple[list[int], list[int]],
    arranged: Arrangement,
    stream: Stream,
) -> Laying:
    """Lays so many beats of each component in each layer, and balances their loudness."""
    known, grid = {part.component: part for part in parts}, arranged.grid
    slots = _slots(known, beats, arranged, stream)
    edits = (
        Cutter(HARMONIC, known, grid).cut(slots[0], arranged.levels),
        Cutter(PERCUSSIVE, known, grid).cut(slots[1], arranged.levels),
    )
    plain = _laying(slots, edits, known, grid)
    factors = balance(plain.energies(len(parts)), weights)
    louder = tuple([scaled(edit, factors[edit.component - 1]) for edit in laid] for laid in edits)
    return _laying(slots, (louder[0], louder[1]), known, grid)


def _slots(
    parts: Mapping[int, Part],
    beats: tuple[list[int], list[int]],
    arranged: Arrangement,
    stream: Stream,
) -> tuple[list[Slot], list[Slot]]:
    """The grains of both layers."""
    casts = arranged.cast(beats, stream)
    lead = Chooser(HARMONIC, parts, arranged.grid, stream, arranged.taste)
    harmonic = lead.fill(arranged.chunks(casts[0]))
    drums = Chooser(PERCUSSIVE, parts, arranged.grid, stream, arranged.taste, harmonic)
    percussive = drums.fill(arranged.chunks(casts[1]))
    pairs = zip(percussive, arranged.plays, strict=True)
    return harmonic, [slot if plays else SILENCE for slot, plays in pairs]


def _laying(
    slots: tuple[list[Slot], list[Slot]],
    edits: tuple[list[Edit], list[Edit]],
    parts: Mapping[int, Part],
    grid: Grid,
) -> Laying:
    """Grains and edits with the levels that they have, and the frames that are heard."""
    levels = _units(
        *(levels_of(layer, slots[layer], parts, edits[layer], grid) for layer in (0, 1))
    )
    played = _units(*(sounding(laid, grid) for laid in edits))
    return Laying(slots, edits, levels, frames_heard(levels, played))


def _units(harmonic: Sequence[T], percussive: Sequence[T]) -> list[T]:
    """Values of both layers by beat as values by unit."""
    return [value for beat in zip(harmonic, percussive, strict=True) for value in beat]


def _composition(
    parts: Sequence[Part], arranged: Arrangement, shifts: tuple[int, ...], plan: Laying
) -> Composition:
    rows = [log_likelihoods(layer, slots, parts) for layer, slots in enumerate(plan.slots)]
    edits = (*plan.edits[0], *plan.edits[1])
    return Composition(
        frames=arranged.grid.frames,
        bpm=arranged.grid.bpm,
        shifts=shifts,
        draws=tuple(plan.draws),
        levels=tuple(plan.levels),
        frames_drawn=tuple(plan.heard),
        log_likelihood=tuple(_units(*rows)),
        plan=arranged.plan,
        edits=tuple(sorted(edits, key=lambda edit: (edit.start, edit.layer))),
    )
