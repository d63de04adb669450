"""Short synthetic recordings as WAV files."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from generator.audio.decode import RATE, wav_bytes


def song(seed: int, seconds: int = 4) -> bytes:
    """A melody over a beat at 120 bpm, 44.1 kHz stereo; another one for each seed."""
    dice = np.random.default_rng(seed)
    time = np.arange(seconds * RATE) / RATE
    phase = time * 2 % 1
    pitches = 220 * 2 ** (dice.choice([0, 2, 4, 7, 9], size=seconds * 2) / 12)
    pitch = np.repeat(pitches, RATE // 2)[: len(time)]
    tone = 0.3 * np.sin(2 * np.pi * pitch * time) * np.exp(-2 * phase)
    click = 0.4 * dice.standard_normal(len(time)) * np.exp(-60 * phase)
    left, right = tone + click, 0.8 * tone + click
    return wav_bytes(np.rint(np.stack([left, right], axis=1) * 20_000).astype(np.int16))


def put(folder: Path, seed: int, seconds: int = 4) -> tuple[Path, str]:
    """A song's file and its sha256."""
    content = song(seed, seconds)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"song-{seed}.wav"
    path.write_bytes(content)
    return path, hashlib.sha256(content).hexdigest()
