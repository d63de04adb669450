"""Plucked strings by Karplus and Strong: noise in a loop of one period of the string.

Each period is one vector operation, so a note takes one step for each period.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from scripts.songs.dice import Dice
from scripts.songs.envelope import gate
from scripts.songs.filters import running_mean
from scripts.songs.maths import (
    LOG2_1000,
    RATE,
    Signal,
    decay,
    frequency,
    power_of_two,
    seconds,
    sine,
    smooth,
)


@dataclass(frozen=True)
class String:
    """`t60` at A3 in seconds; `damping` of high frequencies per period, 0..0.5; `pick` position of
    the plectrum, 0..0.5 of the string; `soft` width of its touch in frames; `courses` number of
    strings, `detune` cents apart; `body` level of the sound of the box."""

    t60: float = 4.0
    damping: float = 0.25
    pick: float = 0.13
    soft: int = 3
    courses: int = 1
    detune: float = 4.0
    body: float = 0.15
    release: float = 0.09


def _loop_taps(damping: float, fraction: float, loss: float) -> list[float]:
    f = fraction
    after = (-f * (f - 1) * (f - 2) / 6, (f + 1) * (f - 1) * (f - 2) / 2,
             -(f + 1) * f * (f - 2) / 2, (f + 1) * f * (f - 1) / 6)
    taps = [0.0] * 6
    for index, value in enumerate(after):
        for shift, weight in enumerate((damping / 2, 1 - damping, damping / 2)):
            taps[index + shift] += value * weight * loss
    return taps


def _pluck(string: String, period: int, velocity: float, dice: Dice) -> Signal:
    burst = dice.noise(period)
    burst = running_mean(burst, string.soft + 2 * int(4 * (1 - velocity)) | 1)
    back = max(1, int(period * string.pick))
    shaped = burst - np.concatenate([burst[-back:], burst[:-back]])
    loudest = float(np.max(np.abs(shaped)))
    return shaped / (loudest + 1e-9)


def _ring(burst: Signal, taps: list[float], delay: int, frames: int) -> Signal:
    lead = delay + len(taps)
    line = np.zeros(frames + lead + delay)
    line[lead : lead + burst.size] = burst
    for start in range(lead + burst.size, frames + lead, delay):
        block = taps[0] * line[start - delay : start]
        for back, tap in enumerate(taps[1:], 1):
            block += tap * line[start - delay - back : start - back]
        line[start : start + delay] = block
    return line[lead : lead + frames]


def _one(string: String, hertz: float, frames: int, velocity: float, dice: Dice) -> Signal:
    period = RATE / hertz
    delay = int(period - 2.0)
    t60 = string.t60 * (220.0 / hertz if hertz > 220.0 else 1.0)
    loss = power_of_two(-LOG2_1000 / (hertz * t60))
    taps = _loop_taps(string.damping, period - 2.0 - delay, loss)
    burst = _pluck(string, delay + 3, velocity, dice)
    return _ring(burst, taps, delay, frames)


@lru_cache(maxsize=8)
def _box(frames: int) -> Signal:
    time = seconds(frames)
    modes = ((98.0, 0.16, 1.0), (204.0, 0.12, 0.7), (390.0, 0.07, 0.4))
    knock = np.zeros(frames)
    for hertz, t60, level in modes:
        knock += level * sine(time * hertz) * decay(time, t60)
    return knock


def play(string: String, pitch: int, frames: int, velocity: float, take: int) -> Signal:
    """A note that rings for `frames` and is then damped: shape (frames + release, 2)."""
    length = frames + int(string.release * RATE)
    time = seconds(length)
    stereo = np.zeros((length, 2))
    for index in range(string.courses):
        side = 0.0 if string.courses == 1 else 0.8 * (2 * index / (string.courses - 1) - 1)
        hertz = frequency(pitch + side * string.detune / 100.0)
        sound = _one(string, hertz, length, velocity, Dice("string", pitch, index, take))
        stereo += np.stack([sound * (1 - side), sound * (1 + side)], axis=1) / string.courses
    stereo += (string.body * velocity * _box(length))[:, None]
    return stereo * (smooth(time / 0.0008) * gate(time, frames / RATE, string.release))[:, None]


STRINGS: dict[str, String] = {
    "nylon guitar": String(t60=3.5, damping=0.45, pick=0.22, soft=9, body=0.22),
    "steel guitar": String(t60=5.0, damping=0.3, pick=0.14, soft=9, courses=2, detune=3.0),
    "mandolin": String(t60=3.0, damping=0.2, pick=0.12, soft=5, courses=2, detune=7.0, body=0.05),
    "muted guitar": String(t60=0.9, damping=0.4, pick=0.16, soft=3, body=0.08),
    "electric guitar": String(t60=7.0, damping=0.2, pick=0.18, soft=3, body=0.0),
    "upright bass": String(t60=2.6, damping=0.55, pick=0.28, soft=13, body=0.3, release=0.06),
    "picked bass": String(t60=4.0, damping=0.4, pick=0.15, soft=7, body=0.05, release=0.05),
}
