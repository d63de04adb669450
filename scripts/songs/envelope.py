"""Envelopes of notes. They are smooth, and they start and end at 0."""

from dataclasses import dataclass

from scripts.songs.maths import RATE, Signal, decay, seconds, smooth


@dataclass(frozen=True)
class Shape:
    """Attack, decay, release in seconds; sustain in 0..1. `fall` is the t60 of the decay."""

    attack: float = 0.005
    fall: float = 1.0
    sustain: float = 0.7
    release: float = 0.08


def frames_of(shape: Shape, frames: int) -> int:
    """The length of a note held for `frames`, with its release, in frames."""
    return frames + max(1, int(shape.release * RATE))


def gate(time: Signal, held: float, release: float) -> Signal:
    """1 while the note is held (seconds), then falls to 0 within `release` seconds."""
    left = smooth(1.0 - (time - held) / release)
    return left * left


def envelope(shape: Shape, frames: int) -> Signal:
    """The loudness of a note held for `frames`: shape (frames + release,)."""
    time = seconds(frames_of(shape, frames))
    rise = smooth(time / shape.attack)
    falling = shape.sustain + (1.0 - shape.sustain) * decay(time, shape.fall)
    return rise * falling * gate(time, frames / RATE, shape.release)


def struck(frames: int, t60: float, attack: float = 0.0005, release: float = 0.06) -> Signal:
    """The loudness of a struck sound that rings and is damped after `frames`."""
    time = seconds(frames + int(release * RATE))
    return smooth(time / attack) * decay(time, t60) * gate(time, frames / RATE, release)
