"""Converts grains on beats to edits on frames: cuts, runs without a cut, and fades."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from generator.attribution.trace import LAYERS, Edit
from generator.engines.mosaic.attacks import SHY
from generator.engines.mosaic.constants import PHASES, PRE_ROLL, STEPS
from generator.engines.mosaic.grain_choice import Slot
from generator.engines.mosaic.reference_part import HARMONIC, PERCUSSIVE, Grid, Part
from generator.engines.mosaic.resampler import source_frames

FADES = (1323, 176)
"""Frames of the fade at a harmonic join (30 ms) and at a percussive join (4 ms)."""
ENDING = 22_050
"""Frames of the last fade."""
DRIFT = 353
"""Frames (8 ms) by which a run may miss its next beat before it is cut."""


@dataclass(frozen=True)
class Step:
    """A grain or half a grain.

    Args:
        start: frame of the output.
        source, following: its beat in the source, and the next beat there.
        end: where its percussive part ends if the grain is cut.
    """

    start: int
    component: int
    source: int
    following: int
    end: int
    unit: int


def cut_layer(
    layer: int, slots: Sequence[Slot], parts: Mapping[int, Part], grid: Grid
) -> list[Edit]:
    """The edits of one layer, in order; neighbours overlap by a fade."""
    runs = _runs(layer, _steps(layer, slots, parts, grid), parts)
    starts = [run[0].start for run in runs[1:]]
    edits = [
        _edit(layer, run, parts[run[0].component], start)
        for run, start in zip(runs, starts, strict=False)
    ]
    return [*edits, _last(layer, runs[-1], parts[runs[-1][0].component], grid.frames)]


def _steps(layer: int, slots: Sequence[Slot], parts: Mapping[int, Part], grid: Grid) -> list[Step]:
    steps = []
    for beat, slot in enumerate(slots):
        part = parts[slot.component]
        unit = 2 * beat + layer
        first, last = (int(part.level.starts[slot.grain + side]) for side in (0, 1))
        quiet = int(part.level.ends[slot.grain])
        out, end = grid.bound(beat), grid.bound(beat + 1)
        if not part.halves:
            steps.append(Step(out, part.component, first, last, quiet, unit))
            continue
        middle = (first + last) // 2
        steps.append(Step(out, part.component, first, middle, middle - SHY, unit))
        steps.append(Step((out + end) // 2, part.component, middle, last, quiet, unit))
    return steps


def _runs(layer: int, steps: Sequence[Step], parts: Mapping[int, Part]) -> list[list[Step]]:
    """Groups of steps that play on without a cut."""
    runs = [[steps[0]]]
    for step in steps[1:]:
        begun, before = runs[-1][0], runs[-1][-1]
        follows = before.component == step.component and before.following == step.source
        played = source_frames(step.start - begun.start, step_of(layer, parts[step.component]))
        if follows and abs(begun.source + played - step.source) < DRIFT:
            runs[-1].append(step)
        else:
            runs.append([step])
    return runs


def step_of(layer: int, part: Part) -> int:
    """Source phases per output frame of a part's layer; only the harmonic layer moves in pitch."""
    return STEPS[part.shift] if layer == HARMONIC else PHASES


def _edit(layer: int, run: Sequence[Step], part: Part, next_start: int) -> Edit:
    fade = FADES[layer]
    source = run[0].source - source_frames(PRE_ROLL, step_of(layer, part))
    length = next_start + fade - run[0].start
    if layer == PERCUSSIVE:
        length = min(length, run[-1].end - source)
    return _made(layer, run[0], part, source, length, fade)


def _last(layer: int, run: Sequence[Step], part: Part, frames: int) -> Edit:
    source = run[0].source - source_frames(PRE_ROLL, step_of(layer, part))
    length = frames - run[0].start
    if layer == PERCUSSIVE:
        length = min(length, run[-1].end - source)
    return _made(layer, run[0], part, source, length, ENDING)


def _made(layer: int, step: Step, part: Part, source: int, length: int, fade_out: int) -> Edit:
    speed = step_of(layer, part)
    left = (part.frames - source) * PHASES // speed
    length = max(2, min(length, left))
    fade_in = min(FADES[layer], length // 2)
    return Edit(
        layer=LAYERS[layer],
        start=step.start,
        component=part.component,
        source=source,
        length=length,
        step=speed,
        gain=part.gain,
        fade_in=fade_in,
        fade_out=min(fade_out, length - fade_in),
        unit=step.unit,
    )


def sounding(edits: Sequence[Edit], grid: Grid) -> list[int]:
    """Frames of each beat in which a layer's edits play; overlapping fades count once."""
    counts = [0] * grid.beats
    ends = [edit.start for edit in edits[1:]] + [grid.frames]
    for edit, end in zip(edits, ends, strict=True):
        stop = min(edit.start + edit.length, end)
        beat = edit.unit // 2
        while beat < grid.beats and grid.bound(beat) < stop:
            low, high = max(edit.start, grid.bound(beat)), min(stop, grid.bound(beat + 1))
            counts[beat] += max(0, high - low)
            beat += 1
    return counts
