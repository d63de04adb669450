"""The kinds of copies: what a pirate does to a recording so that it looks like another."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping

import numpy as np
import soundfile
from numpy.typing import NDArray

Signal = NDArray[np.float32]

RATE = 44_100
SIZE, HOP = 2_048, 512


def mp3(signal: Signal) -> Signal:
    """Through an MP3 of 64 kbit/s."""
    made = io.BytesIO()
    # Level 0..1 stands for 320..32 kbit/s at a constant rate.
    with soundfile.SoundFile(made, "w", RATE, 2, format="MP3", subtype="MPEG_LAYER_III",
                             bitrate_mode="CONSTANT", compression_level=0.889) as file:
        for first in range(0, len(signal), 4_096):
            file.write(signal[first : first + 4_096])
    made.seek(0)
    return soundfile.read(made, dtype="float32", always_2d=True)[0]


def noise(signal: Signal) -> Signal:
    """With white noise 20 dB under it."""
    hiss = np.random.default_rng(1).standard_normal(signal.shape).astype(np.float32)
    return signal + hiss * np.float32(0.1 * np.sqrt(np.mean(signal**2)))


def trim(signal: Signal) -> Signal:
    """Without its first 3.7 s and its last 2.1 s."""
    return signal[int(3.7 * RATE) : len(signal) - int(2.1 * RATE)]


def half(signal: Signal) -> Signal:
    """Its second half."""
    return signal[len(signal) // 2 :]


def crop(signal: Signal) -> Signal:
    """5 s of its middle."""
    first = int(len(signal) * 0.43)
    return signal[first : first + 5 * RATE]


def quiet(signal: Signal) -> Signal:
    """6 dB under its level."""
    return signal * np.float32(0.501)


def speed(ratio: float) -> Callable[[Signal], Signal]:
    """Played faster by a ratio, so that pitch and tempo rise together."""
    return lambda signal: resampled(signal, ratio)


def tempo(ratio: float) -> Callable[[Signal], Signal]:
    """Played faster by a ratio at the same pitch."""
    return lambda signal: stretched(signal, ratio)


def semitones(steps: float) -> Callable[[Signal], Signal]:
    """Moved in pitch at the same tempo."""
    ratio = 2.0 ** (steps / 12)
    return lambda signal: resampled(stretched(signal, 1 / ratio), ratio)


def resampled(signal: Signal, ratio: float) -> Signal:
    """Every `ratio`-th frame by cubic interpolation."""
    places = np.arange(int((len(signal) - 4) / ratio)) * ratio + 1
    whole = places.astype(np.int64)
    part = (places - whole).astype(np.float32)[:, None]
    a, b, c, d = (signal[whole + step] for step in (-1, 0, 1, 2))
    bend = 2 * a - 5 * b + 4 * c - d + part * (3 * (b - c) + d - a)
    return (b + 0.5 * part * (c - a + part * bend)).astype(np.float32)


def stretched(signal: Signal, ratio: float) -> Signal:
    """A phase vocoder on the sum of both channels: `ratio` times as fast at the same pitch."""
    return np.repeat(_vocoded(signal.mean(axis=1), ratio)[:, None], 2, axis=1)


def _vocoded(channel: NDArray[np.float32], ratio: float) -> NDArray[np.float32]:
    window = np.hanning(SIZE + 1)[:-1].astype(np.float32)
    count = int((len(channel) - SIZE - HOP - 1) / (HOP * ratio))
    starts = (np.arange(count) * HOP * ratio).astype(np.int64)
    every = np.arange(SIZE)
    now = np.fft.rfft(channel[starts[:, None] + every] * window, axis=1)
    later = np.fft.rfft(channel[starts[:, None] + every + HOP] * window, axis=1)
    turned = np.angle(later) - np.angle(now)
    phases = np.cumsum(np.vstack([np.angle(now[:1]), turned[:-1]]), axis=0)
    frames = np.fft.irfft(np.abs(now) * np.exp(1j * phases), axis=1) * window
    made = np.zeros(count * HOP + SIZE, np.float32)
    for index, frame in enumerate(frames):
        made[index * HOP : index * HOP + SIZE] += frame
    return made / 1.5


KINDS: Mapping[str, Callable[[Signal], Signal]] = {
    "mp3 64k": mp3, "noise -20 dB": noise, "trim": trim, "half": half, "crop 5 s": crop,
    "-6 dB": quiet, "semitone up": semitones(1), "semitone down": semitones(-1),
    "speed +5 %": speed(1.05), "speed -5 %": speed(1 / 1.05),
    "tempo +5 %": tempo(1.05), "tempo -5 %": tempo(1 / 1.05),
}  # fmt: skip
