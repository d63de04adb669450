"""The headers of AIFF and AIFF-C files."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

from oracle.domain.containers.chunks import Chunk, Samples, chunks, held
from oracle.domain.containers.sound import STREAMED, Data, Sound, broken, cut, length

_PLAIN: Final = {
    b"NONE", b"twos", b"sowt", b"in24", b"in32", b"fl32", b"FL32", b"fl64", b"FL64", b"raw ",
    b"ulaw", b"ULAW", b"alaw", b"ALAW", b"42ni", b"23ni",
}  # fmt: skip
_ONE_BYTE: Final = {b"ulaw", b"ULAW", b"alaw", b"ALAW"}


@dataclass(frozen=True)
class Common:
    """The chunk `COMM`; `block` is the bytes of a frame, or 0 for a codec that packs frames."""

    channels: int
    frames: int
    rate: int
    block: int


def read(data: Data, start: int) -> Sound:
    """The sound of an AIFF file that begins at `start`; its chunks come in any order."""
    packed = data.at(start + 8, 4) == b"AIFC"
    common, found = None, None
    for chunk in chunks(data, start + 12, ">"):
        if chunk.name == b"COMM":
            common = _common(data.at(chunk.start, 22), packed)
        elif chunk.name == b"SSND":
            found = chunk
            if chunk.size >= STREAMED:
                break
    if common is None:
        raise broken("has no chunk COMM, which states its format")
    if found is None:
        if common.frames:
            raise cut(common.frames, 0, common.rate)
        return Sound("AIFF", common.rate, common.channels, 0)
    return _sound(data, found, common)


def _common(body: bytes, packed: bool) -> Common:
    if len(body) < (22 if packed else 18):
        raise broken("ends within its header")
    channels, frames, bits = struct.unpack_from(">HIH", body)
    codec = body[18:22] if packed else b"NONE"
    wide = 1 if codec in _ONE_BYTE else -(-bits // 8)
    return Common(channels, frames, _rate(body[8:18]), channels * wide * (codec in _PLAIN))


def _rate(extended: bytes) -> int:
    """Frames a second from a float of 80 bits, rounded; what is no rate counts as 0."""
    exponent, mantissa = struct.unpack(">HQ", extended)
    shift = 16_383 + 63 - exponent
    return (mantissa >> shift) + (mantissa >> shift - 1 & 1) if 0 < shift < 64 else 0


def _sound(data: Data, chunk: Chunk, common: Common) -> Sound:
    skipped = 8 + int.from_bytes(data.at(chunk.start, 4), "big")
    size = max(0, chunk.size - skipped) if chunk.size < STREAMED else chunk.size
    block, rate = (common.block, common.rate) if common.block else (1, 0)
    here = held(data, Samples(chunk.start + skipped, size, block, rate), ">")
    if not common.block:
        return Sound("AIFF", common.rate, common.channels, None)
    frames = here // block
    if common.frames > frames:
        raise cut(common.frames, frames, common.rate)
    if frames - common.frames > common.rate / 10:
        raise broken(f"states {length(common.frames, common.rate)} in COMM, and holds "
                     f"{length(frames, common.rate)}")  # fmt: skip
    return Sound("AIFF", common.rate, common.channels, common.frames)
