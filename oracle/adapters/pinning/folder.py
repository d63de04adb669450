"""The folder pinner: blocks as files. It needs no daemon, and the gateway can serve from it.

    <folder>/blocks/<first 2 of the digest's hex>/<the digest's hex>    the bytes of a block
    <folder>/pins/<cid>                                                 empty: a pinned root
    <folder>/tmp/                                                       incomplete blocks

Paths consist of the hex digits of a digest or of a CID in its only spelling, never of a name from
outside. A block appears whole or not at all, also for other processes on the same folder: it is
written to tmp/, synced and renamed, then the folder is synced. Files that a crash leaves in tmp/
may be deleted at any time.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from oracle.adapters.pinning.base import VerifyingPinner, folder_of
from oracle.domain.cid import CHUNK, blocks_of, check, decode
from oracle.domain.errors import NotFound, RefrainError, Unavailable
from oracle.settings import Pinning

PUBLIC = (0o644, 0o777)
PRIVATE = (0o600, 0o700)
"""Modes of files and folders; the umask of the process narrows those of folders."""


class FolderPinner(VerifyingPinner):
    """Content-addressed blocks under `root`; the first write creates the folder.

    Args:
        private: whether only the owner may read files and folders.
    """

    def __init__(self, root: Path | str, private: bool = False) -> None:
        self._root = Path(root)
        self._file_mode, self._folder_mode = PRIVATE if private else PUBLIC

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
            raise NotFound("the folder has no such block", field="cid", value=cid) from None
        except OSError as error:
            raise Unavailable(f"cannot read the folder: {error}", field="cid", value=cid) from error

    def _keep(self, cid: str) -> None:
        if not self.pinned(cid):
            self._write(self._root / "pins" / cid, b"")

    def _path(self, cid: str) -> Path:
        name = decode(cid)[1].hex()
        return self._root / "blocks" / name[:2] / name

    def _holds(self, cid: str) -> bool:
        """Whether the block is there and intact. Storing a file again replaces a damaged block."""
        try:
            check(cid, self._block(cid))
        except RefrainError:
            return False
        return True

    def _write(self, path: Path, data: bytes) -> None:
        try:
            drafts = self._root / "tmp"
            for folder in (self._root, drafts, path.parent.parent, path.parent):
                folder.mkdir(self._folder_mode, parents=True, exist_ok=True)
            _replace(path, data, drafts, self._file_mode)
        except OSError as error:
            raise Unavailable(f"cannot write the folder: {error}", field="cid") from error


def open_folder(settings: Pinning) -> FolderPinner:
    """The pinner in REFRAIN_PIN_FOLDER."""
    return FolderPinner(folder_of(settings))


def _replace(path: Path, data: bytes, drafts: Path, mode: int) -> None:
    handle, temporary = tempfile.mkstemp(dir=drafts)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError:
        with suppress(OSError):
            os.unlink(temporary)
        raise
    # A new name is durable after its folder is synced, and a new folder after its parent is.
    for folder in (path.parent, path.parent.parent):
        sync(folder)


def sync(folder: Path) -> None:
    """Makes the names in a folder durable. Raises OSError."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
