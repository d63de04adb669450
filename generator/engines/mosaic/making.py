"""Folders of files that are not complete yet; what a killed process left is deleted."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from generator.file_locks import locked, unless_held

LOCK = ".lock"
"""File whose holder alone may begin, sweep or delete in a store."""
PREFIX = ".making-"
_ALIVE = "alive"


@contextlib.contextmanager
def making(root: Path) -> Iterator[Path]:
    """A folder in `root` that is deleted at the end, at the latest by a later `sweep`."""
    with contextlib.ExitStack() as held:
        with locked(root / LOCK):
            folder = Path(tempfile.mkdtemp(dir=root, prefix=PREFIX))
            held.enter_context(locked(folder / _ALIVE))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def sweep(root: Path) -> None:
    """Delete the folders of processes that no longer run."""
    if not root.is_dir():
        return
    with locked(root / LOCK):
        for folder in root.glob(f"{PREFIX}*"):
            with unless_held(folder / _ALIVE) as free:
                if free:
                    shutil.rmtree(folder, ignore_errors=True)
