"""Writes files atomically: after a crash a file is complete or absent."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO


@contextlib.contextmanager
def draft(final: Path) -> Iterator[IO[bytes]]:
    """A file that gets the name `final` when the block succeeds, and is deleted when it fails.

    The bytes are on the disk before the name is, and the name is on the disk before this returns.
    """
    final.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".draft-", dir=final.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, final)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    sync(final.parent)


def write(final: Path, content: bytes) -> None:
    """Write a small file atomically."""
    with draft(final) as file:
        file.write(content)


def drop_drafts(folder: Path) -> None:
    """Delete the incomplete files that a killed process left below `folder`."""
    for path in folder.rglob(".draft-*"):
        path.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Wait until a file's bytes, or a folder's names, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
