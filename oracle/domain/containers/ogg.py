"""The pages of Ogg files: streams that follow each other, pages that are missing, the length."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from oracle.domain.containers.sound import (
    MOST_PARTS,
    Data,
    Sound,
    broken,
    length,
    too_many_parts,
)
from oracle.domain.errors import InvalidInput

_FIRST, _LAST = 2, 4
_NOWHERE = -1
"""The position of a page on which no packet ends."""
_MOST_JUNK, _MOST_STREAMS = 65_536, 1_000


@dataclass(frozen=True)
class Page:
    """A page: its flags, position in frames, stream, number, and the start of its body."""

    flags: int
    position: int
    serial: int
    number: int
    body: bytes


@dataclass(frozen=True)
class Codec:
    """What the first page of a stream says; `skipped` frames are not played."""

    name: str
    channels: int
    rate: int
    skipped: int = 0


@dataclass
class Stream:
    """A stream as its pages come: first and last position, last number, whether it has ended."""

    codec: Codec
    first: int = 0
    last: int = 0
    number: int = 0
    ended: bool = False


def read(data: Data, start: int) -> Sound:
    """The sound of an Ogg file.

    Raises:
        InvalidInput: more than one stream, a page that is missing, or no last page.
    """
    streams: list[tuple[int, Stream]] = []
    for page in _pages(data, start):
        if page.flags & _FIRST:
            streams.append((page.serial, Stream(_codec(page.body))))
            if len(streams) > _MOST_STREAMS:
                raise broken(f"holds more than {_MOST_STREAMS} streams: save it as one")
        elif streams and page.serial == streams[-1][0]:
            _follow(streams[-1][1], page)
    if len(streams) > 1:
        raise broken(f"holds {len(streams)} streams ({_listed(streams)}): save it as one")
    if not streams:
        raise broken("holds no stream from its beginning")
    return _sound(streams[0][1])


def _sound(stream: Stream) -> Sound:
    codec = stream.codec
    frames = max(0, stream.last - codec.skipped)
    if not stream.ended:
        raise InvalidInput("is cut: it has no last page, so what is missing is unknown",
                           field="audio.seconds", value=length(frames, codec.rate))  # fmt: skip
    # A stream that was recorded from its middle on begins with a high position.
    known = bool(codec.rate) and stream.first < 5 * codec.rate
    note = "" if known else (
        f"its first {length(stream.first, codec.rate)} are missing, as in a part of a stream: only "
        f"{length(stream.last - stream.first, codec.rate)} are used")  # fmt: skip
    held = frames if known else None
    return Sound("Ogg", codec.rate, codec.channels, held, codec.rate // 10, note)


def _follow(stream: Stream, page: Page) -> None:
    missing = page.number - stream.number - 1
    if stream.last and missing > 0:
        raise broken(f"is damaged: {missing} pages are missing after "
                     f"{length(stream.last, stream.codec.rate)}")  # fmt: skip
    stream.number = page.number
    if page.position > 0 and page.position != _NOWHERE:
        stream.first = stream.first or page.position
        stream.last = page.position
    stream.ended = bool(page.flags & _LAST)


def _listed(streams: list[tuple[int, Stream]]) -> str:
    parts = (
        f"{each.codec.name} {length(max(0, each.last - each.codec.skipped), each.codec.rate)}"
        for _, each in streams[:4]
    )
    return ", ".join([*parts, *(["..."] if len(streams) > 4 else [])])


def _pages(data: Data, place: int) -> Iterator[Page]:
    for _ in range(MOST_PARTS):
        head = data.at(place, 27)
        if head[:4] != b"OggS" or len(head) < 27:
            _require_end(data, place)
            return
        flags, position, serial, number, _, count = struct.unpack_from("<BqIIIB", head, 5)
        table = data.at(place + 27, count)
        size = 27 + count + sum(table)
        if len(table) < count or place + size > data.size:
            return  # cut within a page; the stream then has no last page
        yield Page(flags, position, serial, number, data.at(place + 27 + count, 64))
        place += size
    raise too_many_parts()


def _require_end(data: Data, place: int) -> None:
    """After the last page a tag may follow, but no other page."""
    junk = data.at(place, _MOST_JUNK)
    if b"OggS" in junk or data.size - place > _MOST_JUNK:
        raise broken(f"is damaged at byte {place}: no page begins there")


def _codec(body: bytes) -> Codec:
    if body.startswith(b"\x01vorbis") and len(body) >= 16:
        return Codec("Vorbis", body[11], struct.unpack_from("<I", body, 12)[0])
    if body.startswith(b"OpusHead") and len(body) >= 12:
        return Codec("Opus", body[9], 48_000, struct.unpack_from("<H", body, 10)[0])
    name = next((shown for start, shown in _OTHERS if body.startswith(start)), "another codec")
    raise InvalidInput("must be Vorbis or Opus in an Ogg file", field="audio.format", value=name)


_OTHERS = (
    (b"\x7fFLAC", "FLAC"), (b"Speex   ", "Speex"), (b"\x80theora", "Theora video"),
    (b"fishead\0", "Skeleton"), (b"BBCD\0", "Dirac video"),
)  # fmt: skip
