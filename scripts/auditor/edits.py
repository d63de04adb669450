"""What the edits of a trace play, and which units of it are heard (docs/formats/trace.md)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .report import Malformed
from .trace_form import LAYERS

RATE = 44_100
MOST_OVERLAP = RATE // 10
LEAST_SHARE, FLOOR = 100, 500_000
"""A unit counts from a hundredth of its beat's energy, and from -33 dB a frame."""


def bounds_of(trace: Mapping[str, Any]) -> list[int]:
    """The first frame of each beat, and the length of the track."""
    beats, bpm = len(trace["draws"]) // 2, trace["bpm"]
    return [*(beat * 60 * RATE // bpm for beat in range(beats)), trace["frames"]]


def played(trace: Mapping[str, Any]) -> list[int]:
    """The frames that edits play in each unit.

    An edit plays until it ends or the next edit of its layer begins. Raises Malformed for one that
    plays a component which was not drawn, or that is not in the unit which it names.
    """
    bounds, frames = bounds_of(trace), [0] * len(trace["draws"])
    for number, layer in enumerate(LAYERS):
        row = sorted((edit["start"], index) for index, edit in enumerate(trace["edits"])
                     if edit["layer"] == layer)
        ends = [*(start for start, _ in row[1:]), trace["frames"]]
        for (_, index), end in zip(row, ends, strict=False):
            _require_apart(trace, index, end)
            _play(trace, index, end, bounds, number, frames)
    return frames


def _require_apart(trace: Mapping[str, Any], index: int, end: int) -> None:
    """Edits of a layer start at different frames and overlap by a fade at most."""
    edit = trace["edits"][index]
    if edit["start"] >= end or edit["start"] + edit["length"] - end > MOST_OVERLAP:
        raise Malformed(f"trace.edits[{index}].length is {edit['length']}, which plays over "
                         f"the next edit from {end}")


def _play(trace: Mapping[str, Any], index: int, limit: int, bounds: list[int], layer: int,
          frames: list[int]) -> None:
    edit, beat = trace["edits"][index], trace["edits"][index]["unit"] // 2
    start, end = edit["start"], min(edit["start"] + edit["length"], limit)
    if edit["unit"] % 2 != layer or not bounds[beat] <= start < bounds[beat + 1]:
        raise Malformed(f"trace.edits[{index}].unit is {edit['unit']}, which is not where it is")
    while beat + 1 < len(bounds) and bounds[beat] < end:
        if trace["draws"][2 * beat + layer] != edit["component"]:
            raise Malformed(f"trace.edits[{index}].component is {edit['component']}, which was "
                             f"not drawn for beat {beat}")
        frames[2 * beat + layer] += max(0, min(end, bounds[beat + 1]) - max(start, bounds[beat]))
        beat += 1


def frames_heard(trace: Mapping[str, Any]) -> list[int]:
    """The frames that each unit of a version 2 trace counts, recomputed from edits and levels."""
    found, levels = [], trace["levels"]
    for unit, frames in enumerate(played(trace)):
        beat = levels[unit // 2 * 2] + levels[unit // 2 * 2 + 1]
        heard = LEAST_SHARE * levels[unit] >= beat and levels[unit] >= FLOOR * frames
        found.append(frames // 2 if heard else 0)
    return found
