"""Writes audio files for tests, in every accepted format."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import ArrayLike

from generator.engines.base import Source

BLOCK = 4096
"""Frames in one write; libsndfile's Vorbis encoder crashes on long writes."""


def write(path: Path, content: ArrayLike, rate: int = 44_100, **how: object) -> Path:
    """Write (frames,) or (frames, channels) samples; the extension selects the format."""
    samples = np.asarray(content)
    channels = 1 if samples.ndim == 1 else samples.shape[1]
    with soundfile.SoundFile(path, "w", rate, channels, **how) as file:
        for first in range(0, len(samples), BLOCK):
            file.write(samples[first : first + BLOCK])
    return path


def source(recording: int, path: Path) -> Source:
    """The file as a reference."""
    return Source(recording, hashlib.sha256(path.read_bytes()).hexdigest(), path)
