"""Moves harmonic grains by up to 12 ms, to where their waveform fits the one that they replace.

Two sustained tones that meet in opposite phase cancel in mid-fade. The rule is exact: it reads the
layers, which are integers, through sums of eight frames, so every reader of the same layers moves
every grain to the same place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from generator.attribution.trace import HARMONIC, NATIVE, Edit
from generator.audio.decode import RATE
from generator.engines.mosaic.resampler import cut

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]
    LayerArray = NDArray[np.int32]

FARTHEST = 12 * RATE // 1000
"""Frames of the source by which a grain may move."""
BLOCK = 8
"""Frames of a sum, and of a step of the search."""
BITS = 12
"""Bits that are dropped of each sum, so that no product overflows."""


def aligned(edits: Sequence[Edit], layers: Mapping[int, LayerArray]) -> tuple[Edit, ...]:
    """The edits in their order, with the sources of harmonic ones moved.

    Args:
        layers: component to its layers, (2, frames, 2) int32, harmonic first.
    """
    moved: list[Edit] = []
    before: Edit | None = None
    for edit in edits:
        if edit.layer == HARMONIC:
            if before is not None and before.start + before.length > edit.start:
                edit = _moved(before, edit, layers)
            before = edit
        moved.append(edit)
    return tuple(moved)


def _moved(before: Edit, edit: Edit, layers: Mapping[int, LayerArray]) -> Edit:
    """The edit at the place with the largest normalised correlation; ties to the smallest move."""
    import numpy as np

    frames = np.arange(0, before.start + before.length - edit.start - BLOCK, BLOCK)
    if len(frames) == 0:
        return edit
    reached = (edit.start - before.start + frames) * before.step // NATIVE
    wanted = _sums(layers[before.component][0], before.source + reached)
    moves = _moves(edit, layers[edit.component].shape[1])
    places = edit.source + moves[:, None] + frames * edit.step // NATIVE
    found = _sums(layers[edit.component][0], places)
    scores = _scores(wanted, found)
    best = int(np.argmax(scores))
    return replace(edit, source=edit.source + int(moves[best])) if scores[best] > 0 else edit


def _moves(edit: Edit, frames: int) -> Integers:
    """The possible moves, the smallest first; none that reads past either end of the recording."""
    import numpy as np

    steps = np.arange(0, FARTHEST + 1, BLOCK)
    moves = np.stack([steps, -steps], axis=1).ravel()[1:]
    first, last = edit.source + moves, edit.source + moves + edit.length * edit.step // NATIVE
    inside = ((first >= 0) & (last <= frames)) | (moves == 0)
    kept: Integers = moves[inside]
    return kept


def _sums(layer: LayerArray, places: Integers) -> Integers:
    """Sums of eight frames of both channels from each place on, zero outside."""
    import numpy as np

    low, high = int(places.min()), int(places.max()) + BLOCK
    mono = cut(layer, low, high - low).sum(axis=1).astype(np.int64)
    sums = np.concatenate([[0], np.cumsum(mono)])
    whole: Integers = (sums[places - low + BLOCK] - sums[places - low]) >> BITS
    return whole


def _scores(wanted: Integers, found: Integers) -> Integers:
    """Correlation of each row with `wanted`, divided by the row's size."""
    import numpy as np

    sizes = np.sqrt(np.square(found).sum(axis=1).astype(np.float64)).astype(np.int64)
    scores: Integers = (found @ wanted) // np.maximum(sizes, 1)
    return scores
