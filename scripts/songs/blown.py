"""Flute and organ: steady tones with breath noise or a rotating speaker."""

from dataclasses import dataclass

import numpy as np

from scripts.songs.dice import Dice
from scripts.songs.envelope import Shape, envelope
from scripts.songs.filters import running_mean
from scripts.songs.maths import Signal, decay, frequency, seconds, sine, smooth
from scripts.songs.wavetable import phase_of


@dataclass(frozen=True)
class Pipe:
    """Levels of the harmonics 1, 2, ...; `breath` is noise at the pitch; `vibrato` in semitones."""

    harmonics: tuple[float, ...]
    breath: float
    vibrato: float
    shape: Shape


PIPES: dict[str, Pipe] = {
    "flute": Pipe((1, 0.4, 0.16, 0.06, 0.03), 0.16, 0.16, Shape(0.05, 2.0, 0.9, 0.1)),
    "whistle": Pipe((1, 0.25, 0.22, 0.05), 0.1, 0.12, Shape(0.025, 2.0, 0.9, 0.07)),
    "melodica": Pipe(
        (1, 0.75, 0.9, 0.5, 0.55, 0.3, 0.28, 0.2, 0.14, 0.1), 0.03, 0.1, Shape(0.03, 2.0, 0.9, 0.07)
    ),
}


def blow(pipe: Pipe, pitch: int, frames: int, velocity: float, take: int) -> Signal:
    """A blown note held for `frames`: shape (frames + release, 2)."""
    loudness = envelope(pipe.shape, frames)
    time = seconds(loudness.size)
    wobble = smooth((time - 0.2) / 0.35) * sine(time * 4.9)
    bend = 1.0 + 0.0577622650 * (pipe.vibrato * wobble - 0.25 * decay(time, 0.1))
    phase = phase_of(bend * frequency(pitch), 0.0)
    tone = np.zeros_like(time)
    for order, level in enumerate(pipe.harmonics, 1):
        tone += level * (1.0 if order == 1 else 0.4 + 0.8 * velocity) * sine(phase * order)
    air = running_mean(Dice("breath", pitch, take).noise(time.size), 41) * sine(phase + 0.1)
    chiff = 1.0 + 3.0 * decay(time, 0.15)
    mono = (tone * (1.0 + 0.12 * wobble) + pipe.breath * 6.0 * air * chiff) * loudness
    return np.repeat(mono[:, None], 2, axis=1)


_DRAWBARS = ((0.5, 0.8), (1.5, 0.45), (1.0, 1.0), (2.0, 0.5), (3.0, 0.3), (4.0, 0.22), (8.0, 0.06))


def organ(pitch: int, frames: int, velocity: float, take: int) -> Signal:
    """A drawbar organ through a rotating speaker: shape (frames + release, 2)."""
    loudness = envelope(Shape(0.006, 2.0, 0.95, 0.05), frames)
    time = seconds(loudness.size)
    turn = sine(time * 6.4 + 0.37 * take)
    phase = time * frequency(pitch) + 0.012 * turn
    tone = np.zeros_like(time)
    for ratio, level in _DRAWBARS:
        tone += level * sine(phase * ratio)
    tone += 0.5 * velocity * decay(time, 0.25) * sine(phase * 6.0)
    wave = 0.2 * turn
    return np.stack([tone * (1.0 + wave), tone * (1.0 - wave)], axis=1) * loudness[:, None]
