"""Files that are there whole or not at all, whatever kills the process between two lines."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO


@contextlib.contextmanager
def draft(final: Path) -> Iterator[IO[bytes]]:
    """A file that takes the name `final` when the block ends well and vanishes when it does not.

    The bytes are on the disk before the name is, and the name is before this returns.
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
    _sync_folder(final.parent)


def write(final: Path, content: bytes) -> None:
    """Write a small file whole or not at all."""
    with draft(final) as file:
        file.write(content)


def drop_drafts(folder: Path) -> None:
    """Delete what a killed process left half-written anywhere below `folder`."""
    for path in folder.rglob(".draft-*"):
        path.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
