"""The stems of a track by the audit's renderer, which shares no code with the engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from scripts.auditor import render


def stems(trace: Mapping[str, Any], files: Sequence[Path]) -> Any:
    """What each reference adds to the mastered track, (k, frames, 2), 1.0 is full scale.

    Args:
        trace: parsed JSON of a trace.
        files: the references' files in its order.
    """
    import numpy as np

    parts = {number: render.layers(path) for number, path in enumerate(files, 1)}
    mixes = np.zeros((len(files), 2, trace["frames"]))
    for edit in trace["edits"]:
        place = slice(edit["start"], edit["start"] + edit["length"])
        mixes[edit["component"] - 1][:, place] += render.piece(parts, edit)
    return (mixes * render.master(trace)).transpose(0, 2, 1)


def difference(laid: Any, track: Any) -> int:
    """The largest difference of the stems' sum from 16-bit samples (frames, 2), in their units."""
    import numpy as np

    again = np.clip(np.rint(laid.sum(axis=0) * 32_768), -32_768, 32_767)
    return int(np.max(np.abs(again - track)))
