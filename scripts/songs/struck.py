"""Struck bars, plates, tines and hammered strings: sums of decaying sines, and FM pianos."""

from dataclasses import dataclass

import numpy as np

from scripts.songs.dice import Dice
from scripts.songs.envelope import gate
from scripts.songs.filters import band
from scripts.songs.maths import RATE, Signal, decay, frequency, seconds, sine, smooth


@dataclass(frozen=True)
class Bar:
    """Modes as (ratio to the pitch, level, t60 as a part of `t60`); `t60` in seconds at A4, longer
    for lower pitches; `mallet` level of the stroke's noise; `tremolo` depth at 5.2 Hz, stereo."""

    modes: tuple[tuple[float, float, float], ...]
    t60: float = 1.5
    mallet: float = 0.1
    tremolo: float = 0.0
    width: float = 0.2
    release: float = 0.12


def _mallet(level: float, frames: int, dice: Dice) -> Signal:
    length = min(frames, 1_800)
    noise = np.zeros(frames)
    burst = band(dice.noise(length), 700.0, 5_000.0, 31)
    noise[:length] = burst * decay(seconds(length), 0.03)
    return noise * level


def bar(spec: Bar, pitch: int, frames: int, velocity: float, take: int) -> Signal:
    """A stroke that rings for `frames`: shape (frames + release, 2)."""
    length = frames + int(spec.release * RATE)
    time, hertz = seconds(length), frequency(pitch)
    t60 = spec.t60 * frequency(69 + (69 - pitch) * 0.5) / 440.0
    stereo = np.zeros((length, 2))
    for index, (ratio, level, lasting) in enumerate(spec.modes):
        if hertz * ratio > 17_000.0:
            continue
        hard = level if index == 0 else level * (0.3 + velocity)
        mode = hard * sine(time * (hertz * ratio)) * decay(time, t60 * lasting)
        side = spec.width * (1 if index % 2 else -1)
        stereo += mode[:, None] * np.array([1.0 - side, 1.0 + side])
    stereo += _mallet(spec.mallet * velocity, length, Dice("mallet", pitch, take))[:, None]
    wave = spec.tremolo * sine(time * 5.2)
    stereo *= np.stack([1.0 - wave, 1.0 + wave], axis=1)
    return stereo * (smooth(time / 0.0012) * gate(time, frames / RATE, spec.release))[:, None]


def _partial(order: int, hertz: float, velocity: float) -> tuple[float, float]:
    stretched = order * hertz * float(np.sqrt(1.0 + 0.00035 * order * order))
    strike = abs(float(sine(np.array([order / 16.0]))[0]))
    steep = 1.0 + (1.0 - velocity) * order * 0.16 + (order / 14.0) ** 2
    return stretched, (0.25 + strike) / (order * steep)


def piano(pitch: int, frames: int, velocity: float, take: int) -> Signal:
    """A felted upright piano, two strings a note: shape (frames + release, 2)."""
    length = frames + int(0.14 * RATE)
    time, hertz = seconds(length), frequency(pitch)
    t60 = 6.0 * frequency(69 + (57 - pitch) * 0.6) / 440.0
    stereo = np.zeros((length, 2))
    for order in range(1, 19):
        partial, level = _partial(order, hertz, velocity)
        if partial > 14_000.0:
            break
        fading = decay(time, t60 / (1.0 + 0.22 * order)) * (0.7 * decay(time, 0.9) + 0.3)
        stereo[:, 0] += level * fading * sine(time * partial * 0.9997)
        stereo[:, 1] += level * fading * sine(time * partial * 1.0003 + 0.07 * order)
    stereo += _mallet(0.08 + 0.1 * velocity, length, Dice("hammer", pitch, take))[:, None]
    return stereo * (smooth(time / 0.002) * gate(time, frames / RATE, 0.14))[:, None]


def electric_piano(pitch: int, frames: int, velocity: float, take: int) -> Signal:
    """A tine piano by FM with stereo tremolo: shape (frames + release, 2)."""
    length = frames + int(0.16 * RATE)
    time, hertz = seconds(length), frequency(pitch)
    bark = 0.26 * velocity * velocity * decay(time, 1.6) + 0.03
    body = sine(time * hertz + bark * sine(time * hertz + 0.01 * take))
    tine = 0.035 * velocity * decay(time, 0.35) * sine(time * min(hertz * 14.0, 9_000.0))
    sound = body + 0.35 * sine(time * (hertz * 1.0011) + tine) + tine
    fading = decay(time, 5.5 * frequency(69 + (57 - pitch) * 0.5) / 440.0) * smooth(time / 0.003)
    wave = 0.22 * sine(time * 4.6)
    stereo = np.stack([sound * (1.0 + wave), sound * (1.0 - wave)], axis=1)
    return stereo * (fading * gate(time, frames / RATE, 0.16))[:, None]


def fm_bass(pitch: int, frames: int, velocity: float, take: int) -> Signal:
    """A bass of two FM operators: shape (frames + release, 2)."""
    length = frames + int(0.05 * RATE)
    time, hertz = seconds(length), frequency(pitch)
    index = (0.32 * velocity * decay(time, 0.5) + 0.07) * smooth(time / 0.002)
    sound = sine(time * hertz + index * sine(time * hertz * 2.0)) + 0.4 * sine(time * hertz)
    loud = smooth(time / 0.004) * (0.6 + 0.4 * decay(time, 0.7)) * gate(time, frames / RATE, 0.05)
    return np.repeat((sound * loud)[:, None], 2, axis=1)


def log_drum(pitch: int, frames: int, velocity: float, take: int) -> Signal:
    """A log drum whose pitch falls after the stroke: shape (frames + release, 2)."""
    length = frames + int(0.08 * RATE)
    time, hertz = seconds(length), frequency(pitch)
    fall = 0.018 * velocity * (1.0 - decay(time, 0.12)) * hertz / 30.0
    knock = 0.2 * velocity * decay(time, 0.12) * sine(time * hertz * 3.0)
    sound = sine(time * hertz + fall + knock) + 0.25 * decay(time, 0.25) * sine(time * hertz * 2.0)
    loud = smooth(time / 0.003) * decay(time, 2.2) * gate(time, frames / RATE, 0.08)
    return np.repeat((sound * loud)[:, None], 2, axis=1)


BARS: dict[str, Bar] = {
    "marimba": Bar(((1, 1, 1), (3.93, 0.28, 0.3), (9.4, 0.1, 0.14)), t60=0.9, mallet=0.16),
    "vibraphone": Bar(
        ((1, 1, 1), (3.98, 0.22, 0.4), (10.1, 0.07, 0.15)), t60=3.2, mallet=0.06, tremolo=0.3
    ),
    "steel pan": Bar(
        ((1, 1, 0.8), (2.003, 0.7, 1), (2.99, 0.22, 0.6), (4.02, 0.26, 0.5), (6.1, 0.1, 0.3)),
        t60=1.1, mallet=0.1, width=0.35,
    ),
    "kalimba": Bar(((1, 1, 1), (5.9, 0.2, 0.12), (2.01, 0.08, 0.5)), t60=1.1, mallet=0.2),
    "bell": Bar(
        ((1, 1, 1), (2.0, 0.5, 0.8), (3.01, 0.3, 0.5), (4.17, 0.28, 0.4), (5.43, 0.2, 0.3)),
        t60=2.4, mallet=0.03, width=0.5,
    ),
}
