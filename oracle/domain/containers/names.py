"""The names of audio formats: those that are read, and those that are refused by name."""

from __future__ import annotations

from typing import Final

SUFFIXES: Final = frozenset(
    {".wav", ".wave", ".flac", ".mp3", ".ogg", ".oga", ".opus", ".aif", ".aiff", ".aifc"}
)
"""Endings of the names of files that can be read, in small letters."""
READ: Final = "WAV, AIFF, FLAC, MP3 or Ogg (Vorbis, Opus)"

_STARTS: Final = (
    (b"fLaC", "FLAC"), (b"OggS", "Ogg"), (b"caff", "CAF"), (b"riff", "Wave64"), (b".snd", "AU"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "WMA"), (b"\x1a\x45\xdf\xa3", "Matroska or WebM"),
    (b"MAC ", "Monkey's Audio"), (b"wvpk", "WavPack"), (b"DSD ", "DSF"), (b"FRM8", "DSDIFF"),
    (b"TTA1", "True Audio"), (b"MPCK", "Musepack"), (b"MP+", "Musepack"), (b"MThd", "MIDI"),
    (b"#!AMR", "AMR"), (b"FLV", "FLV"), (b"Creative Voice File", "VOC"), (b"BW64", "BW64"),
)  # fmt: skip
_CONTAINERS: Final = {
    (b"RIFF", b"WAVE"): "WAV", (b"RF64", b"WAVE"): "WAV", (b"FORM", b"AIFF"): "AIFF",
    (b"FORM", b"AIFC"): "AIFF", (b"RIFF", b"AVI "): "AVI", (b"RIFX", b"WAVE"): "WAV",
    (b"RIFF", b"RMID"): "MIDI", (b"FORM", b"8SVX"): "IFF",
}  # fmt: skip


def kind_of(head: bytes) -> str | None:
    """The format of a file by its first 12 bytes or more, without an ID3 tag; None for others."""
    found = _CONTAINERS.get((head[:4], head[8:12]))
    if found:
        return found
    if head[4:8] == b"ftyp":
        return "M4A or MP4"
    for start, name in _STARTS:
        if head.startswith(start):
            return name
    return "AAC" if _is_adts(head) else "MP3" if is_mpeg(head) else None


def _is_adts(head: bytes) -> bool:
    return len(head) > 3 and head[0] == 0xFF and head[1] & 0xF6 == 0xF0


def is_mpeg(head: bytes) -> bool:
    """Whether bytes begin with a frame of MPEG audio.

    That is 11 bits that are set, then no reserved version, layer or rates.
    """
    return (
        len(head) > 3 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0 and head[1] & 0x18 != 0x08
        and head[1] & 0x06 != 0 and head[2] >> 4 != 15 and head[2] & 0x0C != 0x0C
    )  # fmt: skip
