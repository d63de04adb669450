"""The frames of MP3 files: each states its length, so that they can be counted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from oracle.domain.containers.names import is_mpeg
from oracle.domain.containers.sound import (
    MOST_PARTS,
    Data,
    Sound,
    broken,
    cut,
    length,
    too_many_parts,
)
from oracle.domain.containers.tags import after_tag

_V1: Final = {
    1: (0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    2: (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    3: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
}
_V2: Final = {
    1: (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    3: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""Thousands of bits a second by layer, for MPEG 1 and for 2 and 2.5."""
_RATES: Final = {
    3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000),
}  # fmt: skip
_MOST_JUNK, _MOST_GAPS, _MOST_TRIES = 65_536, 100, 2_000
"""Bytes of junk in one place, places with junk, and frames in junk that may be chance."""
_TRIMMED = 9_344
"""The most frames that a LAME header has a decoder drop at both ends, and one frame more."""


@dataclass(frozen=True)
class Frame:
    """A frame: bytes, rate, channels, and the samples of one channel that it decodes to."""

    size: int
    rate: int
    channels: int
    samples: int


@dataclass
class Count:
    """The frames so far; `promised` is from a Xing or VBRI header, None without one."""

    first: Frame
    frames: int = 0
    size: int = 0
    promised: int | None = None
    sizes: set[int] = field(default_factory=set)


def read(data: Data, start: int) -> Sound:
    """The sound of an MP3 file whose first frame begins at `start`.

    Raises:
        InvalidInput: cut, joined with another file, or of variable bit rate without a header, of
            which decoders read a part only.
    """
    head = data.at(start, 4)
    first = _frame(head)
    if first is None:  # free format: frames do not state their length
        rate, channels = _rate_of(head), 1 if head[3] >> 6 == 3 else 2
        return Sound("MP3", rate, channels, None)
    count = Count(first)
    for place, frame in _frames(data, start):
        promised = _promised(data.at(place, 192)) if place == start else None
        if promised is not None:
            count.promised = promised
            continue
        _require_same(frame, count)
        count.frames, count.size = count.frames + 1, count.size + frame.size
    _require_whole(count, start, data.size)
    return Sound("MP3", first.rate, first.channels, count.frames * first.samples, _TRIMMED)


def _require_same(frame: Frame, count: Count) -> None:
    first = count.first
    if (frame.rate, frame.channels) != (first.rate, first.channels):
        raise broken(f"changes after {length(count.frames * first.samples, first.rate)} from "
                     f"{_format(first)} to {_format(frame)}: save it as one")  # fmt: skip


def _format(frame: Frame) -> str:
    return f"{frame.channels} channels at {frame.rate} Hz"


def _require_whole(count: Count, start: int, size: int) -> None:
    rate, each = count.first.rate, count.first.samples
    counted = count.frames * each
    if count.promised is None:
        # Without a header a decoder divides the file's size by that of the first frame.
        guessed = (size - start) / count.first.size * each
        # Frames of a constant bit rate differ by a byte of padding, which is below 1 %.
        if counted - guessed > max(rate / 10, counted / 100):
            part = f"{length(guessed, rate)} of {length(counted, rate)}"
            raise broken("has a variable bit rate and no header with its length: decoders read "
                         f"{part}; save it again")  # fmt: skip
        return
    if (count.promised - count.frames) * each > rate / 10:
        raise cut(count.promised * each, counted, rate)
    if (count.frames - count.promised) * each > rate / 10:
        raise broken(f"has {length(count.promised * each, rate)} by its header, and holds "
                     f"{length(counted, rate)}: files were joined; save it as one")  # fmt: skip


def _frames(data: Data, place: int) -> Iterator[tuple[int, Frame]]:
    gaps = 0
    for _ in range(MOST_PARTS):
        frame = _frame(data.at(place, 4))
        if frame is None:
            end, gaps = after_tag(data, place), gaps + 1
            place = end if end > place else _after_junk(data, place)
            if gaps > _MOST_GAPS:
                raise broken(f"is damaged: in more than {_MOST_GAPS} places no frame follows")
            if place >= data.size:
                return
        elif place + frame.size > data.size:
            return  # the last one is cut: a decoder drops it
        else:
            yield place, frame
            place += frame.size
    raise too_many_parts()


def _after_junk(data: Data, place: int) -> int:
    """Where frames go on after junk, or the end of the file.

    Raises:
        InvalidInput: more junk than anything but sound needs.
    """
    found, rest = next_frame(data, place), data.size - place
    if found < 0 and rest > _MOST_JUNK:
        raise broken(f"is damaged at byte {place}: {rest} bytes follow that are no frames")
    return data.size if found < 0 else found


def next_frame(data: Data, place: int) -> int:
    """Where frames go on after junk, or -1; two in a row count, because one may be chance."""
    piece = data.at(place, _MOST_JUNK)
    at, tries = piece.find(b"\xff", 1), 0
    while at >= 0 and tries < _MOST_TRIES:
        frame = _frame(piece[at : at + 4])
        if frame:
            tries += 1
            if _frame(data.at(place + at + frame.size, 4)):
                return place + at
        at = piece.find(b"\xff", at + 1)
    return -1


def _frame(head: bytes) -> Frame | None:
    if not is_mpeg(head):
        return None
    version, layer = head[1] >> 3 & 3, 4 - (head[1] >> 1 & 3)
    bits = (_V1 if version == 3 else _V2)[layer][head[2] >> 4] * 1000
    rate, padded = _rate_of(head), head[2] >> 1 & 1
    if not bits:
        return None
    samples = 384 if layer == 1 else 576 if layer == 3 and version != 3 else 1152
    size = (12 * bits // rate + padded) * 4 if layer == 1 else samples // 8 * bits // rate + padded
    return Frame(size, rate, 1 if head[3] >> 6 == 3 else 2, samples)


def _rate_of(head: bytes) -> int:
    return _RATES[head[1] >> 3 & 3][head[2] >> 2 & 3]


def _promised(body: bytes) -> int | None:
    """The number of frames that a Xing, Info or VBRI header states."""
    for name in (b"Xing", b"Info"):
        at = body.find(name, 4, 48)
        if at >= 0 and body[at + 7] & 1:
            return int.from_bytes(body[at + 8 : at + 12], "big")
    return int.from_bytes(body[50:54], "big") if body[36:40] == b"VBRI" else None
