"""Checks that the frames which a trace counts are the frames that its edits play.

A render proves that the edits produce the audio, but the money follows `draws` and `frames_drawn`.
This check connects the two exactly: a node that plays one recording cannot count another, nor less
than it plays. Which units are heard follows from `levels` (`heard.py`).

Units come in pairs, one for each beat and layer: unit 2b is the harmonic layer of beat b, 2b + 1
the percussive one. An edit plays from `start` until it ends or the next edit of its layer begins.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from oracle.domain import fields
from oracle.domain.audio import RATE
from oracle.domain.errors import InvalidInput
from oracle.domain.heard import LAYERS, frames_heard

MOST_EDITS = 100_000
NATIVE = 1024
"""The step of an edit that plays at its own speed: phases of the source per frame of the track."""
MARGIN = RATE // 10
"""Frames before the start of a recording from which an edit may begin; they are silence."""
LONGEST_SOURCE = 1_200 * RATE
"""Frames of the longest recording."""

RANGES: dict[str, tuple[int, int]] = {
    "start": (0, fields.UINT32_MAX),
    "component": (1, 64),
    "source": (-MARGIN, LONGEST_SOURCE),
    "length": (1, fields.UINT32_MAX),
    "step": (NATIVE // 2, 2 * NATIVE),
    "gain": (1, 2**28),
    "fade_in": (0, fields.UINT32_MAX),
    "fade_out": (0, fields.UINT32_MAX),
    "unit": (0, MOST_EDITS),
}
"""Lowest and highest value of each number of an edit."""

LONGEST_FADE = RATE // 10
"""Largest overlap with the next edit of the layer, in frames; it sounds and is not counted."""


@dataclass(frozen=True)
class Edit:
    """An edit plays frames [start, start + length) of a layer; `place` names it in errors."""

    layer: str
    start: int
    length: int
    component: int
    unit: int
    place: str


@dataclass(frozen=True)
class Grid:
    """The beats of a track; the last beat ends with the track."""

    frames: int
    bpm: int
    beats: int

    def bound(self, beat: int) -> int:
        """The first frame of a beat; the track's end after the last beat."""
        return self.frames if beat >= self.beats else beat * 60 * RATE // self.bpm

    def beat_at(self, frame: int) -> int:
        """The beat that contains a frame."""
        guess = min(frame * self.bpm // (60 * RATE), self.beats - 1)
        # Bounds are rounded down, so the guess for a bound's own frame may be the beat before.
        return guess + 1 if self.bound(guess + 1) <= frame < self.frames else guess


def require_counted(trace: Mapping[str, Any]) -> None:
    """Checks `draws` and `frames_drawn` against `edits`.

    Args:
        trace: parsed JSON that `attribution.vector_of` accepts, with `levels` of its units.

    Raises:
        InvalidInput: an edit is malformed or plays another component than the drawn one, or a unit
            counts other frames than `heard.frames_heard` gives.
    """
    draws, counted = trace["draws"], trace["frames_drawn"]
    if len(draws) % len(LAYERS):
        raise InvalidInput("must come in pairs", field="trace.draws", value=len(draws))
    grid = Grid(trace["frames"], trace["bpm"], len(draws) // len(LAYERS))
    edits = read_edits(trace.get("edits"), len(draws), grid.frames)
    layers = [
        _played([edit for edit in edits if edit.layer == name], grid, layer, draws)
        for layer, name in enumerate(LAYERS)
    ]
    played = [frames for beat in zip(*layers, strict=True) for frames in beat]
    due = frames_heard(trace["levels"], played)
    for unit, (said, frames) in enumerate(zip(counted, due, strict=True)):
        if said != frames:
            detail = f"must be {frames}, by the edits and levels"
            raise InvalidInput(detail, field=f"trace.frames_drawn[{unit}]", value=said)


def read_edits(value: Any, units: int, frames: int) -> list[Edit]:
    """The edits of a track with so many units and frames, each number within its range.

    Raises:
        InvalidInput: names the edit and its field.
    """
    listed = fields.listing(value, "trace.edits", 1, MOST_EDITS)
    return [_edit(item, f"trace.edits[{i}]", units, frames) for i, item in enumerate(listed)]


def _edit(item: Any, place: str, units: int, frames: int) -> Edit:
    found = fields.mapping(item, place, ("layer", *RANGES))
    layer = fields.choice(found["layer"], f"{place}.layer", LAYERS)
    for name, (low, high) in RANGES.items():
        fields.integer(found[name], f"{place}.{name}", low, high)
    fields.integer(found["unit"], f"{place}.unit", 0, units - 1)
    start, length = found["start"], found["length"]
    if start + length > frames:
        over = start + length - frames
        raise InvalidInput(f"ends {over} frames too late", field=f"{place}.length", value=length)
    if found["fade_in"] + found["fade_out"] > length:
        detail = "overlaps the fade at the end"
        raise InvalidInput(detail, field=f"{place}.fade_in", value=found["fade_in"])
    return Edit(layer, start, length, found["component"], found["unit"], place)


def _played(edits: Sequence[Edit], grid: Grid, layer: int, draws: Sequence[int]) -> list[int]:
    """The frames that a layer plays in each beat; each must be of the beat's drawn component."""
    played = [0] * grid.beats
    ordered = sorted(edits, key=lambda edit: edit.start)
    starts = [edit.start for edit in ordered]
    ends = [*starts[1:], grid.frames] if ordered else []
    for edit, end in zip(ordered, ends, strict=True):
        _require_in_place(edit, end, grid, layer)
        stop = min(edit.start + edit.length, end)
        beat = edit.unit // len(LAYERS)
        while beat < grid.beats and grid.bound(beat) < stop:
            if edit.component != draws[len(LAYERS) * beat + layer]:
                detail = f"plays in beat {beat}, but another component was drawn for it"
                raise InvalidInput(detail, field=f"{edit.place}.component", value=edit.component)
            played[beat] += min(stop, grid.bound(beat + 1)) - max(edit.start, grid.bound(beat))
            beat += 1
    return played


def _require_in_place(edit: Edit, end: int, grid: Grid, layer: int) -> None:
    """Refuses an edit that plays past the track, over another edit or in a wrong unit."""
    if edit.start >= end:
        raise InvalidInput(
            "is the start of another edit too", field=f"{edit.place}.start", value=edit.start
        )
    over = edit.start + edit.length - end
    if over > (0 if end == grid.frames else LONGEST_FADE):
        detail = f"ends {over} frames too late"
        raise InvalidInput(detail, field=f"{edit.place}.length", value=edit.length)
    if edit.unit != len(LAYERS) * grid.beat_at(edit.start) + layer:
        raise InvalidInput(
            "is not the unit in which the edit starts", field=f"{edit.place}.unit", value=edit.unit
        )
