"""The songs from which tracks are made: a folder of audio, or the demo catalogue."""

from __future__ import annotations

import hashlib
from pathlib import Path

from generator.engines.base import Source

ENDINGS = {".wav", ".flac", ".mp3", ".ogg"}


def sources_in(folder: Path) -> list[Source]:
    """The audio files of a folder, numbered by file name."""
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in ENDINGS)
    digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths]
    pairs = zip(digests, paths, strict=True)
    return [Source(number, digest, path) for number, (digest, path) in enumerate(pairs, 1)]


def catalogue(folder: Path) -> Path:
    """Write the songs of the demo catalogue into a folder."""
    from scripts.songs import render_catalogue

    render_catalogue(folder)
    return folder
