"""Checks that the frames which a trace counts are the frames that its edits play.

A replay proves that the edits produce the audio, but the money follows `draws` and `frames_drawn`.
This check connects the two: a node that plays one recording cannot count another. A node can still
claim that a unit was too quiet to count.

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

LAYERS = ("harmonic", "percussive")
MOST_EDITS = 100_000

LONGEST_FADE = RATE // 10
"""Largest overlap with the next edit of the layer, in frames; it sounds and is not counted."""


@dataclass(frozen=True)
class Edit:
    """An edit plays frames [start, start + length) of a layer; `place` names it in errors."""

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
        trace: parsed JSON that `attribution.vector_of` accepts.

    Raises:
        InvalidInput: an edit plays another component than the drawn one, or a unit counts neither
            0 nor half of the frames that its layer plays in its beat (the layers' average).
    """
    draws, counted = trace["draws"], trace["frames_drawn"]
    if len(draws) % len(LAYERS):
        raise InvalidInput("must come in pairs", field="trace.draws", value=len(draws))
    grid = Grid(trace["frames"], trace["bpm"], len(draws) // len(LAYERS))
    edits = _read(trace.get("edits"), len(draws))
    for layer, name in enumerate(LAYERS):
        played = _played(edits[name], grid, layer, draws)
        for beat, frames in enumerate(played):
            unit = len(LAYERS) * beat + layer
            if counted[unit] not in (0, frames // len(LAYERS)):
                detail = f"must be 0 or {frames // len(LAYERS)}, which the edits play"
                field = f"trace.frames_drawn[{unit}]"
                raise InvalidInput(detail, field=field, value=counted[unit])


def _read(value: Any, units: int) -> dict[str, list[Edit]]:
    edits: dict[str, list[Edit]] = {name: [] for name in LAYERS}
    for index, item in enumerate(fields.listing(value, "trace.edits", 1, MOST_EDITS)):
        place = f"trace.edits[{index}]"
        found = item if isinstance(item, dict) else {}
        layer = fields.choice(found.get("layer"), f"{place}.layer", LAYERS)
        start, length, component, unit = (
            fields.integer(found.get(name), f"{place}.{name}", 0, fields.UINT32_MAX)
            for name in ("start", "length", "component", "unit")
        )
        fields.integer(unit, f"{place}.unit", 0, units - 1)
        edits[layer].append(Edit(start, length, component, unit, place))
    return edits


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
