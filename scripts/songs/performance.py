"""Turns the text of a part into notes with time, length, pitch and velocity.

A bar is 16 sixteenths. Styles:

- `tune`  tokens `C5:3` (a pitch and its sixteenths) or `-:3` (silence).
- `comp`  one sign a sixteenth: X x o - strike the chord (loud to faint), _ holds it, . is silence.
- `arp`   a digit strikes that note of the chord and lets it ring, b strikes the bass note.
- `bass`  R root, 8 octave, 5 fifth, 3 third, 7 seventh, l fifth below, a a semitone under the next
          root, A one over it, _ holds, . is silence.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from scripts.songs import harmony
from scripts.songs.song import STEPS, Part, Song

FORCE: Final = {"X": 1.0, "x": 0.8, "o": 0.62, "-": 0.38}
WEIGHT: Final = (1.0, 0.74, 0.82, 0.74, 0.92, 0.74, 0.84, 0.76, 0.97, 0.74, 0.82, 0.74, 0.92, 0.74,
                 0.84, 0.78)


@dataclass(frozen=True)
class Note:
    """A note: first sixteenth in the song, length in sixteenths, MIDI pitch, velocity 0..1, and its
    place in the chord (for strumming)."""

    step: int
    length: int
    pitch: int
    velocity: float
    rank: int = 0


@dataclass(frozen=True)
class Bar:
    """A bar: first sixteenth, section, number in the section, its chords and the next chord."""

    step: int
    section: str
    number: int
    last: bool
    chords: tuple[str, ...]
    after: str

    def at(self, step: int) -> int:
        """The chord of the bar at one of its sixteenths."""
        return step * len(self.chords) // STEPS


def bars_of(song: Song) -> list[Bar]:
    """Every bar of the form, in order."""
    flat = [(name, i, chords) for name in song.form
            for i, chords in enumerate(song.sections[name].bars)]
    found = []
    for place, (name, number, chords) in enumerate(flat):
        after = flat[place + 1][2][0] if place + 1 < len(flat) else chords[0]
        last = number + 1 == len(song.sections[name].bars)
        found.append(Bar(place * STEPS, name, number, last, tuple(chords), after))
    return found


def line_of(text: str, number: int) -> str:
    """The text of a bar of a line that repeats."""
    bars = text.split("|")
    return bars[number % len(bars)].strip()


def held(line: str, start: int) -> int:
    """The length in sixteenths of the sign at `start`."""
    length = 1
    while start + length < STEPS and line[start + length] == "_":
        length += 1
    return length


def _tune(bar: Bar, line: str) -> Iterator[Note]:
    step = 0
    for token in line.split():
        name, _, length = token.partition(":")
        if name != "-":
            longer = min(int(length), 8) * 0.012
            force = 0.74 + longer + 0.14 * (WEIGHT[step] - 0.74) / 0.26
            yield Note(bar.step + step, int(length), harmony.pitch(name), force)
        step += int(length)


def _comp(bar: Bar, line: str, chords: list[tuple[int, ...]]) -> Iterator[Note]:
    for step, sign in enumerate(line):
        if sign in FORCE:
            for rank, pitch in enumerate(chords[bar.at(step)]):
                yield Note(bar.step + step, held(line, step), pitch, FORCE[sign], rank)


def _arp(bar: Bar, line: str, chords: list[tuple[int, ...]], low: int) -> Iterator[Note]:
    for step, sign in enumerate(line):
        if sign.isdigit() or sign == "b":
            name, tones = bar.chords[bar.at(step)], chords[bar.at(step)]
            octave, place = divmod(0 if sign == "b" else int(sign), len(tones))
            pitch = harmony.bass(name, low - 14) if sign == "b" else tones[place] + 12 * octave
            last = (bar.at(step) + 1) * STEPS // len(bar.chords)
            ring = min(last - step, 8) if held(line, step) == 1 else held(line, step)
            yield Note(bar.step + step, ring, pitch, 0.86 * WEIGHT[step])


def _below(bar: Bar, step: int, sign: str, low: int) -> int:
    name = bar.chords[bar.at(step)]
    root, bass, tones = harmony.chord(name)
    ground = low + (bass - low) % 12
    if sign in "aA":
        goal = low + (harmony.chord(bar.after)[1] - low) % 12
        return goal - 1 if sign == "a" else goal + 1
    if sign == "8":
        return ground + 12
    if sign == "R":
        return ground
    fifth = (7 + root - bass) % 12
    third = min((tone - bass) % 12 for tone in tones if (tone - root) % 12 in (3, 4, 5))
    steps = {"5": fifth or 12, "l": fifth - 12, "3": third or 12, "7": 10}
    return ground + steps[sign]


def _bass(bar: Bar, line: str, low: int) -> Iterator[Note]:
    for step, sign in enumerate(line):
        if sign not in "_.":
            pitch = _below(bar, step, sign, low)
            yield Note(bar.step + step, held(line, step), pitch, WEIGHT[step])


def notes_of(song: Song, part: Part) -> list[Note]:
    """Every note of a part, section levels applied; velocities in 0..1."""
    bars = bars_of(song)
    names = [name for bar in bars for name in bar.chords]
    voiced = iter(harmony.voicings(names, part.low, part.notes))
    found: list[Note] = []
    for bar in bars:
        chords = [next(voiced) for _ in bar.chords]
        if bar.section in part.lines:
            found += _played(part, bar, chords, song.sections[bar.section].level)
    return found


def _played(part: Part, bar: Bar, chords: list[tuple[int, ...]], level: float) -> list[Note]:
    line = line_of(part.lines[bar.section], bar.number)
    if part.style == "tune":
        notes = list(_tune(bar, line))
    elif part.style == "comp":
        notes = list(_comp(bar, line, chords))
    elif part.style == "arp":
        notes = list(_arp(bar, line, chords, part.low))
    else:
        notes = list(_bass(bar, line, part.low))
    return [Note(n.step, n.length, n.pitch, min(1.0, n.velocity * level), n.rank) for n in notes]
