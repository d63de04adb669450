"""The two streams of a program: what they cannot show, and what happens when nobody reads them."""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress

from oracle.domain.text import visible

_GONE = (errno.EPIPE, errno.ECONNRESET)
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG)


def prepare() -> None:
    """Lets every text be written.

    A stream that was closed before the start takes everything and shows nothing. A letter that
    the encoding lacks, as with LC_ALL=C or of a broken file name, is shown as an escape.
    """
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def flush() -> None:
    """Writes what is left. Raises OSError when the output cannot be written."""
    sys.stdout.flush()


def is_gone(error: OSError) -> bool:
    """Whether the reader has gone, as after ``| head``."""
    return error.errno in _GONE


def drop_output() -> None:
    """What is still to be written goes nowhere, so that the end of the program does not fail."""
    sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115


def reason_of(error: OSError) -> str:
    """One line for a fault of a file, without its folder, or of the output."""
    if error.filename is not None:
        name = os.path.basename(os.fsdecode(error.filename)) or "folder"
        return f"{name[:200]}: {error.strerror}"
    place = "the output" if error.errno in _FULL else "file"
    return f"{place}: {error.strerror or error}"


def complain(line: str) -> None:
    """Prints a line to stderr, with escapes for what would move the cursor.

    A stderr that takes nothing changes nothing.
    """
    with suppress(OSError, ValueError):
        print(visible(line), file=sys.stderr, flush=True)
