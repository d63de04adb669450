"""Sounds like speech: pulses through formants, in syllables, phrases and pauses; and effects."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

RATE = 44_100
VOWELS = ((730, 1090, 2440), (270, 2290, 3010), (300, 870, 2240), (530, 1840, 2480))
"""Formants in Hz of the vowels of "father", "beet", "boot" and "bet" (Peterson and Barney 1952)."""

Samples = NDArray[np.float64]


@dataclass(frozen=True)
class Speech:
    """Samples (frames, 2), and the frames at which phrases begin and end."""

    samples: Samples
    begins: tuple[int, ...]
    ends: tuple[int, ...]


def speech(seconds: float = 20, seed: int = 0, pitch: float = 110) -> Speech:
    """Phrases of 1.2 to 2.6 s in which syllables follow each other, with pauses of 0.3 to 0.7 s."""
    dice = np.random.default_rng(seed)
    track = 1e-5 * dice.normal(size=int(seconds * RATE))
    begins, ends, at = [], [], int(0.3 * RATE)
    while at + 3 * RATE < len(track):
        said = _phrase(dice, dice.uniform(1.2, 2.6), pitch)
        track[at : at + len(said)] += said
        begins.append(at)
        ends.append(at + len(said))
        at = ends[-1] + int(dice.uniform(0.3, 0.7) * RATE)
    both = np.repeat(0.5 * track[:, None] / np.abs(track).max(), 2, axis=1)
    return Speech(both, tuple(begins), tuple(ends))


def _phrase(dice: np.random.Generator, seconds: float, pitch: float) -> Samples:
    parts: list[Samples] = []
    while sum(map(len, parts)) < seconds * RATE:
        consonant = 0.05 * np.diff(dice.normal(size=int(dice.uniform(0.02, 0.06) * RATE)))
        parts += [consonant, _vowel(dice, dice.uniform(0.12, 0.28), pitch)]
    return np.concatenate(parts)


def _vowel(dice: np.random.Generator, seconds: float, pitch: float) -> Samples:
    count = int(seconds * RATE)
    hertz = pitch * dice.uniform(0.85, 1.25) * np.linspace(1.05, 0.95, count)
    phase = np.cumsum(hertz) / RATE
    sound = np.diff(np.floor(phase), prepend=0.0) + 0.01 * dice.normal(size=count)
    for centre in VOWELS[dice.integers(len(VOWELS))]:
        radius = np.exp(-np.pi * 90 / RATE)
        back = [1, -2 * radius * np.cos(2 * np.pi * centre / RATE), radius**2]
        sound = lfilter([1 - radius], back, sound)
    edge = np.minimum(1, np.minimum(np.arange(count), np.arange(count)[::-1]) / (0.015 * RATE))
    return sound / np.abs(sound).max() * edge


def effects(seconds: float = 20, seed: int = 0) -> Samples:
    """A sweep, a burst of noise, a rumble and a bell in turn, with pauses between; (frames, 2)."""
    dice = np.random.default_rng(seed)
    track = np.zeros((int(seconds * RATE), 2))
    at, number = RATE // 4, 0
    while at + 3 * RATE < len(track):
        time = np.arange(int(dice.uniform(0.8, 2.5) * RATE)) / RATE
        sound = _effect(dice, time, number) * np.minimum(1, (time[-1] - time) / 0.1)
        track[at : at + len(time)] += 0.4 * sound[:, None] * dice.uniform(0.5, 1, 2)
        at, number = at + len(time) + int(dice.uniform(0.3, 0.9) * RATE), number + 1
    return track


def _effect(dice: np.random.Generator, time: Samples, number: int) -> Samples:
    made = (
        lambda: np.sin(2 * np.pi * (200 * time + 400 * time**2)),
        lambda: dice.normal(0, 0.3, len(time)) * np.exp(-2 * time),
        lambda: np.sin(2 * np.pi * 70 * time + 3 * np.sin(2 * np.pi * 5 * time)),
        lambda: np.sin(2 * np.pi * 1_300 * time) * np.exp(-3 * time),
    )
    return np.asarray(made[number % len(made)]())
