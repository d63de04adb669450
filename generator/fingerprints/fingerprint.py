"""A fingerprint: the strongest peaks of a recording's spectrum, as bounded integers."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from oracle.domain.errors import InvalidInput

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]

RATE = 11_025
"""Frames a second of the signal that is fingerprinted."""
HOP = 256
"""Frames of a step; times of peaks count steps of 23.2 ms."""
STEPS_PER_SECOND = RATE / HOP
PER_OCTAVE = 192
"""Tones in an octave; a semitone is 16."""
LOWEST_HERTZ = 220.0
OCTAVES = 4
TONES = PER_OCTAVE * OCTAVES
"""Tones are 0..TONES - 1."""
PER_SECOND = 16
"""Peaks kept of each second, the strongest first."""
MOST_PEAKS = 24_000
"""Peaks of the longest fingerprint, which is 25 minutes of music; later ones are dropped."""

_MAGIC = b"RFP1"
_HEAD = struct.Struct("<4sII")


@dataclass(frozen=True, eq=False)
class Fingerprint:
    """The peaks of a recording, ascending by time, then by tone; N peaks.

    Args:
        steps: length of the recording in steps.
        times: (N,) the step of each peak, 0..steps - 1.
        tones: (N,) its frequency in 1/192 octave above 220 Hz, 0..767.
        heights: (N,) its level in decibels above -100 dB, 0..255.
    """

    steps: int
    times: Integers
    tones: Integers
    heights: Integers

    def __len__(self) -> int:
        return len(self.times)

    def to_bytes(self) -> bytes:
        """`RFP1`, steps and peaks (12 bytes), then times (u32), tones (u16) and heights (u8)."""
        head = _HEAD.pack(_MAGIC, self.steps, len(self))
        parts = (self.times.astype("<u4"), self.tones.astype("<u2"), self.heights.astype("u1"))
        return head + b"".join(part.tobytes() for part in parts)


def from_bytes(data: bytes) -> Fingerprint:
    """Reads what `to_bytes` writes.

    Raises:
        InvalidInput: names the part that is wrong.
    """
    import numpy as np

    magic, steps, peaks = _head(data)
    if magic != _MAGIC or peaks > MOST_PEAKS or len(data) != _HEAD.size + 7 * peaks:
        raise InvalidInput("is not a fingerprint", field="fingerprint", value=data[:12].hex())
    times = np.frombuffer(data, "<u4", peaks, _HEAD.size).astype(np.int64)
    tones = np.frombuffer(data, "<u2", peaks, _HEAD.size + 4 * peaks).astype(np.int64)
    heights = np.frombuffer(data, "u1", peaks, _HEAD.size + 6 * peaks).astype(np.int64)
    if peaks and (int(times.max()) >= steps or int(tones.max()) >= TONES):
        raise InvalidInput("has a peak outside of its range", field="fingerprint", value=peaks)
    order = times * TONES + tones
    if np.any(np.diff(order) <= 0):
        raise InvalidInput("must ascend by time and tone", field="fingerprint", value=peaks)
    return Fingerprint(steps, times, tones, heights)


def _head(data: bytes) -> tuple[bytes, int, int]:
    if len(data) < _HEAD.size:
        raise InvalidInput("is not a fingerprint", field="fingerprint", value=data.hex())
    magic, steps, peaks = _HEAD.unpack_from(data)
    return magic, steps, peaks
