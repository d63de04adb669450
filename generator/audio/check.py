"""The check that a node makes of an uploaded file, without its engine: for artists beforehand."""

from __future__ import annotations

from pathlib import Path

from generator.audio.decode import decode
from generator.audio.resample import require_ratio


def check(path: Path) -> None:
    """Decode a file and forget the samples.

    Raises:
        AudioError: no node takes the file; see `decode`. A node also refuses a file that is silent
            above 25 Hz or below -70 LUFS, which only its engine measures.
    """
    require_ratio(decode(path).rate)
