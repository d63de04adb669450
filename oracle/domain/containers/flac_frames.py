"""The frames of a FLAC stream: whether it goes on after the samples that its header states.

Decoders differ about such a file: some end where the header says, others play everything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from oracle.domain.containers.sound import MOST_PARTS, Data, too_many_parts

_SYNC = re.compile(rb"\xff[\xf8\xf9]")
_PIECE = 1 << 20
_LONGEST_HEAD = 16
_BLOCKS = {1: 192, **{n: 144 << n for n in range(2, 6)}, **{n: 1 << n for n in range(8, 16)}}
"""Samples of a frame by the code in its header."""
_CHANCE = 2 * 65_536
"""Samples of two frames of any size: as many as bytes that look like a frame may add by chance."""
_RATE_BYTES = {12: 1, 13: 2, 14: 2}


@dataclass(frozen=True)
class Frame:
    """A frame by its header.

    Args:
        number: of its first sample, or of the frame where all have one size.
        one_size: which of the two.
        count: its samples.
    """

    number: int
    one_size: bool
    count: int


def goes_on(data: Data, place: int, frames: int) -> int:
    """How many samples follow after those that the header states; 0 if it states all.

    A frame behind the end counts if the one before it is there as well, so that no chance bytes
    do. Frames whose numbers begin again count if they are more than chance bytes can be.

    Args:
        place: where the frames begin.
        frames: samples of the stream by its header.
    """
    ends: set[int] = set()
    last, total, usual = frames, 0, 0
    for frame in _frames(data, place):
        usual = usual or frame.count
        first = frame.number * usual if frame.one_size else frame.number
        if first >= frames and first in ends:
            last = max(last, first + frame.count)
        ends.add(first + frame.count)
        total += frame.count
    return max(last - frames, total - frames if total - frames > _CHANCE else 0)


def _frames(data: Data, place: int) -> Iterator[Frame]:
    looked = 0
    while len(piece := data.at(place, _PIECE + _LONGEST_HEAD)) >= 6:
        for found in _SYNC.finditer(piece, 0, min(len(piece), _PIECE + 1)):
            looked += 1
            if looked > MOST_PARTS:
                raise too_many_parts()
            frame = _frame(piece[found.start() : found.start() + _LONGEST_HEAD])
            if frame:
                yield frame
        place += _PIECE


def _frame(head: bytes) -> Frame | None:
    """The frame whose header begins here; None if these bytes are no header."""
    if len(head) < 6 or head[3] & 1 or head[3] >> 4 > 10:
        return None
    number, at = _number(head)
    if not at:
        return None
    size, rate = head[2] >> 4, head[2] & 15
    extra = {6: 1, 7: 2}.get(size, 0)
    end = at + extra + _RATE_BYTES.get(rate, 0)
    if rate == 15 or size == 0 or end >= len(head) or _crc8(head[:end]) != head[end]:
        return None
    count = int.from_bytes(head[at : at + extra], "big") + 1 if extra else _BLOCKS[size]
    return Frame(number, not head[1] & 1, count)


def _number(head: bytes) -> tuple[int, int]:
    """The number of a frame or sample in the form of UTF-8, and the place after it; 0 if none."""
    first = head[4]
    if first < 0x80:
        return first, 5
    more = 7 - (first ^ 0xFF).bit_length()
    rest = head[5 : 5 + more]
    if more < 1 or len(rest) < more or any(byte >> 6 != 2 for byte in rest):
        return 0, 0
    value = first & (0x3F >> more)
    for byte in rest:
        value = value << 6 | byte & 0x3F
    return value, 5 + more


def _crc8(data: bytes) -> int:
    value = 0
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value << 1 ^ 0x07 if value & 0x80 else value << 1) & 0xFF
    return value
