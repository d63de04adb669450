"""Sounds that were once paid for what nobody hears, each beside a song."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator.attribution import METHODS
from generator.attribution.trace import MILLION
from generator.audio.decode import RATE
from generator.engines.base import Source
from generator.engines.mosaic import Mosaic
from oracle.domain.errors import InvalidInput
from scripts.bench.attribution.meter import below, left_out
from scripts.bench.attribution.stems import stems
from scripts.bench.engine import song

SECONDS = 20
HALF = (500_000, 500_000)
HEARD = 16_000
"""Hz above which most adults hear nothing."""


def sounds() -> dict[str, Any]:
    """Sounds by name, float64 of shape (frames, 2)."""
    import numpy as np

    plain = song(104, 2)[: SECONDS * RATE] / 32_768
    wild = plain.copy()
    wild[7 * RATE + 777] = 63.0
    clicks = np.zeros_like(plain)
    clicks[:: RATE // 2] = 0.5
    noise = np.random.default_rng(3).uniform(-1e-3, 1e-3, plain.shape)
    return {
        "another song": plain,
        "noise of 1e-3": noise,
        "clicks": clicks,
        "one sample of 63": wild,
    }


def written(folder: Path, name: str, sound: Any, number: int) -> Source:
    """A sound as a WAV file of floats."""
    import soundfile

    path = folder / f"{name}.wav"
    soundfile.write(path, sound, RATE, subtype="FLOAT")
    return Source(number, hashlib.sha256(path.read_bytes()).hexdigest(), path)


@dataclass(frozen=True)
class Shares:
    """The first recording's part of the heard frames, of the loudness energy, and of what is lost.

    Args:
        paid, audible: by the rules `realised` and `audible`.
        sound: of the K-weighted energy below 16 kHz that leaving its stem out takes away.
    """

    paid: float
    audible: float
    sound: float


def gaps(engine: Mosaic, folder: Path) -> dict[str, float]:
    """How far the paid share of each sound is from its share of the sound; 0 for a refused one."""
    beside = written(folder, "song", song(100, 0)[: SECONDS * RATE] / 32_768, 1)
    found = {}
    for name, sound in sounds().items():
        try:
            one = shares(engine, [beside, written(folder, name, sound, 2)])
        except InvalidInput:
            found[name] = 0.0
            continue
        found[name] = abs(one.paid - one.sound)
    return found


def shares(engine: Mosaic, pair: list[Source]) -> Shares:
    """The shares in a track of ten seconds of which half of each was asked.

    Raises:
        InvalidInput: the two cannot be combined.
    """
    made = engine.generate(pair, HALF, 5, 10)
    laid = stems(made.trace.to_dict(), [source.path for source in pair])
    lost = left_out(below(laid, HEARD))
    paid, audible = (METHODS[rule](made.trace)[1] / MILLION for rule in ("realised", "audible"))
    return Shares(paid, audible, float(lost["energy"][0]))
