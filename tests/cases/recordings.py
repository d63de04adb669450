"""Small valid recordings for the cases."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile

RATE = 8_000
SECONDS = 3


def write_audio(path: Path, number: int = 0) -> None:
    """A pulsing tone of 3 s, mono, 8,000 frames a second, as its name says.

    Args:
        number: 0 to 20; another number gives another tone, so that no two files are equal.
    """
    time = np.arange(SECONDS * RATE) / RATE
    tone = np.sin(2 * np.pi * (220 + 20 * number) * time) * np.exp(-6 * (time % 0.5))
    kind = path.suffix[1:].upper()
    form, subtype = {"AIF": ("AIFF", None), "OPUS": ("OGG", "OPUS")}.get(kind, (kind, None))
    with path.open("wb") as file:  # soundfile cannot open every name
        soundfile.write(file, 0.5 * tone, RATE, format=form, subtype=subtype)
