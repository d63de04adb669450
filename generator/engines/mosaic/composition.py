"""From analysis records to an edit list: integers in, integers out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from generator.engines.base import Composition
from generator.engines.mosaic.choice import Chooser, Slot
from generator.engines.mosaic.cutting import cut_layer, sounding
from generator.engines.mosaic.key import common_key
from generator.engines.mosaic.likelihood import log_likelihoods
from generator.engines.mosaic.part import HARMONIC, PERCUSSIVE, Grid, Part, grid_of, part_of
from generator.engines.mosaic.quota import arrange, divide
from generator.engines.mosaic.record import Record, read_record
from generator.engines.mosaic.stream import Stream
from generator.engines.mosaic.tempo import common_tempo


def compose(
    records: Sequence[Mapping[str, Any]], weights: Sequence[int], seed: int, length: int
) -> Composition:
    """Which grain goes where.

    Unit 2b is beat b of the harmonic, unit 2b + 1 of the percussive layer.

    Args:
        records: k analysis records, in order of their components.
        weights: k, sum 1,000,000.
        seed: 0..2^64 - 1.
        length: seconds.
    """
    read = [read_record(record) for record in records]
    bpm = common_tempo(read, weights)
    grid = grid_of(length, bpm)
    shifts = common_key([record.key for record in read], weights)
    parts = _parts(read, shifts, bpm)
    layers = _slots(parts, weights, grid, Stream(seed))
    return _composition(parts, grid, shifts, layers)


def _parts(records: Sequence[Record], shifts: Sequence[int], bpm: int) -> list[Part]:
    return [
        part_of(record, component, shift, bpm)
        for component, (record, shift) in enumerate(zip(records, shifts, strict=True), 1)
    ]


def _slots(
    parts: Sequence[Part], weights: Sequence[int], grid: Grid, stream: Stream
) -> tuple[list[Slot], list[Slot]]:
    able = [(bool(part.audible[0].any()), bool(part.audible[1].any())) for part in parts]
    harmonic, percussive = divide(weights, able, grid.beats)
    known = {part.component: part for part in parts}
    first = Chooser(HARMONIC, known, grid, stream).fill(arrange(harmonic, stream))
    second = Chooser(PERCUSSIVE, known, grid, stream, first).fill(arrange(percussive, stream))
    return first, second


def _composition(
    parts: Sequence[Part],
    grid: Grid,
    shifts: tuple[int, ...],
    layers: tuple[list[Slot], list[Slot]],
) -> Composition:
    known = {part.component: part for part in parts}
    edits = [cut_layer(layer, slots, known, grid) for layer, slots in enumerate(layers)]
    drawn = [_drawn(layer, layers[layer], known, sounding(edits[layer], grid)) for layer in (0, 1)]
    rows = [log_likelihoods(layer, slots, parts) for layer, slots in enumerate(layers)]
    return Composition(
        frames=grid.frames,
        bpm=grid.bpm,
        shifts=shifts,
        draws=tuple(slot.component for pair in zip(*layers, strict=True) for slot in pair),
        frames_drawn=tuple(count for pair in zip(*drawn, strict=True) for count in pair),
        log_likelihood=tuple(row for pair in zip(*rows, strict=True) for row in pair),
        edits=tuple(sorted((*edits[0], *edits[1]), key=lambda edit: (edit.start, edit.layer))),
    )


def _drawn(
    layer: int, slots: Sequence[Slot], parts: Mapping[int, Part], counts: Sequence[int]
) -> list[int]:
    """Audible frames of a layer's units, halved: the average over the two layers."""
    return [
        count // 2 if parts[slot.component].audible[layer][slot.grain] else 0
        for slot, count in zip(slots, counts, strict=True)
    ]
