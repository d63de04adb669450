"""Fingerprints an untrusted file and compares it with those that a folder holds."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from generator.audio.decode import decode
from generator.audio.resample import stereo
from generator.fingerprints.fingerprint import Fingerprint
from generator.fingerprints.index import InvertedIndex
from generator.fingerprints.matching import COPY
from generator.fingerprints.peaks import fingerprint, slowed

_open: dict[str, InvertedIndex] = {}
"""Indexes by their folder, of the process that adds to them."""


def compare(wanted: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The files that match one, the best first: {audio, score, seconds, speed, tones}.

    Args:
        wanted: {path, name, folder, keep}: the file, its sha256, the folder of the index, and
            whether the fingerprint is added to it, which only one process may do. Another one
            reads the index anew, so that it knows what that one has added.

    Raises:
        generator.audio.decode.AudioError: the file cannot be decoded.
    """
    folder, name = wanted["folder"], wanted["name"]
    found = print_of(Path(wanted["path"]))
    index = _kept(folder) if wanted["keep"] else InvertedIndex(Path(folder), writes=False)
    matches = index.matches(found, COPY)
    if wanted["keep"]:
        index.add(name, found)
    return [
        {
            "audio": other, "score": match.score, "seconds": match.seconds,
            "speed": match.speed, "tones": match.tones,
        }
        for other, match in matches
        if other != name
    ]  # fmt: skip


def _kept(folder: str) -> InvertedIndex:
    if folder not in _open:
        _open[folder] = InvertedIndex(Path(folder))
    return _open[folder]


def print_of(path: Path) -> Fingerprint:
    """The fingerprint of a file. Raises AudioError."""
    decoded = decode(path)
    return fingerprint(slowed(stereo(decoded.samples).astype("float32"), decoded.rate))
