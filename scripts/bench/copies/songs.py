"""Songs by the thousand: chords, a tune and a form by dice, played by instruments by other dice.

The same tune with other dice for the instruments is a cover. `scripts/songs` has better music, but
needs seconds for each song.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from random import Random

import numpy as np
from numpy.typing import NDArray

Signal = NDArray[np.float32]
"""Samples of shape (frames, 2)."""

BAR = 16
MAJOR, MINOR = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10)
PROGRESSIONS = (
    (0, 4, 5, 3), (0, 5, 3, 4), (5, 3, 0, 4), (0, 3, 4, 3), (1, 4, 0, 0), (0, 2, 3, 4),
    (0, 6, 3, 0), (0, 3, 0, 4), (5, 4, 3, 4), (0, 1, 3, 4), (2, 5, 1, 4), (0, 0, 3, 4),
)  # fmt: skip
COMPING = (
    "x...x...x...x...", "x..x..x...x..x..", "x...............", "..x...x...x...x.",
    "x.x.x.x.x.x.x.x.", "x..xx..xx..xx..x",
)  # fmt: skip
BASS = ("x.......x.......", "x...x...x...x...", "x..x..x.x..x..x.", "x.xxx.xxx.xxx.xx")
KICK = ("x.......x.......", "x...x...x...x...", "x..x....x.x.....", "................")
SNARE = ("....x.......x...", "....x..x.x..x...", "........x.......", "................")
HAT = ("x.x.x.x.x.x.x.x.", "xxxxxxxxxxxxxxxx", "..x...x...x...x.", "................")


@dataclass(frozen=True)
class Tune:
    """What is composed: steps are sixteenths, pitches are MIDI numbers.

    Args:
        key: lowest note of the scale.
        sections: of each section its chords (degrees, one a bar) and its melody, which is a list of
            (step, degree, length).
        form: indices of sections.
    """

    bpm: float
    key: int
    scale: tuple[int, ...]
    sections: tuple[tuple[tuple[int, ...], tuple[tuple[int, int, int], ...]], ...]
    form: tuple[int, ...]


@dataclass(frozen=True)
class Voice:
    """An instrument: strengths of partials, their stretch, and seconds of attack and decay."""

    partials: tuple[float, ...]
    stretch: float
    attack: float
    decay: float
    depth: float
    rate: float
    side: float
    level: float


@dataclass(frozen=True)
class Band:
    """Who plays: lead, chords and bass, their patterns, drums, and their looseness in seconds."""

    voices: tuple[Voice, Voice, Voice]
    comping: str
    bass: str
    drums: tuple[str, str, str]
    loose: float
    noise: float
    octave: int
    seed: int


def compose(seed: int) -> Tune:
    """A tune by dice."""
    dice = Random(f"tune {seed}")
    scale = dice.choice((MAJOR, MINOR))
    sections = tuple(_section(dice) for _ in range(3))
    form = tuple(dice.choice(((0, 0, 1, 0, 1, 2, 1, 1), (0, 1, 0, 1, 2, 1), (0, 0, 1, 1, 2, 0, 1))))
    return Tune(dice.uniform(72, 156), dice.randrange(45, 57), scale, sections, form * 4)


def _section(dice: Random) -> tuple[tuple[int, ...], tuple[tuple[int, int, int], ...]]:
    chords = dice.choice(PROGRESSIONS) + dice.choice(PROGRESSIONS)
    notes, step, degree = [], 0, dice.randrange(7, 14)
    while step < len(chords) * BAR:
        length = dice.choice((1, 2, 2, 2, 3, 4, 4, 6, 8))
        if dice.random() < 0.82:
            notes.append((step, degree, length))
        degree = min(18, max(3, degree + dice.choice((-3, -2, -1, -1, 0, 1, 1, 2, 3))))
        step += length
    return chords, tuple(notes)


def band(seed: int) -> Band:
    """Players by dice."""
    dice = Random(f"band {seed}")
    voices = tuple(_voice(dice) for _ in range(3))
    return Band(
        voices=(voices[0], voices[1], voices[2]),
        comping=dice.choice(COMPING), bass=dice.choice(BASS),
        drums=(dice.choice(KICK), dice.choice(SNARE), dice.choice(HAT)),
        loose=dice.uniform(0.001, 0.012), noise=dice.uniform(0.0002, 0.003),
        octave=dice.choice((-12, 0, 0, 12)), seed=seed,
    )  # fmt: skip


def _voice(dice: Random) -> Voice:
    count, slope = dice.randrange(3, 14), dice.uniform(0.6, 2.2)
    odd = dice.random() < 0.3
    partials = tuple(
        0.0 if odd and n % 2 == 0 else dice.uniform(0.3, 1.0) / n**slope
        for n in range(1, count + 1)
    )
    return Voice(
        partials, dice.uniform(0.0, 0.0006), dice.choice((0.003, 0.01, 0.04, 0.12)),
        dice.uniform(0.15, 2.5), dice.choice((0.0, 0.0, 0.004)), dice.uniform(4.5, 6.5),
        dice.uniform(-0.6, 0.6), dice.uniform(0.6, 1.0),
    )  # fmt: skip


def cover(tune: Tune, seed: int) -> Tune:
    """The tune as other players take it: another tempo, and often another key."""
    dice = Random(f"cover {seed}")
    return replace(
        tune, bpm=tune.bpm * dice.choice((0.84, 0.9, 1.0, 1.1, 1.18)),
        key=tune.key + dice.choice((-2, 0, 0, 0, 3)),
    )  # fmt: skip


def play(tune: Tune, players: Band, seconds: float, rate: int) -> Signal:
    """The recording: (frames, 2) with its largest sample at 0.7."""
    dice = np.random.default_rng(players.seed)
    track = np.zeros((int(seconds * rate), 2), np.float32)
    sound = lru_cache(maxsize=None)(lambda voice, pitch, frames: _note(voice, pitch, frames, rate))
    beat = 15.0 / tune.bpm
    for part, step, pitch, length, force in _notes(tune, players, int(seconds / beat) + 1):
        voice = players.voices[part]
        start = int((step * beat + abs(dice.normal()) * players.loose) * rate)
        frames = int(length * beat * rate * 0.95)
        gain = voice.level * force * dice.uniform(0.8, 1.0)
        _add(track, sound(voice, pitch, frames), start, gain * _sides(voice.side))
    _drum(track, players, beat, rate, dice)
    track += (players.noise * dice.standard_normal(track.shape)).astype(np.float32)
    return track * np.float32(0.7 / max(1e-6, float(np.abs(track).max())))


def _sides(side: float) -> NDArray[np.float32]:
    return np.sqrt(np.array([1 - side, 1 + side], np.float32) / 2)


def _add(track: Signal, sound: NDArray[np.float32], start: int, gains: NDArray[np.float32]) -> None:
    part = track[start : start + len(sound)]
    part += sound[: len(part), None] * gains


def _notes(tune: Tune, players: Band, steps: int) -> Iterator[tuple[int, int, int, int, float]]:
    """(part, step, pitch, length, force) until the last step."""
    at = 0
    for number in tune.form * 8:
        chords, melody = tune.sections[number]
        for step, degree, length in melody:
            yield 0, at + step, _pitch(tune, degree) + players.octave, length, 0.9
        for bar, chord in enumerate(chords):
            yield from _accompany(tune, players, at + bar * BAR, chord)
        at += len(chords) * BAR
        if at > steps:
            return


def _accompany(
    tune: Tune, players: Band, at: int, chord: int
) -> Iterator[tuple[int, int, int, int, float]]:
    for step, sign in enumerate(players.comping):
        if sign == "x":
            for third in (0, 2, 4):
                yield 1, at + step, _pitch(tune, chord + third), 4, 0.35
    for step, sign in enumerate(players.bass):
        if sign == "x":
            yield 2, at + step, _pitch(tune, chord) - 12, 3, 0.7


def _pitch(tune: Tune, degree: int) -> int:
    return tune.key + 12 * (degree // 7) + tune.scale[degree % 7]


def _note(voice: Voice, pitch: int, frames: int, rate: int) -> NDArray[np.float32]:
    total = frames + int(0.08 * rate)
    time = np.arange(total, dtype=np.float32) / rate
    base = 440.0 * 2.0 ** ((pitch - 69) / 12)
    phase = 2 * np.pi * base * (time + voice.depth / 30 * np.sin(2 * np.pi * voice.rate * time))
    sound = np.zeros(total, np.float32)
    for n, strength in enumerate(voice.partials, 1):
        exact = n * (1 + voice.stretch * n * n)
        if strength and base * exact < rate * 0.45:
            sound += strength * np.sin(exact * phase) * np.exp(-time * n**0.5 / voice.decay)
    fading = np.clip((total - np.arange(total)) / (0.08 * rate), 0, 1)
    envelope = np.minimum(time / voice.attack, 1) * fading
    return (sound * envelope / sum(voice.partials)).astype(np.float32)


def _drum(
    track: Signal, players: Band, beat: float, rate: int, dice: np.random.Generator
) -> None:
    kit = _kit(players.seed, rate)
    for piece, line in zip(kit, players.drums, strict=True):
        for step in range(int(len(track) / rate / beat)):
            if line[step % BAR] == "x":
                start = int((step * beat + abs(dice.normal()) * players.loose / 2) * rate)
                take = piece * np.float32(dice.uniform(0.8, 1.0))
                _add(track, take, start, np.array([0.7, 0.7], np.float32))


def _kit(seed: int, rate: int) -> list[NDArray[np.float32]]:
    dice = np.random.default_rng(seed + 7)
    time = np.arange(int(0.25 * rate), dtype=np.float32) / rate
    low = np.sin(2 * np.pi * (dice.uniform(45, 65) * time + 8 * (1 - np.exp(-time * 30))))
    hiss = dice.standard_normal((2, len(time))).astype(np.float32)
    kick = low * np.exp(-time * dice.uniform(8, 16))
    drum = np.sin(2 * np.pi * dice.uniform(160, 240) * time)
    snare = (0.4 * hiss[0] + drum) * np.exp(-time * dice.uniform(14, 25))
    bright = np.diff(hiss[1], prepend=0) * np.exp(-time * dice.uniform(30, 90))
    return [piece.astype(np.float32) for piece in (kick, 0.6 * snare, 0.2 * bright)]
