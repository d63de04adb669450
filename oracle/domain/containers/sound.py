"""What the headers of an audio file say, and the errors about them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import BinaryIO

from oracle.domain.errors import InvalidInput

MOST_PARTS = 1_000_000
"""Chunks, pages or frames of one file; 20 minutes of the smallest usual frames have 60,000."""

STREAMED = 0x7FFF_F000
"""A size from here on in a 32-bit field means "unknown": what programs write into a pipe."""


@dataclass(frozen=True)
class Sound:
    """The sound that a file holds by its headers.

    Args:
        form: name of the format, such as ``WAV``.
        rate: frames a second.
        channels: samples a frame.
        frames: that the file holds; None where only decoding can tell.
        slack: frames by which a whole file may decode to fewer.
        note: what a person should know before using the file; empty for nothing.
    """

    form: str
    rate: int
    channels: int
    frames: int | None
    slack: int = 0
    note: str = ""

    @property
    def seconds(self) -> float | None:
        """The length, where the headers tell it."""
        return None if self.frames is None or not self.rate else self.frames / self.rate


class Data:
    """The bytes of a file; reading beyond the end gives fewer bytes than asked for."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.size = file.seek(0, os.SEEK_END)

    def at(self, offset: int, count: int) -> bytes:
        """`count` bytes from `offset` on, or those that there are."""
        self._file.seek(offset)
        return self._file.read(count)


def broken(detail: str, value: object = None) -> InvalidInput:
    """The error for a file whose parts do not fit together."""
    return InvalidInput(detail, field="audio", value=value)


def length(frames: float, rate: float) -> str:
    """A length as it is shown, such as ``12.000 s``."""
    return f"{frames / rate:.3f} s" if rate else f"{frames:.0f} frames"


def cut(promised: float, held: float, rate: float) -> InvalidInput:
    """The error for a file that is shorter than its header says."""
    detail = f"is cut: its header says {length(promised, rate)}"
    return InvalidInput(detail, field="audio.seconds", value=length(held, rate))


def too_many_parts() -> InvalidInput:
    return broken(f"must have at most {MOST_PARTS:,} chunks, pages or frames")
