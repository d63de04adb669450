"""The chunks of WAV and AIFF files: a name of four letters, a size, and the bytes."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from oracle.domain.containers.sound import (
    MOST_PARTS,
    STREAMED,
    Data,
    broken,
    cut,
    length,
    too_many_parts,
)

_USUAL: Final = {
    b"LIST", b"id3 ", b"ID3 ", b"bext", b"cue ", b"smpl", b"JUNK", b"junk", b"PAD ", b"FLLR",
    b"fact", b"iXML", b"_PMX", b"axml", b"chna", b"inst", b"INST", b"acid", b"plst", b"PEAK",
    b"LGWV", b"afsp", b"NAME", b"AUTH", b"ANNO", b"COMT", b"MARK", b"APPL", b"CHAN", b"(c) ",
    b"minf", b"elm1", b"elmo", b"umid", b"DGDA", b"ResU", b"SNDM", b"FVER", b"MIDI", b"SAUR",
    b"levl", b"strc", b"tlst",
}  # fmt: skip
"""Names of chunks that programs write after the samples."""


@dataclass(frozen=True)
class Chunk:
    """A chunk: its name, where its bytes begin, and the size that it states."""

    name: bytes
    start: int
    size: int

    @property
    def end(self) -> int:
        """Where the next chunk begins: sizes are padded to an even number."""
        return self.start + self.size + self.size % 2


@dataclass(frozen=True)
class Samples:
    """The chunk with the samples, and the scale for lengths.

    Args:
        start, size: where the samples begin, and their bytes by the header.
        block: bytes of a frame, or of the least unit that is decoded at once.
        rate: blocks a second, for lengths that are shown; 0 where unknown.
    """

    start: int
    size: int
    block: int
    rate: float


def chunks(data: Data, start: int, order: str) -> Iterator[Chunk]:
    """The chunks from `start` on, until one is not a chunk.

    Args:
        order: ``<`` for sizes with the lowest byte first, ``>`` for the highest first.
    """
    for _ in range(MOST_PARTS):
        head = data.at(start, 8)
        if len(head) < 8 or not all(32 <= byte < 127 for byte in head[:4]):
            return
        (size,) = struct.unpack(order + "I", head[4:])
        chunk = Chunk(head[:4], start + 8, size)
        yield chunk
        start = chunk.end
    raise too_many_parts()


def held(data: Data, samples: Samples, order: str) -> int:
    """The bytes of samples that a file holds.

    Raises:
        InvalidInput: fewer than its header says, or more; both lengths are named.
    """
    left = data.size - samples.start
    if samples.size >= STREAMED:
        return left
    shown = samples.block, samples.rate
    if samples.size - left >= samples.block:
        raise cut(samples.size / shown[0], left / shown[0], shown[1])
    rest = _rest(data, samples, order)
    if rest < samples.block or rest < samples.rate * samples.block / 10:
        return min(samples.size, left)
    if not samples.size:
        raise broken("has a size of 0 for its samples, as programs write into a pipe, and "
                     f"{length(rest / shown[0], shown[1])} follow: save it as a file")  # fmt: skip
    ends, follow = (length(count / shown[0], shown[1]) for count in (samples.size, rest))
    raise broken(f"has {ends} of samples by its header, and {follow} follow in bytes that belong "
                 "to no chunk")  # fmt: skip


def _rest(data: Data, samples: Samples, order: str) -> int:
    """The bytes after the samples that belong to no chunk."""
    place = samples.start + samples.size + samples.size % 2
    for chunk in chunks(data, place, order):
        if chunk.name in (b"RIFF", b"RF64", b"FORM"):
            raise broken("holds a second file after its end: two files were joined")
        if chunk.name in (b"data", b"SSND"):
            raise broken("holds samples in two chunks, of which decoders read one: save it again")
        if chunk.end > data.size + 1 and chunk.name not in _USUAL:
            break
        place = chunk.end
    return max(0, data.size - place)
