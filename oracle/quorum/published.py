"""Reads the public files of a generation through this oracle's pinner, each within its limit."""

from __future__ import annotations

from collections.abc import Mapping

from oracle.domain import audio, trace
from oracle.domain import manifest as manifests
from oracle.domain.cid import read
from oracle.domain.errors import NotFound, RefrainError, Unavailable, WrongBytes
from oracle.domain.manifest import Manifest
from oracle.domain.manifest_reader import parse_manifest
from oracle.ports import Pinner


def files_of(made: Manifest) -> Mapping[str, int]:
    """The CIDs of a manifest's audio and trace, each with its largest size in bytes."""
    return {made.audio.cid: audio.LARGEST, made.trace.cid: trace.LARGEST}


def is_readable(pinner: Pinner, cid: str, largest: int) -> bool:
    """Whether the pinner returns the whole file, intact, of at most `largest` bytes."""
    try:
        read(cid, pinner.block, largest)
    except (NotFound, WrongBytes, Unavailable):
        return False
    return True


def is_delivered(pinner: Pinner, manifest: str) -> bool:
    """Whether the pinner returns a manifest, by its CID, and its audio and trace."""
    try:
        made = parse_manifest(read(manifest, pinner.block, manifests.LARGEST))
        return all(is_readable(pinner, cid, largest) for cid, largest in files_of(made).items())
    except RefrainError:
        # Whatever is wrong with the manifest: nobody has the track by it.
        return False
