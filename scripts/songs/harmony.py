"""Chord names to pitches, and voicings with the smallest movement between chords."""

from functools import lru_cache
from typing import Final

NAMES: Final = {
    "C": 0, "C#": 1, "Db": 1, "D": 2, "D#": 3, "Eb": 3, "E": 4, "F": 5, "F#": 6, "Gb": 6, "G": 7,
    "G#": 8, "Ab": 8, "A": 9, "A#": 10, "Bb": 10, "B": 11,
}
QUALITIES: Final = {
    "": (0, 4, 7), "m": (0, 3, 7), "7": (0, 4, 7, 10), "m7": (0, 3, 7, 10), "maj7": (0, 4, 7, 11),
    "6": (0, 4, 7, 9), "9": (4, 7, 10, 14), "m9": (3, 7, 10, 14), "maj9": (4, 7, 11, 14),
    "add9": (0, 4, 7, 14), "sus": (0, 5, 7), "7sus": (0, 5, 7, 10), "5": (0, 7),
}


def _root(name: str) -> tuple[int, str]:
    size = 2 if name[1:2] in ("#", "b") else 1
    return NAMES[name[:size]], name[size:]


@lru_cache(maxsize=256)
def chord(name: str) -> tuple[int, int, tuple[int, ...]]:
    """Root, bass and tones of a chord such as "F#m7" or "D/F#", as pitch classes 0..11.

    Raises `KeyError` for an unknown name."""
    upper, _, below = name.partition("/")
    root, quality = _root(upper)
    tones = tuple(dict.fromkeys((root + step) % 12 for step in QUALITIES[quality]))
    return root, _root(below)[0] if below else root, tones


def pitch(name: str) -> int:
    """The MIDI pitch of a note such as "Bb4" (C4 is 60)."""
    root, octave = _root(name)
    return root + 12 * (int(octave) + 1)


def _stack(tones: tuple[int, ...], start: int, count: int) -> tuple[int, ...]:
    ladder = [p for p in range(start, start + 60) if p % 12 in tones]
    return tuple(ladder[:count])


def _distance(one: tuple[int, ...], other: tuple[int, ...]) -> int:
    return sum(abs(a - b) for a, b in zip(one, other, strict=False))


def voicings(names: list[str], low: int, count: int) -> list[tuple[int, ...]]:
    """A voicing of `count` notes for each chord, not below `low`, close to the previous one."""
    chosen: list[tuple[int, ...]] = []
    before = tuple(range(low + 3, low + 3 + 4 * count, 4))
    for name in names:
        tones = chord(name)[2]
        starts = [p for p in range(low, low + 12) if p % 12 in tones]
        options = [_stack(tones, start, count) for start in starts]
        before = min(options, key=lambda option: (_distance(option, before), option))
        chosen.append(before)
    return chosen


def bass(name: str, low: int) -> int:
    """The pitch of the chord's bass note within the octave above `low`."""
    return low + (chord(name)[1] - low) % 12
