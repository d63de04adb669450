"""Subtractive voices: detuned waves through a moving filter, like an analogue synthesiser."""

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from scripts.songs import wavetable
from scripts.songs.dice import Dice
from scripts.songs.envelope import Shape, envelope
from scripts.songs.maths import Signal, decay, frequency, power_of_two, seconds, sine, smooth


@dataclass(frozen=True)
class Patch:
    """One sound.

    `cutoff` is the MIDI pitch of the filter at rest, `sweep` what its envelope adds (semitones,
    opening in `swell` s, falling in `sweep_t60` s), `touch` what velocity adds; `peak` is its
    resonance; `detune` in cents over `voices`, placed `spread` (0..1) wide; `vibrato` and `scoop`
    (from below) in semitones; `sub` the level of a sine an octave below."""

    wave: str = "saw"
    voices: int = 1
    detune: float = 0.0
    spread: float = 0.0
    cutoff: float = 90.0
    sweep: float = 0.0
    sweep_t60: float = 0.6
    swell: float = 0.0
    touch: float = 12.0
    peak: float = 0.0
    vibrato: float = 0.0
    sub: float = 0.0
    scoop: float = 0.0
    shape: Shape = field(default_factory=Shape)


@lru_cache(maxsize=256)
def _offsets(voices: int, pitch: int, take: int) -> tuple[float, ...]:
    return tuple(float(x) for x in Dice("phase", voices, pitch, take).uniform(voices))


def _place(index: int, voices: int) -> float:
    return 0.0 if voices == 1 else 2.0 * index / (voices - 1) - 1.0


def _bend(patch: Patch, time: Signal) -> Signal:
    wobble = patch.vibrato * smooth((time - 0.18) / 0.3) * sine(time * 5.3)
    semitones = wobble - patch.scoop * decay(time, 0.12)
    return 1.0 + semitones * 0.05776226504666215


def _brightness(patch: Patch, pitch: int, velocity: float, time: Signal) -> Signal:
    opening = smooth(time / patch.swell) if patch.swell else 1.0
    swept = patch.sweep * decay(time, patch.sweep_t60) * opening
    cutoff = patch.cutoff + swept + patch.touch * (velocity - 0.7)
    return np.maximum((cutoff - pitch) / 12.0, 0.3)


def _unison(patch: Patch, pitch: int, bend: Signal, brightness: Signal, take: int) -> Signal:
    rows = wavetable.table(patch.wave, wavetable.harmonic_count(pitch), patch.peak)
    stereo = np.zeros((bend.size, 2))
    for index, offset in enumerate(_offsets(patch.voices, pitch, take)):
        place = _place(index, patch.voices)
        tuned = frequency(pitch) * power_of_two(place * patch.detune / 1200.0)
        wave = wavetable.read(rows, wavetable.phase_of(bend * tuned, offset), brightness)
        stereo[:, 0] += wave * (1.0 - patch.spread * place)
        stereo[:, 1] += wave * (1.0 + patch.spread * place)
    return stereo / patch.voices


def play(patch: Patch, pitch: int, frames: int, velocity: float, take: int) -> Signal:
    """A note held for `frames`: shape (frames + release, 2)."""
    loudness = envelope(patch.shape, frames)
    time = seconds(loudness.size)
    bend = _bend(patch, time)
    sound = _unison(patch, pitch, bend, _brightness(patch, pitch, velocity, time), take)
    if patch.sub:
        below = sine(wavetable.phase_of(bend * frequency(pitch - 12), 0.0))
        sound += (patch.sub * below)[:, None]
    return sound * loudness[:, None]


PATCHES: dict[str, Patch] = {
    "supersaw": Patch(
        voices=5, detune=16, spread=0.8, cutoff=92, touch=14, shape=Shape(0.06, 3.0, 0.85, 0.35)
    ),
    "warm pad": Patch(
        voices=3, detune=9, spread=0.7, cutoff=78, sweep=10, sweep_t60=3.0, swell=0.5,
        shape=Shape(0.25, 3.0, 0.9, 0.5),
    ),
    "strings": Patch(
        voices=4, detune=11, spread=0.8, cutoff=96, vibrato=0.06, shape=Shape(0.12, 3.0, 0.9, 0.3)
    ),
    "saw bass": Patch(
        voices=2, detune=5, spread=0.1, cutoff=58, sweep=26, sweep_t60=0.35, peak=1.0, sub=0.35,
        shape=Shape(0.003, 0.8, 0.55, 0.04),
    ),
    "square bass": Patch(
        wave="square", cutoff=60, sweep=20, sweep_t60=0.4, sub=0.3,
        shape=Shape(0.004, 1.2, 0.6, 0.05),
    ),
    "disco bass": Patch(
        wave="pulse", cutoff=70, sweep=18, sweep_t60=0.3, peak=0.4, sub=0.3,
        shape=Shape(0.003, 1.0, 0.5, 0.05),
    ),
    "square lead": Patch(
        wave="square", voices=2, detune=6, spread=0.3, cutoff=93, sweep=8, vibrato=0.18, touch=14,
        shape=Shape(0.012, 2.0, 0.75, 0.12),
    ),
    "saw lead": Patch(
        voices=3, detune=10, spread=0.4, cutoff=100, sweep=10, vibrato=0.15, peak=0.5,
        shape=Shape(0.01, 2.0, 0.8, 0.15),
    ),
    "brass": Patch(
        voices=3, detune=7, spread=0.5, cutoff=82, sweep=14, sweep_t60=1.2, swell=0.05, touch=24,
        vibrato=0.1, scoop=0.5, shape=Shape(0.03, 1.5, 0.75, 0.1),
    ),
    "fiddle": Patch(
        voices=2, detune=4, spread=0.25, cutoff=97, touch=12, vibrato=0.22, scoop=0.25, peak=0.6,
        shape=Shape(0.035, 2.0, 0.85, 0.09),
    ),
    "pluck": Patch(
        voices=3, detune=8, spread=0.6, cutoff=70, sweep=34, sweep_t60=0.45, peak=0.6,
        shape=Shape(0.002, 0.9, 0.0, 0.12),
    ),
    "stab": Patch(
        voices=3, detune=10, spread=0.6, cutoff=74, sweep=24, sweep_t60=0.7, peak=0.5,
        shape=Shape(0.003, 1.0, 0.25, 0.1),
    ),
}
