"""Finds the format of a file and reads its headers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import BinaryIO, Final

from oracle.domain.containers import aiff, flac, mpeg, ogg, wav
from oracle.domain.containers.names import READ, kind_of
from oracle.domain.containers.sound import Data, Sound, broken
from oracle.domain.containers.tags import after_tag
from oracle.domain.errors import InvalidInput

READERS: Final[Mapping[str, Callable[[Data, int], Sound]]] = {
    "WAV": wav.read, "AIFF": aiff.read, "FLAC": flac.read, "Ogg": ogg.read, "MP3": mpeg.read,
}  # fmt: skip
_MOST_TAGS = 8
_MOST_PADDING = 65_536


def survey(file: BinaryIO) -> Sound:
    """Read the headers of a file, and check that the file holds what they say.

    Args:
        file: open for reading; its position is changed.

    Raises:
        InvalidInput: not audio; another format, which is named; empty; cut; damaged; or more than
            one stream. `field` begins with ``audio``.
    """
    data = Data(file)
    if not data.size:
        raise broken("is empty")
    start = _after_tags(data)
    kind = kind_of(data.at(start, 32))
    if kind is None and start and (place := mpeg.next_frame(data, start)) > 0:
        return mpeg.read(data, place)  # a tag that states fewer bytes than it has
    if kind is None:
        raise broken(f"is not audio: must be {READ}")
    if kind not in READERS:
        raise InvalidInput(f"must be {READ}", field="audio.format", value=kind)
    if start and kind == "Ogg":
        raise broken("has a tag before an Ogg stream, which no decoder expects: remove it")
    return READERS[kind](data, start)


def _after_tags(data: Data) -> int:
    """Where the sound begins: after tags, of which each says its length, and after padding."""
    start = 0
    for _ in range(_MOST_TAGS):
        start = after_tag(data, start)
    if start >= data.size:
        raise broken("ends within its tag")
    padding = data.at(start, _MOST_PADDING) if start else b""
    return start + len(padding) - len(padding.lstrip(b"\0"))
