"""WAV files in the one format that generation nodes write, and the difference of two files."""

from __future__ import annotations

import array
import hashlib
import struct
import sys
from dataclasses import dataclass

from oracle.domain.errors import InvalidInput

RATE = 44_100
CHANNELS = 2
HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")
LARGEST = 24 << 20
"""Largest size of a file in bytes; the longest track, 120 s, has 20.2 MiB."""

_STEP = 1 << 16


@dataclass(frozen=True)
class Wave:
    """A checked file: 44.1 kHz stereo, 16-bit little-endian samples, interleaved in `pcm`.

    `frames` counts samples of one channel.
    """

    frames: int
    pcm: bytes

    def samples_digest(self) -> str:
        """sha256 of the samples without the header, 64 hex digits."""
        return hashlib.sha256(self.pcm).hexdigest()


def read_wave(data: bytes) -> Wave:
    """Reads a WAV file: the 44-byte header (RIFF, fmt, data), then the samples and nothing else.

    Raises:
        InvalidInput: the header differs, or its lengths do not match the file.
    """
    if len(data) <= HEADER.size:
        raise InvalidInput("is too short to be a WAV file", field="audio", value=len(data))
    found = HEADER.unpack_from(data)
    size = len(data) - HEADER.size
    width = 2 * CHANNELS
    expected = (
        b"RIFF", size + 36, b"WAVE", b"fmt ", 16, 1, CHANNELS, RATE, RATE * width, width, 16,
        b"data", size,
    )  # fmt: skip
    if found != expected or size % width:
        raise InvalidInput("is not a 44.1 kHz stereo 16-bit WAV file", field="audio")
    return Wave(size // width, data[HEADER.size :])


def largest_difference(one: bytes, other: bytes) -> int:
    """The largest difference between two sequences of 16-bit samples, in steps of the last bit.

    Raises:
        InvalidInput: the sequences differ in length.
    """
    if len(one) != len(other):
        raise InvalidInput("differs in length", field="audio", value=f"{len(one)}, {len(other)}")
    worst = 0
    for start in range(0, len(one), _STEP):
        left, right = one[start : start + _STEP], other[start : start + _STEP]
        if left != right:
            pairs = zip(_samples(left), _samples(right), strict=True)
            worst = max(worst, *(abs(a - b) for a, b in pairs))
    return worst


def _samples(data: bytes) -> array.array[int]:
    samples = array.array("h", data)
    if sys.byteorder == "big":
        samples.byteswap()
    return samples
