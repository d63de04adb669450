"""A folder of audio as other people keep it: every usual format, and what must be refused.

`write_odd_audio(folder)` writes short music at 96 bpm, made here so that it needs no catalogue.
`GOOD` names the files that hold it; `REFUSED` those that no node takes, and why.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import soundfile
from numpy.typing import NDArray

Samples = NDArray[np.float64]

BPM: Final = 96
SECONDS: Final = 12.0
BLOCK: Final = 4_096
"""Frames a write; libsndfile's Vorbis encoder overflows its stack on long single writes."""


@dataclass(frozen=True)
class Recipe:
    """How a file is written; `subtype` as soundfile calls it."""

    rate: int
    channels: int
    subtype: str


GOOD: Final[dict[str, Recipe]] = {
    "mono 22k.wav": Recipe(22_050, 1, "PCM_16"),
    "stereo 44k.wav": Recipe(44_100, 2, "PCM_16"),
    "Stereo 48k 24 bit.WAV": Recipe(48_000, 2, "PCM_24"),
    "stereo 96k float.wav": Recipe(96_000, 2, "FLOAT"),
    "mono 48k.flac": Recipe(48_000, 1, "PCM_16"),
    "stereo 96k 24 bit.flac": Recipe(96_000, 2, "PCM_24"),
    "stéréo 44k.mp3": Recipe(44_100, 2, "MPEG_LAYER_III"),
    "mono 22k.mp3": Recipe(22_050, 1, "MPEG_LAYER_III"),
    "stereo 48k.ogg": Recipe(48_000, 2, "VORBIS"),
    "mono 44k.ogg": Recipe(44_100, 1, "VORBIS"),
}


def music(rate: int, channels: int, seconds: float = SECONDS) -> Samples:
    """Kick, hat and a chord of three moving voices: shape (frames, channels), peak 0.6."""
    time = np.arange(int(rate * seconds)) / rate
    beat = time % (60 / BPM)
    chord = np.floor(time / (240 / BPM)).astype(int) % 4
    roots = np.array([220.0, 174.61, 261.63, 196.0])[chord]
    tones = sum(np.sin(2 * np.pi * roots * ratio * time) for ratio in (1.0, 1.25, 1.5))
    kick = np.sin(2 * np.pi * 55 * beat) * np.exp(-18 * beat)
    noise = np.random.default_rng(7).uniform(-1, 1, len(time))
    hat = noise * np.exp(-90 * ((time + 30 / BPM) % (60 / BPM)))
    sides = [0.12 * tones * np.exp(-2 * beat) + 0.7 * kick + level * hat for level in (0.1, 0.16)]
    sound = np.stack(sides[:channels], axis=1)
    return np.asarray(0.6 * sound / np.abs(sound).max())


def drone(rate: int, seconds: float = SECONDS) -> Samples:
    """Three steady tones without attack or pulse, in which no beat is found: (frames, 2)."""
    time = np.arange(int(rate * seconds)) / rate
    tones = sum(np.sin(2 * np.pi * hertz * time) for hertz in (110.0, 164.81, 220.0))
    return np.stack([0.2 * tones] * 2, axis=1)


def write(path: Path, sound: Samples, rate: int, subtype: str) -> Path:
    """One file, its format taken from its name, in blocks."""
    form = path.suffix[1:].upper()
    with soundfile.SoundFile(path, "w", rate, sound.shape[1], subtype, format=form) as file:
        for start in range(0, len(sound), BLOCK):
            file.write(sound[start : start + BLOCK])
    return path


def _silent(path: Path) -> None:
    write(path, np.zeros((44_100 * 8, 2)), 44_100, "PCM_16")


def _brief(path: Path) -> None:
    write(path, music(44_100, 2, 1.5), 44_100, "PCM_16")


def _truncated(path: Path) -> None:
    whole = write(path, music(44_100, 2), 44_100, "PCM_16").read_bytes()
    path.write_bytes(whole[: len(whole) // 2 + 1])


def _cut_flac(path: Path) -> None:
    whole = write(path, music(44_100, 2), 44_100, "PCM_16").read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


def _text(path: Path) -> None:
    path.write_text("The master is on the other disk.\n")


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _not_numbers(path: Path) -> None:
    sound = music(44_100, 2)
    sound[5_000:5_010] = np.nan
    write(path, sound, 44_100, "FLOAT")


Case = tuple[str, Callable[[Path], None]]

REFUSED: Final[dict[str, Case]] = {
    "silent.wav": ("nothing is audible", _silent),
    "brief.wav": ("1.5 s: too short", _brief),
    "truncated.wav": ("half of the samples its header promises, and an odd byte", _truncated),
    "truncated.flac": ("its last half is missing", _cut_flac),
    "text.wav": ("text", _text),
    "empty.wav": ("no bytes", _empty),
    "not numbers.wav": ("NaN samples", _not_numbers),
}


def write_odd_audio(folder: Path) -> list[Path]:
    """Write them all into `folder`, created if need be; every path, good ones first."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, recipe in GOOD.items():
        write(folder / name, music(recipe.rate, recipe.channels), recipe.rate, recipe.subtype)
    for name, (_, make) in REFUSED.items():
        make(folder / name)
    return [folder / name for name in (*GOOD, *REFUSED)]
