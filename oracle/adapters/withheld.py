"""The withheld store: an oracle's private files of generations that are not settled finally.

    <folder>/<the order's hash>/    the blocks and roots of one generation, as the folder pinner
                                    writes them
    <folder>/dropped-<random>/      a generation that is being deleted

Only the owner may read folders (mode 700) and files (mode 600). No gateway and no IPFS daemon reads
this folder. Paths consist of checked hashes and CIDs, never of a name from outside.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from oracle.adapters.pinning.folder import FolderPinner, sync
from oracle.domain.errors import InvalidInput, Unavailable
from oracle.domain.fields import word
from oracle.ports import Clock

PRIVATE = 0o700
DROPPED = "dropped-"


class FolderWithheld:
    """Implements ports.Withheld with a folder for each generation below `root`.

    Args:
        root: created by the first `put`; other users lose their access to it.
        clock: dates the files.
    """

    def __init__(self, root: Path, clock: Clock) -> None:
        self._root = root
        self._clock = clock

    def put(self, generation: str, data: bytes) -> str:
        folder = self._folder(generation)
        with _reported("write"):
            self._make(folder)
        cid = FolderPinner(folder, private=True).pin(data)
        now = self._clock.now()
        with _reported("write"):
            os.utime(folder, (now, now))
        return cid

    def fetch(self, generation: str, cid: str) -> bytes:
        return FolderPinner(self._folder(generation), private=True).fetch(cid)

    def block(self, generation: str, cid: str) -> bytes:
        return FolderPinner(self._folder(generation), private=True).block(cid)

    def holds(self, generation: str, cid: str) -> bool:
        return FolderPinner(self._folder(generation), private=True).pinned(cid)

    def drop(self, generation: str) -> None:
        folder = self._folder(generation)
        with _reported("delete"):
            if folder.is_dir():
                # After the renaming nobody finds the files, even if deleting them breaks off.
                os.replace(folder, tempfile.mkdtemp(prefix=DROPPED, dir=self._root))
            for rest in self._root.glob(DROPPED + "*"):
                shutil.rmtree(rest)

    def generations(self) -> Mapping[str, int]:
        with _reported("read"):
            return dict(self._listed()) if self._root.is_dir() else {}

    def _listed(self) -> Iterator[tuple[str, int]]:
        for folder in self._root.iterdir():
            if _is_word(folder.name):
                yield folder.name, int(folder.stat().st_mtime)

    def _folder(self, generation: str) -> Path:
        return self._root / word(generation, "generation")

    def _make(self, folder: Path) -> None:
        self._root.mkdir(PRIVATE, parents=True, exist_ok=True)
        os.chmod(self._root, PRIVATE)
        folder.mkdir(PRIVATE, exist_ok=True)
        # A new folder is durable after its parent is synced.
        for parent in (self._root, self._root.parent):
            sync(parent)


@contextmanager
def _reported(action: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Unavailable(f"cannot {action} the withheld files: {error.strerror}") from error


def _is_word(name: str) -> bool:
    try:
        return word(name, "generation") == name
    except InvalidInput:
        return False
