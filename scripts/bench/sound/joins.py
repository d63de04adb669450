"""How much a harmonic join changes the level in the middle of its fade."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from generator.attribution.trace import HARMONIC, NATIVE, Edit, Trace
from generator.engines.mosaic import render

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float64]

QUIET = 10 ** (-60 / 10)
"""Mean square below which a join is not measured."""
ON = 2_646
"""Frames (60 ms) by which a run may be off and still count as one that continues."""


@dataclass(frozen=True)
class Dip:
    """Level in mid-fade over that of the two uncut sources there.

    Args:
        decibels: below 0 is a dip.
        continues: whether the join stays at one place of one reference.
    """

    decibels: float
    continues: bool


def dips(trace: Trace, layers: render.Layers) -> list[Dip]:
    """The joins of the harmonic layer."""
    edits = [edit for edit in trace.edits if edit.layer == HARMONIC]
    stem = render.mix(render.pieces(edits, layers), trace.frames)
    found = [_dip(stem, before, after, layers) for before, after in pairwise(edits)]
    return [dip for dip in found if dip is not None]


def _dip(stem: Samples, before: Edit, after: Edit, layers: render.Layers) -> Dip | None:
    third = after.fade_in // 3
    first, last = after.start + third, after.start + 2 * third
    if third == 0 or before.start + before.length < last:
        return None
    uncut = sum(_power(_uncut(edit, first, last, layers)) for edit in (before, after)) / 2
    mixed = _power(stem[first:last])
    if min(uncut, mixed) < QUIET:
        return None
    return Dip(10 * math.log10(mixed / uncut), _continues(before, after))


def _power(samples: Samples) -> float:
    import numpy as np

    return float(np.mean(np.square(samples)))


def _uncut(edit: Edit, first: int, last: int, layers: render.Layers) -> Samples:
    """The edit's source as it would sound in frames first..last-1 without fades or an end."""
    source = edit.source + (first - edit.start) * edit.step // NATIVE
    whole = replace(edit, start=first, source=source, length=last - first, fade_in=0, fade_out=0)
    return next(iter(render.pieces([whole], layers)))[1]


def _continues(before: Edit, after: Edit) -> bool:
    reached = before.source + (after.start - before.start) * before.step // NATIVE
    return before.component == after.component and abs(reached - after.source) < ON


def mean(found: Sequence[Dip], continues: bool) -> float:
    """Mean in decibels over the joins of one kind; 0 without any."""
    values = [dip.decibels for dip in found if dip.continues is continues]
    return sum(values) / len(values) if values else 0.0


def spread(found: Sequence[Dip]) -> float:
    """Standard deviation of all joins, in decibels."""
    values = [dip.decibels for dip in found]
    middle = sum(values) / max(1, len(values))
    return math.sqrt(sum((value - middle) ** 2 for value in values) / max(1, len(values)))
