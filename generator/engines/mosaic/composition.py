"""Composes a track: computes the edit list from analysis records. Integers only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from generator.attribution.trace import Edit
from generator.engines.base import Composition
from generator.engines.mosaic.analysis_record import read_record
from generator.engines.mosaic.edits import cut_layer, sounding
from generator.engines.mosaic.grain_choice import Chooser, Slot
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

ROUNDS = 8
"""How often the beats are divided again when the audible frames miss the weights."""
CLOSE = 5_000
"""Total variation, in millionths, that is close enough to the weights."""
MILLION = 1_000_000


@dataclass(frozen=True)
class Plan:
    """One way to fill the grid; each pair is (harmonic, percussive)."""

    slots: tuple[list[Slot], list[Slot]]
    edits: tuple[list[Edit], list[Edit]]
    drawn: tuple[list[int], list[int]]

    def frames(self, components: int) -> list[int]:
        """Audible frames of components 1..k."""
        counts = [0] * components
        for slots, drawn in zip(self.slots, self.drawn, strict=True):
            for slot, count in zip(slots, drawn, strict=True):
                counts[slot.component - 1] += count
        return counts


def compose(
    records: Sequence[Mapping[str, Any]], weights: Sequence[int], seed: int, length: int
) -> Composition:
    """The edit list of a track.

    Unit 2b is beat b of the harmonic layer, unit 2b + 1 is beat b of the percussive layer.

    Args:
        records: k analysis records, in order of their components.
        weights: k of them, sum 1,000,000.
        seed: 0..2^64 - 1.
        length: seconds.
    """
    read = [read_record(record) for record in records]
    bpm = common_tempo(read, weights)
    shifts = common_key([record.key for record in read], weights)
    terms = enumerate(zip(read, shifts, strict=True), 1)
    parts = [part_of(record, component, shift, bpm) for component, (record, shift) in terms]
    grid = grid_of(length, bpm)
    return _composition(parts, grid, shifts, _nearest(parts, weights, grid, seed))


def _nearest(parts: Sequence[Part], weights: Sequence[int], grid: Grid, seed: int) -> Plan:
    """The plan, out of a few, whose audible frames are nearest to the weights.

    A reference with silent or short grains gets more beats in the next round.
    """
    shares = list(weights)
    plans: list[tuple[int, int, Plan]] = []
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


def _plan(parts: Sequence[Part], shares: Sequence[int], grid: Grid, stream: Stream) -> Plan:
    able = [(part.able(HARMONIC), part.able(PERCUSSIVE)) for part in parts]
    harmonic, percussive = divide(shares, able, grid.beats)
    known = {part.component: part for part in parts}
    first = Chooser(HARMONIC, known, grid, stream).fill(arrange(harmonic, stream))
    second = Chooser(PERCUSSIVE, known, grid, stream, first).fill(arrange(percussive, stream))
    edits = cut_layer(HARMONIC, first, known, grid), cut_layer(PERCUSSIVE, second, known, grid)
    drawn = (
        _drawn(HARMONIC, first, known, sounding(edits[0], grid)),
        _drawn(PERCUSSIVE, second, known, sounding(edits[1], grid)),
    )
    return Plan((first, second), edits, drawn)


def _composition(
    parts: Sequence[Part], grid: Grid, shifts: tuple[int, ...], plan: Plan
) -> Composition:
    rows = [log_likelihoods(layer, slots, parts) for layer, slots in enumerate(plan.slots)]
    edits = (*plan.edits[0], *plan.edits[1])
    return Composition(
        frames=grid.frames,
        bpm=grid.bpm,
        shifts=shifts,
        draws=tuple(slot.component for pair in zip(*plan.slots, strict=True) for slot in pair),
        frames_drawn=tuple(count for pair in zip(*plan.drawn, strict=True) for count in pair),
        log_likelihood=tuple(row for pair in zip(*rows, strict=True) for row in pair),
        edits=tuple(sorted(edits, key=lambda edit: (edit.start, edit.layer))),
    )


def _drawn(
    layer: int, slots: Sequence[Slot], parts: Mapping[int, Part], counts: Sequence[int]
) -> list[int]:
    """Audible frames of a layer's units, halved, because a trace averages over two layers."""
    return [
        count // 2 if parts[slot.component].audible[layer][slot.grain] else 0
        for slot, count in zip(slots, counts, strict=True)
    ]
