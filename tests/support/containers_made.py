"""Audio files made by hand from the standard library, whole, cut, joined and with wrong headers."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence

RATE = 8_000


def sine(seconds: float, rate: int = RATE, hertz: float = 440.0, level: int = 9_000) -> list[int]:
    """A tone in 16-bit samples of one channel."""
    step = 2 * math.pi * hertz / rate
    return [round(level * math.sin(step * at)) for at in range(int(seconds * rate))]


def wav(
    seconds: float = 2.5,
    rate: int = RATE,
    hertz: float = 440.0,
    *,
    stated: int | None = None,
    after: bytes = b"",
    before: bytes = b"",
) -> bytes:
    """A WAV file of one channel and 16 bits.

    Args:
        stated: size of the samples by the header; default: the true one.
        after: bytes after the samples.
        before: chunks before them.
    """
    values = sine(seconds, rate, hertz)
    data = struct.pack(f"<{len(values)}h", *values)
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, rate, rate * 2, 2, 16)
    size = len(data) if stated is None else stated
    body = b"WAVE" + form + before + b"data" + struct.pack("<I", size) + data + after
    return b"RIFF" + struct.pack("<I", len(body)) + body


def aiff(seconds: float = 2.5, rate: int = RATE, *, frames: int | None = None,
         stated: int | None = None, compression: bytes = b"") -> bytes:  # fmt: skip
    """An AIFF file of one channel and 16 bits; `frames` and `stated` replace the true counts."""
    values = sine(seconds, rate)
    data = struct.pack(f">{len(values)}h", *values)
    exponent = rate.bit_length() - 1
    common = struct.pack(">hIhHQ", 1, len(values) if frames is None else frames, 16,
                         16_383 + exponent, rate << 63 - exponent) + compression  # fmt: skip
    size = len(data) + 8 if stated is None else stated
    body = chunk(b"COMM", common) + b"SSND" + struct.pack(">III", size, 0, 0) + data
    form = b"AIFC" if compression else b"AIFF"
    return b"FORM" + struct.pack(">I", len(body) + 4) + form + body


def chunk(name: bytes, body: bytes, order: str = ">") -> bytes:
    """A chunk with its size, padded to an even number of bytes."""
    return name + struct.pack(order + "I", len(body)) + body + b"\0" * (len(body) % 2)


def id3(*texts: tuple[str, str], encoding: int = 3, padding: int = 0) -> bytes:
    """An ID3v2.4 tag of frames such as ``("TIT2", "Title")``."""
    names = {0: "latin-1", 1: "utf-16", 2: "utf-16-be", 3: "utf-8"}
    body = b""
    for name, text in texts:
        content = bytes([encoding]) + text.encode(names[encoding], "replace")
        body += name.encode() + syncsafe(len(content)) + b"\0\0" + content
    body += b"\0" * padding
    return b"ID3\x04\0\0" + syncsafe(len(body)) + body


def syncsafe(size: int) -> bytes:
    """A size in four bytes of seven bits."""
    return bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))


def flac_head(frames: int, rate: int = 44_100, channels: int = 2) -> bytes:
    """The name, STREAMINFO and the first bytes of a frame."""
    packed = rate << 44 | channels - 1 << 41 | 15 << 36 | frames
    info = struct.pack(">HH", 4_096, 4_096) + bytes(6) + packed.to_bytes(8, "big") + bytes(16)
    return b"fLaC\x80\x00\x00\x22" + info + b"\xff\xf8"


def ogg(
    positions: Sequence[int],
    serial: int = 1,
    head: bytes = b"\x01vorbis" + struct.pack("<IBI", 0, 2, 44_100) + bytes(14),
    *,
    ends: bool = True,
    numbers: Sequence[int] | None = None,
) -> bytes:
    """The pages of a stream: its first page, then one for each position, without check sums."""
    pages = page(2, 0, serial, 0, head)
    last = len(positions) - 1
    for at, position in enumerate(positions):
        number = at + 1 if numbers is None else numbers[at]
        pages += page(4 if ends and at == last else 0, position, serial, number, b"x" * 40)
    return pages


def page(flags: int, position: int, serial: int, number: int, body: bytes) -> bytes:
    head = struct.pack("<4sBBqIIIB", b"OggS", 0, flags, position, serial, number, 0, 1)
    return head + bytes([len(body)]) + body


def mp3(frames: int, kilobits: Sequence[int] = (128,), *, xing: int | None = None,
        rate: int = 44_100) -> bytes:  # fmt: skip
    """Frames of MPEG 1 layer III without content; bit rates in turn; `xing` states a number."""
    table = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
    made = b""
    for at in range(frames):
        bits = kilobits[at % len(kilobits)]
        head = bytes((0xFF, 0xFB, table.index(bits) << 4 | {44_100: 0, 48_000: 4}[rate], 0))
        made += head.ljust(144_000 * bits // rate, b"\0")
    if xing is None:
        return made
    info = b"\xff\xfb\x90\0" + bytes(32) + b"Xing" + struct.pack(">II", 1, xing)
    return info.ljust(417, b"\0") + made
