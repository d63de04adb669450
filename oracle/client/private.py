"""Files and folders that nobody else may read or change, whatever the umask is."""

from __future__ import annotations

import os
import shlex
import stat
from pathlib import Path

from oracle.domain.errors import InvalidInput

_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


def make_folder(path: Path) -> None:
    """Makes a folder, and those above it that are missing, with mode 700."""
    missing = [each for each in (path, *path.parents) if not each.exists()]
    for each in reversed(missing):
        each.mkdir(mode=0o700, exist_ok=True)


def write_file(path: Path, data: bytes) -> None:
    """Writes a file whole or not at all, with mode 600, and makes its folder."""
    make_folder(path.parent)
    draft = path.with_name(path.name + ".part")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
    draft.replace(path)


def require_unshared(path: Path, field: str) -> None:
    """Refuses a file that others can change, or replace because they can write its folder.

    In a folder with the sticky bit, as /tmp has it, only the owner of a file can replace it.

    Raises:
        InvalidInput: says how to mend it.
    """
    for each in (path.parent, path):
        if not each.exists():
            continue
        mode = each.stat().st_mode
        sticky = stat.S_ISDIR(mode) and mode & stat.S_ISVTX
        if mode & _OTHERS_WRITE and not sticky:
            detail = f"others can write it: run `chmod go-w {shlex.quote(str(each))}`"
            raise InvalidInput(detail, field=field, value=each)
