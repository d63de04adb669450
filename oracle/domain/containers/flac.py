"""The headers of FLAC files."""

from __future__ import annotations

import re

from oracle.domain.containers.flac_frames import goes_on
from oracle.domain.containers.sound import Data, Sound, broken, length

_STARTS = (b"fLaC\x00\x00\x00\x22", b"fLaC\x80\x00\x00\x22")
"""A stream begins with its name and the header of its first block, of 34 bytes."""
_OTHER = re.compile(rb"RIFF.{4}WAVEfmt |FORM.{4}AIF[FC]|OggS\x00\x02", re.DOTALL)
"""How files of other formats begin."""
_PIECE = 1 << 20
_LONGEST_START = 16
_MOST_BLOCKS = 10_000


def read(data: Data, start: int) -> Sound:
    """The sound of a FLAC file that begins at `start`; without a length in its header, too."""
    info = data.at(start + 8, 34)
    if len(info) < 34 or data.at(start + 4, 4)[0] & 0x7F:
        raise broken("ends within its header")
    packed = int.from_bytes(info[10:18], "big")
    rate, channels, frames = packed >> 44, (packed >> 41 & 7) + 1, packed & (1 << 36) - 1
    first = _after_blocks(data, start + 4)
    if first >= data.size:
        return Sound("FLAC", rate, channels, 0)
    if count := _streams(data, first):
        raise broken(f"holds {count + 1} FLAC streams, one after the other: save it as one")
    if frames and (more := goes_on(data, first, frames)):
        raise broken(f"has {length(frames, rate)} by its header, and {length(more, rate)} follow, "
                     "which only some decoders play: save it again")  # fmt: skip
    return Sound("FLAC", rate, channels, frames or None)


def _after_blocks(data: Data, place: int) -> int:
    for _ in range(_MOST_BLOCKS):
        head = data.at(place, 4)
        if len(head) < 4:
            raise broken("ends within its header")
        place += 4 + int.from_bytes(head[1:], "big")
        if head[0] & 0x80:
            return place
    raise broken(f"must have at most {_MOST_BLOCKS} blocks of metadata")


def _streams(data: Data, place: int) -> int:
    """How many streams begin from a place on."""
    count = 0
    while len(piece := data.at(place, _PIECE + _LONGEST_START - 1)) >= 8:
        if _OTHER.search(piece):
            raise broken("holds a file of another format after its end: two files were joined")
        whole = piece[: _PIECE + 7]
        count += sum(whole.count(start) for start in _STARTS)
        place += _PIECE
    return count
