"""One reference within a track: its grains at the common tempo, its shift and its gain."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from generator.audio.decode import RATE
from generator.engines.mosaic import local_key
from generator.engines.mosaic.analysis_record import Level, Record
from generator.engines.mosaic.constants import PRE_ROLL, STEPS
from generator.engines.mosaic.phrases import fitted
from generator.engines.mosaic.tempo import level_at, mismatch, speed_at
from oracle.domain.edits import Grid as TrackGrid
from oracle.domain.plan import BAR

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]

HARMONIC, PERCUSSIVE = 0, 1
LAYER_COUNT = 2
FAINTEST = -3_300
"""Hundredths of dB of a grain's power that give `heard.FLOOR` for each frame."""
APART = 1_995
"""Hundredths of dB between the layers of a beat above which `heard.LEAST_SHARE` drops one."""
WILDEST = 1_800
"""Hundredths of dBFS after gain; a grain with a higher peak is played only if there is no other."""
LOOSE = 40_000
"""Mismatch, in millionths, above which grains are also aligned at half beats."""


@dataclass(frozen=True)
class Part:
    """One component of a track; G grains.

    Args:
        component: 1..k.
        level: its grains, each about one beat of the output long.
        frames: samples of the recording.
        shift: semitones of its harmonic layer.
        speed: semitones of its percussive layer.
        gain: in 1/65,536.
        power: (2, G) K-weighted mean squares of both layers of each grain as played, hundredths of
            dB.
        wild: (2, G), whether a layer of a grain has a peak far above all usual ones.
        halves: whether half beats are aligned too.
        opens: (G,), whether a phrase begins with each grain; None for a recording with beats.
    """

    component: int
    level: Level
    frames: int
    shift: int
    speed: int
    gain: int
    power: Integers
    wild: NDArray[np.bool_]
    halves: bool
    opens: NDArray[np.bool_] | None = None

    @property
    def grains(self) -> int:
        """Number of grains."""
        return len(self.level.starts) - 1

    def fits(self, beat: int) -> NDArray[np.bool_]:
        """The grains that may begin a run at a beat: a phrase, or the same place in a bar, (G,)."""
        import numpy as np

        if self.opens is not None:
            return self.opens
        return (np.arange(self.grains) - self.level.phase - beat) % BAR == 0

    def step(self, layer: int) -> int:
        """Source phases of 1/1024 frame per output frame of a layer."""
        return STEPS[self.shift if layer == HARMONIC else self.speed]

    @cached_property
    def transposed(self) -> Integers:
        """Harmonic features, (G, 36), with the pitch classes moved by the shift."""
        import numpy as np

        mel, classes = self.level.harmonic[:, :-12], self.level.harmonic[:, -12:]
        return np.concatenate([mel, np.roll(classes, self.shift, axis=1)], axis=1)

    @cached_property
    def key_ahead(self) -> Integers:
        """The local key from each grain on, as played, (G, 12)."""
        return local_key.ahead(self.transposed[:, -12:])

    def features(self, layer: int) -> Integers:
        """Features of the grains as the track plays them."""
        return self.transposed if layer == HARMONIC else self.level.percussive


def part_of(record: Record, component: int, shift: int, bpm: int) -> Part:
    """The part of a reference at a tempo."""
    speed, opens = speed_at(record, bpm), None
    level = record.levels[level_at(record, bpm, speed)]
    if not record.tracked:
        level, opens = fitted(record.levels[2], 60 * RATE // bpm)
    return Part(
        component=component,
        level=level,
        frames=record.frames,
        shift=shift,
        speed=speed,
        gain=record.gain,
        power=level.powers + record.gain_centibels,
        wild=level.peaks + record.gain_centibels > WILDEST,
        halves=record.tracked and mismatch(record, bpm, speed) > LOOSE,
        opens=opens,
    )


class Grid(TrackGrid):
    """Beats of the output.

    Args:
        frames: length of the track.
        bpm: tempo.
        beats: number of beats; the last one ends with the track and is 0.5 to 1.5 beats long.

    `bound(beat)` is the first frame of a beat's unit, 10 ms before the beat.
    """

    def beat(self, beat: int) -> int:
        """Frame on which a beat falls."""
        return self.bound(beat) + PRE_ROLL


def grid_of(seconds: int, bpm: int) -> Grid:
    """The grid of a track."""
    frames = seconds * RATE
    return Grid(frames, bpm, (frames * bpm + 30 * RATE) // (60 * RATE))
