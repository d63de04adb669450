"""Converts grains on beats to edits on frames: cuts, runs without a cut, and fades."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from generator.attribution.trace import LAYERS, UNITY, Edit
from generator.engines.mosaic.attacks import SHY
from generator.engines.mosaic.constants import PHASES, PRE_ROLL
from generator.engines.mosaic.reference_part import PERCUSSIVE, Grid, Part
from generator.engines.mosaic.resampler import source_frames
from generator.engines.mosaic.slot import Slot

FADES = (1323, 176)
"""Frames of the fade at a harmonic join (30 ms) and at a percussive join (4 ms)."""
ENDING = 22_050
"""Frames of the last fade."""
DRIFTS = (1764, 132)
"""Frames by which a run may miss its next beat before it is cut: 40 ms where the sound has no
attacks and each cut is a flutter of a sustained tone, 3 ms in the percussive layer."""


@dataclass(frozen=True)
class Step:
    """A grain or half a grain.

    Args:
        start, stop: frames of the output.
        source, following: its beat in the source, and the next beat there.
        end: where its percussive part ends if the grain is cut.
        gain: in 1/65,536.
    """

    start: int
    stop: int
    component: int
    source: int
    following: int
    end: int
    gain: int
    unit: int


@dataclass(frozen=True)
class Cutter:
    """Cuts one layer.

    Args:
        layer: 0 harmonic, 1 percussive.
        parts: by component.
    """

    layer: int
    parts: Mapping[int, Part]
    grid: Grid

    def cut(self, slots: Sequence[Slot], levels: Sequence[int]) -> list[Edit]:
        """The edits of the layer, in order; neighbours overlap by a fade.

        Args:
            slots: the grain of each beat; none plays in a silent one.
            levels: of the section of each beat, in 1/65,536.
        """
        steps = [
            step
            for beat, (slot, level) in enumerate(zip(slots, levels, strict=True))
            if slot.component
            for step in self._steps(beat, slot, level)
        ]
        runs = self._runs(steps)
        starts = [*(run[0].start for run in runs), self.grid.frames]
        return [self._edit(run, start) for run, start in zip(runs, starts[1:], strict=True)]

    def _steps(self, beat: int, slot: Slot, level: int) -> list[Step]:
        part = self.parts[slot.component]
        first, last = (int(part.level.starts[slot.grain + side]) for side in (0, 1))
        quiet = int(part.level.ends[slot.grain])
        out, end = self.grid.bound(beat), self.grid.bound(beat + 1)
        known = {"component": part.component, "gain": max(1, part.gain * level // UNITY),
                 "unit": 2 * beat + self.layer}  # fmt: skip
        if not part.halves:
            return [Step(out, end, source=first, following=last, end=quiet, **known)]
        middle, half = (first + last) // 2, (out + end) // 2
        return [
            Step(out, half, source=first, following=middle, end=middle - SHY, **known),
            Step(half, end, source=middle, following=last, end=quiet, **known),
        ]

    def _runs(self, steps: Sequence[Step]) -> list[list[Step]]:
        """Groups of steps that play on without a cut."""
        runs: list[list[Step]] = []
        for step in steps:
            if runs and self._goes_on(runs[-1], step):
                runs[-1].append(step)
            else:
                runs.append([step])
        return runs

    def _goes_on(self, run: Sequence[Step], step: Step) -> bool:
        begun, before = run[0], run[-1]
        speed = self.parts[step.component].step(self.layer)
        played = source_frames(step.start - begun.start, speed)
        return (
            (before.component, before.gain) == (step.component, step.gain)
            and before.stop == step.start
            and before.following == step.source
            and abs(begun.source + played - step.source) < DRIFTS[self.layer]
        )

    def _edit(self, run: Sequence[Step], next_start: int) -> Edit:
        """The edit of a run; it fades into the next one, or ends before a silence or the end."""
        begun, stop = run[0], run[-1].stop
        part = self.parts[begun.component]
        speed = part.step(self.layer)
        source = begun.source - source_frames(PRE_ROLL, speed)
        fade_out = FADES[self.layer] if stop < self.grid.frames else ENDING
        length = stop - begun.start
        if stop == next_start < self.grid.frames:
            length += fade_out
        if self.layer == PERCUSSIVE:
            length = min(length, (run[-1].end - source) * PHASES // speed)
        length = max(2, min(length, (part.frames - source) * PHASES // speed))
        fade_in = min(FADES[self.layer], length // 2)
        return Edit(
            layer=LAYERS[self.layer],
            start=begun.start,
            component=begun.component,
            source=source,
            length=length,
            step=speed,
            gain=begun.gain,
            fade_in=fade_in,
            fade_out=min(fade_out, length - fade_in),
            unit=begun.unit,
        )


def scaled(edit: Edit, factor: int) -> Edit:
    """An edit with its gain times a factor in 1/65,536."""
    return replace(edit, gain=max(1, edit.gain * factor // UNITY))


def sounding(
    edits: Sequence[Edit], grid: Grid, worth: Callable[[Edit], int] = lambda edit: 1
) -> list[int]:
    """Frames of each beat in which a layer's edits play; overlapping fades count once.

    Args:
        worth: what each frame of an edit counts.
    """
    counts = [0] * grid.beats
    ends = [*(edit.start for edit in edits), grid.frames][1:]
    for edit, end in zip(edits, ends, strict=True):
        stop = min(edit.start + edit.length, end)
        beat = edit.unit // 2
        while beat < grid.beats and grid.bound(beat) < stop:
            low, high = max(edit.start, grid.bound(beat)), min(stop, grid.bound(beat + 1))
            counts[beat] += max(0, high - low) * worth(edit)
            beat += 1
    return counts
