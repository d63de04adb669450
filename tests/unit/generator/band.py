"""A small synthetic band with known beats: drums, bass and chords, a few seconds each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RATE = 44_100
CHORDS = ((0, 4, 7), (9, 12, 16), (5, 9, 12), (7, 11, 14))
"""Semitones above the key: I, vi, IV, V."""

Samples = NDArray[np.float64]


@dataclass(frozen=True)
class Tune:
    """Samples of shape (frames, 2) and the frames of the beats."""

    samples: Samples
    beats: NDArray[np.int64]


def play(bpm: float, seconds: float = 10, key: int = 0, seed: int = 0, level: float = 0.5) -> Tune:
    """A tune in 4/4 with a kick on one and three, a snare on two and four and running hi-hats."""
    rng = np.random.default_rng(seed)
    period = 60 * RATE / bpm
    frames = int(seconds * RATE)
    beats = np.rint(np.arange(0.25 * RATE, frames, period)).astype(np.int64)
    mono, side = np.zeros(frames), np.zeros(frames)
    for index, beat in enumerate(beats.tolist()):
        chord = CHORDS[index // 4 % 4]
        _lay(mono, beat, _kick() if index % 2 == 0 else _snare(rng))
        for half in (0, period / 2):
            _lay(side, beat + round(half), 0.15 * _hat(rng))
        _lay(mono, beat, _tone(110 * 2 ** ((key + chord[0]) / 12), period, 0.25, 6))
        if index % 4 == 0:
            for note in chord:
                _lay(mono, beat, _tone(220 * 2 ** ((key + note) / 12), 4 * period, 0.12, 1))
    both = np.stack([mono + side, mono - side], axis=1)
    return Tune(both / np.max(np.abs(both)) * level, beats)


def _lay(track: Samples, start: int, sound: Samples) -> None:
    part = sound[: max(0, len(track) - start)]
    track[start : start + len(part)] += part


def _tone(hertz: float, frames: float, level: float, decay: float) -> Samples:
    time = np.arange(int(frames)) / RATE
    partials = sum(np.sin(2 * np.pi * hertz * n * time) / n for n in range(1, 6))
    attack = np.minimum(1, time / 0.004) * np.minimum(1, (time[-1] - time) / 0.02)
    return level * attack * np.exp(-decay * time / (frames / RATE)) * partials


def _kick() -> Samples:
    time = np.arange(int(0.2 * RATE)) / RATE
    phase = 2 * np.pi * (50 * time + 6 * (1 - np.exp(-time * 25)))
    return 0.9 * np.sin(phase) * np.exp(-time * 18)


def _snare(rng: np.random.Generator) -> Samples:
    time = np.arange(int(0.15 * RATE)) / RATE
    body = np.sin(2 * np.pi * 190 * time) * np.exp(-time * 30)
    return 0.5 * body + 0.5 * rng.normal(0, 0.5, len(time)) * np.exp(-time * 28)


def _hat(rng: np.random.Generator) -> Samples:
    time = np.arange(int(0.05 * RATE)) / RATE
    return np.diff(rng.normal(0, 0.5, len(time) + 1)) * np.exp(-time * 90)
