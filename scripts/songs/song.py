"""A song as data: parts as text that a musician can read, and numbers for the mix."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from scripts.songs.maths import RATE

STEPS: Final = 16
LEAD_IN: Final = 2_205


@dataclass(frozen=True)
class Section:
    """Bars of chords, `"C | Am7 D7"`; `level` scales velocities; `fill`: the last bar has one."""

    chords: str
    level: float = 1.0
    fill: bool = True

    @property
    def bars(self) -> list[list[str]]:
        """The chord names of each bar, evenly spaced in it."""
        return [bar.split() for bar in self.chords.split("|")]


@dataclass(frozen=True, eq=False)
class Part:
    """One instrument. `lines` maps a section to its bars, separated by `|` and repeated as needed;
    `style` names their notation (see `performance`). `level` is the loudness of the part in LUFS
    before the mix is scaled; `pan` -1..1; `room` and `echo` send amounts; `duck` how much the kick
    lowers the part (0..1); `drive` the overdrive (0 none); `low` the lowest pitch of its chords;
    `notes` the number of notes in a chord; `strum` ms between its strings; `late` ms behind the
    beat; `lows` the frequency in Hz below which the part is filtered out."""

    voice: str
    style: str
    lines: Mapping[str, str]
    level: float
    pan: float = 0.0
    room: float = 0.15
    echo: float = 0.0
    duck: float = 0.0
    drive: float = 0.0
    low: int = 52
    notes: int = 4
    strum: float = 0.0
    late: float = 0.0
    lows: float = 90.0


@dataclass(frozen=True, eq=False)
class Drums:
    """Patterns: section -> piece -> bars of 16 signs as in a comp (see `performance`). `fill`
    replaces pieces in the last bar of a section. `gains` in dB and `pans` (-1..1) by piece;
    `kick` is the piece that ducks other parts."""

    lines: Mapping[str, Mapping[str, str]]
    fill: Mapping[str, str]
    gains: Mapping[str, float]
    pans: Mapping[str, float]
    level: float = -18.5
    room: float = 0.1
    drive: float = 0.8
    kick: str = "house kick"


@dataclass(frozen=True, eq=False)
class Song:
    """One recording of the catalogue. `swing` is the place of the second sixteenth in its pair (0.5
    is straight); `room` the reverb's t60 in s; `echo` the delay in sixteenths. Codes begin with ZZ,
    which no registration agency issues."""

    slug: str
    title: str
    artist: str
    isrc: str
    bpm: int
    key: str
    form: tuple[str, ...]
    sections: Mapping[str, Section]
    parts: tuple[Part, ...]
    drums: Drums
    swing: float = 0.5
    room: float = 1.4
    echo: int = 3
    tags: tuple[str, ...] = ()

    @property
    def bars(self) -> int:
        """The number of bars of the form."""
        return sum(len(self.sections[name].bars) for name in self.form)

    def frame(self, step: int) -> int:
        """The first frame of a sixteenth counted from the start, without swing."""
        return LEAD_IN + step * 15 * RATE // self.bpm

    @property
    def frames(self) -> int:
        """The length of the song: its bars, and two seconds for the last chord."""
        return self.frame(self.bars * STEPS) + 2 * RATE
