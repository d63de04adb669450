"""A reference as it takes part in one track: grains at the common tempo, shift and gain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.audio import RATE
from generator.engines.mosaic.constants import PRE_ROLL
from generator.engines.mosaic.record import Level, Record
from generator.engines.mosaic.tempo import level_at, mismatch

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]

HARMONIC, PERCUSSIVE = 0, 1
AUDIBLE = -6_000
"""Hundredths of dBFS at its gain; a quieter grain is not counted as played."""
LOOSE = 40_000
"""Millionths of mismatch from which grains are also aligned at half beats."""


@dataclass(frozen=True)
class Part:
    """One component of a track; G grains.

    Args:
        component: 1..k.
        level: its grains, each about a beat of the output.
        frames: samples of the recording.
        shift: semitones of its harmonic layer.
        gain: in 1/65,536.
        audible: (2, G) whether each layer of each grain is heard.
        halves: whether half beats are aligned as well.
    """

    component: int
    level: Level
    frames: int
    shift: int
    gain: int
    audible: NDArray[np.bool_]
    halves: bool

    @property
    def grains(self) -> int:
        """Number of grains."""
        return len(self.level.starts) - 1

    def able(self, layer: int) -> bool:
        """Whether a layer is audible often enough to be drawn from."""
        return 4 * int(self.audible[layer].sum()) >= self.grains


def part_of(record: Record, component: int, shift: int, bpm: int) -> Part:
    """How a reference takes part at a tempo."""
    level = record.levels[level_at(record, bpm)]
    return Part(
        component=component,
        level=level,
        frames=record.frames,
        shift=shift,
        gain=record.gain,
        audible=level.powers + record.gain_centibels > AUDIBLE,
        halves=record.tracked and mismatch(record, bpm) > LOOSE,
    )


@dataclass(frozen=True)
class Grid:
    """Beats of the output.

    Args:
        frames: length of the track.
        bpm: tempo.
        beats: their number; the last one reaches to the end and is half to one and a half long.
    """

    frames: int
    bpm: int
    beats: int

    def bound(self, beat: int) -> int:
        """First frame of a beat's unit, 10 ms before the beat; the track's end past the last."""
        return self.frames if beat >= self.beats else beat * 60 * RATE // self.bpm

    def beat(self, beat: int) -> int:
        """Frame on which a beat falls."""
        return self.bound(beat) + PRE_ROLL


def grid_of(seconds: int, bpm: int) -> Grid:
    """The grid of a track."""
    frames = seconds * RATE
    return Grid(frames, bpm, (frames * bpm + 30 * RATE) // (60 * RATE))
