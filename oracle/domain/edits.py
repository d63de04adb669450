"""Whether the frames a trace counts are the frames its edits lay.

A replay shows that the edits make the audio; the money follows `draws` and `frames_drawn`. This is
what ties the two: a node that played one recording cannot count another. What a node may still say
by itself is that a unit was too quiet to count.

Units come in pairs, one a beat and layer: unit 2b is the harmonic layer of beat b, 2b + 1 the
percussive one. An edit plays from `start` until it ends or its layer's next edit begins.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from oracle.domain import fields
from oracle.domain.audio import RATE
from oracle.domain.errors import InvalidInput

LAYERS = ("harmonic", "percussive")
MOST_EDITS = 100_000

LONGEST_FADE = RATE // 10
"""Frames by which an edit may reach into the next of its layer, sounding and not counted."""


@dataclass(frozen=True)
class Edit:
    """Where an edit plays: frames [start, start + length) of a layer, from a unit's component."""

    start: int
    length: int
    component: int
    unit: int
    place: str


@dataclass(frozen=True)
class Grid:
    """Beats of the track; the last one reaches to its end."""

    frames: int
    bpm: int
    beats: int

    def bound(self, beat: int) -> int:
        """The first frame of a beat; the track's end past the last one."""
        return self.frames if beat >= self.beats else beat * 60 * RATE // self.bpm

    def beat_at(self, frame: int) -> int:
        """The beat in which a frame lies."""
        guess = min(frame * self.bpm // (60 * RATE), self.beats - 1)
        # A bound is rounded down, so its own frame may be guessed into the beat before.
        return guess + 1 if self.bound(guess + 1) <= frame < self.frames else guess


def require_counted(trace: Mapping[str, Any]) -> None:
    """Checks `draws` and `frames_drawn` against `edits`.

    Args:
        trace: parsed, its lists as long as each other; see `attribution.vector_of`.

    Raises:
        InvalidInput: an edit of another component than was drawn, or a unit that counts other
            frames than half of what its layer plays in its beat (the average of two layers) or 0.
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
                detail = f"should be 0 or {frames // len(LAYERS)}, by the edits"
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
    """Frames that a layer plays in each beat, every one of them of the component drawn there."""
    played = [0] * grid.beats
    ordered = sorted(edits, key=lambda edit: edit.start)
    ends = [following.start for _, following in pairwise(ordered)] + [grid.frames]
    for edit, end in zip(ordered, ends, strict=True):
        _require_in_place(edit, end, grid, layer)
        stop = min(edit.start + edit.length, end)
        beat = edit.unit // len(LAYERS)
        while beat < grid.beats and grid.bound(beat) < stop:
            if edit.component != draws[len(LAYERS) * beat + layer]:
                detail = f"plays in beat {beat}, for which another was drawn"
                raise InvalidInput(detail, field=f"{edit.place}.component", value=edit.component)
            played[beat] += min(stop, grid.bound(beat + 1)) - max(edit.start, grid.bound(beat))
            beat += 1
    return played


def _require_in_place(edit: Edit, end: int, grid: Grid, layer: int) -> None:
    """Nothing may sound past the track, under another edit, or in a unit that is not its own."""
    if edit.start >= end:
        raise InvalidInput("begins with another", field=f"{edit.place}.start", value=edit.start)
    over = edit.start + edit.length - end
    if over > (0 if end == grid.frames else LONGEST_FADE):
        detail = f"reaches {over} frames past where it ends"
        raise InvalidInput(detail, field=f"{edit.place}.length", value=edit.length)
    if edit.unit != len(LAYERS) * grid.beat_at(edit.start) + layer:
        raise InvalidInput("is not where it begins", field=f"{edit.place}.unit", value=edit.unit)
