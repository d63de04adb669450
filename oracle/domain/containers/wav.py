"""The headers of WAV files: RIFF, RF64 and the rare RIFX."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from oracle.domain.containers.chunks import Chunk, Samples, chunks, held
from oracle.domain.containers.sound import STREAMED, Data, Sound, broken

PCM, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE
_PLAIN = (PCM, FLOAT, 6, 7)
"""PCM, IEEE floats, A-law and mu-law: a block is a frame."""


@dataclass(frozen=True)
class Format:
    """The chunk `fmt `: code of the codec, channels, rate, bytes a second, of a block, and bits."""

    codec: int
    channels: int
    rate: int
    bytes_a_second: int
    block: int
    bits: int

    @property
    def needed(self) -> int:
        """Bytes that a block must have; decoders differ about other blocks. 24 bits may take 4."""
        if self.codec not in (PCM, FLOAT) or not self.channels:
            return self.block
        wide = 4 if self.bits == 24 and self.block == 4 * self.channels else -(-self.bits // 8)
        return wide * self.channels


def read(data: Data, start: int) -> Sound:
    """The sound of a WAV file that begins at `start`."""
    order = ">" if data.at(start, 4) == b"RIFX" else "<"
    form: Format | None = None
    wide = 0
    for chunk in chunks(data, start + 12, order):
        if chunk.name == b"ds64":
            wide = int.from_bytes(data.at(chunk.start + 8, 8), "little")
        elif chunk.name == b"fmt ":
            if form:
                raise broken("states two formats for its samples")
            form = _format(data.at(chunk.start, 26), order)
        elif chunk.name == b"data":
            return _sound(data, _whole(chunk, wide), form, order)
    raise broken("ends before its samples")


def _whole(chunk: Chunk, wide: int) -> Chunk:
    """The chunk with its size of 64 bits, if it has one."""
    return Chunk(chunk.name, chunk.start, wide) if wide and chunk.size >= STREAMED else chunk


def _format(body: bytes, order: str) -> Format:
    if len(body) < 16:
        raise broken("ends within its header")
    codec, channels, rate, speed, block, bits = struct.unpack_from(order + "HHIIHH", body)
    if codec == EXTENSIBLE and len(body) >= 26:
        (codec,) = struct.unpack_from(order + "H", body, 24)
    return Format(codec, channels, rate, speed, block, bits)


def _sound(data: Data, chunk: Chunk, form: Format | None, order: str) -> Sound:
    if form is None:
        raise broken("has no format before its samples")
    if not form.block:
        raise broken("states frames of no bytes")
    if form.block != form.needed:
        raise broken(f"states frames of {form.block} bytes, where its channels and bits need "
                     f"{form.needed}")  # fmt: skip
    plain = form.codec in _PLAIN
    rate = form.rate if plain else form.bytes_a_second / form.block
    size = held(data, Samples(chunk.start, chunk.size, form.block, rate), order)
    return Sound("WAV", form.rate, form.channels, size // form.block if plain else None)
