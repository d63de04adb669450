"""WAV files of 44 header bytes and 16-bit samples, without dates or other varying data."""

import struct

import numpy as np

from scripts.songs.maths import RATE, Signal


def pcm(stereo: Signal) -> bytes:
    """The (frames, 2) signal in -1..1 as 16-bit little-endian samples, rounded half to even."""
    scaled = np.clip(np.rint(stereo * 32_767.0), -32_768, 32_767)
    return scaled.astype("<i2").tobytes()


def wav(stereo: Signal) -> bytes:
    """The whole file: 44.1 kHz, two channels, 16 bits."""
    data = pcm(stereo)
    form = struct.pack("<HHIIHH", 1, 2, RATE, RATE * 4, 4, 16)
    head = b"RIFF" + struct.pack("<I", 36 + len(data)) + b"WAVEfmt " + struct.pack("<I", 16)
    return head + form + b"data" + struct.pack("<I", len(data)) + data
