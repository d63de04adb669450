"""A folder of blocks: the pinner that needs no daemon, and what our gateway serves from.

    <folder>/blocks/<first 2 of the digest's hex>/<the digest's hex>    the bytes of a block
    <folder>/pins/<cid>                                                 empty: a root we keep
    <folder>/tmp/                                                       blocks not yet complete

A path is made of hex digits of a decoded digest or of a CID in its one spelling, never of a name
that somebody gave. A block appears whole or not at all (written aside, synced, renamed, the
folder synced), also for other processes on the same folder. What a crash leaves in tmp/ may be
deleted at any time.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from oracle.adapters.pinning.base import PinningSettings, VerifyingPinner, folder_of
from oracle.domain.cid import CHUNK, blocks_of, check, decode
from oracle.domain.errors import NotFound, RefrainError, Unavailable

READABLE = 0o644


class FolderPinner(VerifyingPinner):
    """Content-addressed blocks under `root`, which is made when first written to."""

    def __init__(self, root: Path | str) -> None:
        self._root = Path(root)

    def pinned(self, cid: str) -> bool:
        decode(cid)
        return (self._root / "pins" / cid).is_file()

    def _store(self, cid: str, data: bytes) -> str:
        root = ""
        for root, block in blocks_of(data):
            if not self._holds(root):
                self._write(self._path(root), block)
        return root

    def _block(self, cid: str) -> bytes:
        try:
            with self._path(cid).open("rb") as file:
                return file.read(CHUNK + 1)
        except FileNotFoundError:
            raise NotFound("no such block in the folder", field="cid", value=cid) from None
        except OSError as error:
            raise Unavailable(f"cannot read the folder: {error}", field="cid", value=cid) from error

    def _keep(self, cid: str) -> None:
        if not self.pinned(cid):
            self._write(self._root / "pins" / cid, b"")

    def _path(self, cid: str) -> Path:
        name = decode(cid)[1].hex()
        return self._root / "blocks" / name[:2] / name

    def _holds(self, cid: str) -> bool:
        """A damaged block counts as missing, so storing the file again mends it."""
        try:
            check(cid, self._block(cid))
        except RefrainError:
            return False
        return True

    def _write(self, path: Path, data: bytes) -> None:
        try:
            aside = self._root / "tmp"
            for folder in (aside, path.parent):
                folder.mkdir(parents=True, exist_ok=True)
            _replace(path, data, aside)
        except OSError as error:
            raise Unavailable(f"cannot write the folder: {error}", field="cid") from error


def open_folder(settings: PinningSettings) -> FolderPinner:
    """The pinner over REFRAIN_PIN_FOLDER."""
    return FolderPinner(folder_of(settings))


def _replace(path: Path, data: bytes, aside: Path) -> None:
    handle, temporary = tempfile.mkstemp(dir=aside)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fchmod(file.fileno(), READABLE)
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError:
        with suppress(OSError):
            os.unlink(temporary)
        raise
    # The name is durable only once its folder is, and the folder's own name once its parent is.
    for folder in (path.parent, path.parent.parent):
        _sync(folder)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
