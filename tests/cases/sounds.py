"""Audio files for the cases: what recorders, streams, old programs and bad copies leave."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from tests.cases.case import DATA, Make, Place
from tests.support.odd_audio import drone

RATE = 44_100
SECONDS = 4


def tone(seconds: float = SECONDS, rate: int = RATE) -> np.ndarray:
    """A pulsing tone in one channel."""
    time = np.arange(int(seconds * rate)) / rate
    return np.asarray(0.4 * np.sin(2 * np.pi * 330 * time) * np.exp(-4 * (time % 0.5)))


def coded(form: str, sound: np.ndarray | None = None, rate: int = RATE, **how: Any) -> bytes:
    """The bytes of a file in a format of soundfile."""
    made = BytesIO()
    samples = tone(rate=rate) if sound is None else sound
    channels = 1 if samples.ndim == 1 else samples.shape[1]
    with soundfile.SoundFile(made, "w", rate, channels, format=form, **how) as file:
        for start in range(0, len(samples), 4_096):
            file.write(samples[start : start + 4_096])
    return made.getvalue()


def stating(flac: bytes, frames: int) -> bytes:
    """A FLAC with another number of samples in its header."""
    return flac[:22] + frames.to_bytes(4, "big") + flac[26:]


def frames_of(flac: bytes) -> bytes:
    """The bytes of a FLAC after its metadata."""
    place = 4
    while not flac[place] & 0x80:
        place += 4 + int.from_bytes(flac[place + 1 : place + 4], "big")
    return flac[place + 4 + int.from_bytes(flac[place + 1 : place + 4], "big") :]


def files(**contents: Callable[[], bytes]) -> Make:
    """Writes files; ``_`` in a keyword stands for the dot of the name."""

    def make(folder: Path, place: Place) -> None:
        for name, content in contents.items():
            (folder / name.replace("_", ".")).write_bytes(content())

    return make


def named(name: bytes, content: Callable[[], bytes]) -> Make:
    """Writes one file, whose name may be of bytes that are not UTF-8."""

    def make(folder: Path, place: Place) -> None:
        path = os.fsencode(folder) + b"/" + name
        with open(path, "wb") as file:
            file.write(content())

    return make


def shared(name: str) -> Make:
    """Copies a file of `data/audio`."""

    def make(folder: Path, place: Place) -> None:
        shutil.copy(DATA / "audio" / name, folder)

    return make


def droning() -> bytes:
    return coded("WAV", drone(RATE, 6))


def sizes(content: bytes, whole: int, samples: int) -> bytes:
    """A WAV file with other sizes in its header."""
    at = content.index(b"data") + 4
    head = content[:4] + whole.to_bytes(4, "little") + content[8:at]
    return head + samples.to_bytes(4, "little") + content[at + 4 :]


def half(content: bytes) -> bytes:
    return content[: len(content) // 2]


def without_length(flac: bytes) -> bytes:
    """A FLAC that was streamed: its number of samples is 0."""
    return flac[:21] + bytes([flac[21] & 0xF0]) + bytes(4) + flac[26:]


def without_header(mp3: bytes) -> bytes:
    """An MP3 without the frame in which the header with its length lies."""
    return mp3[mp3.index(b"\xff\xfb", 4) :]


def variable() -> bytes:
    """An MP3 of variable bit rate: loud noise, then silence."""
    noise = np.random.default_rng(3).normal(0, 0.1, SECONDS * RATE)
    sound = np.concatenate([noise, np.zeros(12 * RATE)])
    return coded("MP3", sound, bitrate_mode="VARIABLE", compression_level=0.1)
