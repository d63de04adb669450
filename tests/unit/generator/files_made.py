"""Audio files written for tests, in every format that is accepted."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import ArrayLike

from generator.engines.base import Source

BLOCK = 4096
"""Frames written at once: libsndfile's Vorbis encoder crashes on long ones."""


def write(path: Path, content: ArrayLike, rate: int = 44_100, **how: str) -> Path:
    """Write (frames,) or (frames, channels) samples; the format follows the name's ending."""
    samples = np.asarray(content)
    channels = 1 if samples.ndim == 1 else samples.shape[1]
    with soundfile.SoundFile(path, "w", rate, channels, **how) as file:
        for first in range(0, len(samples), BLOCK):
            file.write(samples[first : first + BLOCK])
    return path


def source(recording: int, path: Path) -> Source:
    """The file as a reference."""
    return Source(recording, hashlib.sha256(path.read_bytes()).hexdigest(), path)
