"""Layers in files that are mapped into memory, and whether somebody reads them."""

from __future__ import annotations

import fcntl
import math
import mmap
import os
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    LayerArray = NDArray[np.int32]


class Missing(Exception):
    """There is no whole file of layers."""


def created(path: Path, frames: int) -> LayerArray:
    """A new file of layers, (2, frames, 2), to be written.

    Its space is reserved, because a full disk would otherwise kill the process that writes.
    """
    import numpy as np

    head = {"descr": "<i4", "fortran_order": False, "shape": (2, frames, 2)}
    with path.open("wb+") as file:
        np.lib.format.write_array_header_1_0(file, head)
        offset = file.tell()
        file.flush()
        os.posix_fallocate(file.fileno(), 0, size_of(frames, offset))
        return np.memmap(file, np.int32, "r+", offset, (2, frames, 2))


def size_of(frames: int, head: int = 128) -> int:
    """Bytes of a file of layers."""
    return head + 16 * frames


def opened(path: Path) -> LayerArray:
    """The layers in a file, read only. The file counts as in use until the array is gone.

    Raises:
        Missing: there is none, it was deleted at this moment, or it is not whole.
    """
    import numpy as np

    try:
        file = path.open("rb")
    except FileNotFoundError:
        raise Missing("no file") from None
    with file:
        # The map has a copy of the handle, and so keeps the lock; `file_locks` sees it.
        fcntl.flock(file, fcntl.LOCK_SH)
        if os.fstat(file.fileno()).st_nlink == 0:
            raise Missing("was deleted")
        shape = _shape(file)
        return np.memmap(file, np.int32, "r", file.tell(), shape)


def _shape(file: IO[bytes]) -> tuple[int, ...]:
    """The shape in the header of a whole file; the file is then after its header."""
    import numpy as np

    try:
        np.lib.format.read_magic(file)
        shape, by_columns, kind = np.lib.format.read_array_header_1_0(file)
    except ValueError as error:
        raise Missing("has no header") from error
    size = os.fstat(file.fileno()).st_size
    if by_columns or kind != np.int32 or size != file.tell() + 4 * math.prod(shape):
        raise Missing(f"holds {size} bytes, which its header does not say")
    return shape


def release(array: LayerArray) -> None:
    """Drop the pages of an array from memory; does nothing for an array that is not in a file.

    The system keeps what was written to the pages and reads it again when it is needed.
    """
    base: Any = array
    while getattr(base, "base", None) is not None:
        base = base.base
    if isinstance(base, mmap.mmap):
        base.madvise(mmap.MADV_DONTNEED)
