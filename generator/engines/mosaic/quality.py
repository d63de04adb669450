"""Measures of a track's sound: joins, double attacks, onsets on the grid, agreement of keys.

The engine does not use them. Each measure compares the track with its references, because music
itself has clicks, flams and late notes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from generator.attribution.trace import HARMONIC, PERCUSSIVE, Edit, Trace
from generator.audio.decode import RATE
from generator.engines.mosaic import render
from generator.engines.mosaic.attacks import FINE, attacks, block_energy
from generator.engines.mosaic.constants import LAYER_BITS
from generator.engines.mosaic.musical_key import MILLION, correlation, moved
from generator.engines.mosaic.reference_part import grid_of
from generator.engines.mosaic.resampler import source_frames

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float64]

AROUND = 66
"""Frames (1.5 ms) on each side of a join."""
QUIET = 10 ** (-70 / 20)
"""Second difference below which a join cannot be heard."""
ON_GRID = RATE // 100
"""Frames (10 ms) within which an onset is on its beat."""
EARLY = (RATE * 70 // 1000, RATE * 12 // 1000)
"""Range of frames before a beat in which another attack makes a double attack."""
NEARBY = RATE * 50 // 1000


@dataclass(frozen=True)
class Attacks:
    """Counts of the beats of a percussive layer that have an attack.

    Args:
        beats: beats with an attack within 50 ms.
        double: of these, beats with another attack, no weaker, 12 to 70 ms before.
        on_grid: of these, beats with an attack within 10 ms that is at least half as strong as the
            strongest within 50 ms.
    """

    beats: int
    double: int
    on_grid: int


def join_ratios(trace: Trace, layers: render.Layers) -> list[float]:
    """Roughness of each join relative to its uncut sources.

    Roughness is the largest second difference within 1.5 ms. 1 means as smooth as the references
    there; a hard cut gives 10 and more. Joins quieter than -70 dB are left out.
    """
    ratios = []
    for layer in (HARMONIC, PERCUSSIVE):
        edits = [edit for edit in trace.edits if edit.layer == layer]
        stem = render.mix(render.pieces(edits, layers), trace.frames)
        for before, after in pairwise(edits):
            ratios += _ratio(stem, before, after, layers)
    return ratios


def _ratio(stem: Samples, before: Edit, after: Edit, layers: render.Layers) -> list[float]:
    end = before.start + before.length
    first = max(0, min(end - before.fade_out, after.start) - AROUND)
    last = min(len(stem), max(end, after.start + after.fade_in) + AROUND)
    heard = _roughness(stem[first:last])
    uncut = max(_roughness(_uncut(edit, first, last, layers)) for edit in (before, after))
    return [heard / max(uncut, QUIET)] if heard > QUIET else []


def _uncut(edit: Edit, first: int, last: int, layers: render.Layers) -> Samples:
    """The edit's source as it would sound in frames first..last-1 without fades or an end."""
    source = edit.source + source_frames(first - edit.start, edit.step)
    whole = replace(edit, start=first, source=source, length=last - first, fade_in=0, fade_out=0)
    return next(iter(render.pieces([whole], layers)))[1]


def _roughness(samples: Samples) -> float:
    import numpy as np

    return float(np.max(np.abs(np.diff(samples, 2, axis=0)), initial=0.0))


def attack_report(trace: Trace, layers: render.Layers) -> Attacks:
    """The attacks of a track's percussive layer around the beats of the output."""
    import numpy as np

    edits = [edit for edit in trace.edits if edit.layer == PERCUSSIVE]
    stem = render.mix(render.pieces(edits, layers), trace.frames)
    grid = grid_of(trace.frames // trace.rate, trace.bpm)
    beats = [grid.beat(beat) for beat in range(1, grid.beats)]
    return attacks_at(np.rint(stem * 2**LAYER_BITS).astype(np.int32), beats)


def attacks_at(percussive: NDArray[np.int32], beats: Sequence[int]) -> Attacks:
    """The same for any percussive layer, (samples, 2), and any beats, such as a reference's."""
    import numpy as np

    rises = attacks(block_energy(percussive))
    strongest = [_strength(rises, beat - NEARBY, beat + NEARBY) for beat in beats]
    usual = max(1.0, 0.25 * float(np.median(strongest)))
    kept = [pair for pair in zip(beats, strongest, strict=True) if pair[1] > usual]
    return Attacks(
        beats=len(kept),
        double=sum(_strength(rises, beat - EARLY[0], beat - EARLY[1]) >= s for beat, s in kept),
        on_grid=sum(_strength(rises, beat - ON_GRID, beat + ON_GRID) >= s / 2 for beat, s in kept),
    )


def _strength(rises: Samples, first: int, last: int) -> float:
    """The strongest attack between two frames."""
    return float(rises[max(0, first // FINE) : max(0, last // FINE + 1)].max(initial=0.0))


def key_agreement(
    keys: Sequence[Sequence[int]], shifts: Sequence[int], weights: Sequence[int]
) -> int:
    """Weighted mean correlation of the pitch classes of all pairs of references, millionths."""
    total = scale = 0
    played = [moved(key, shift) for key, shift in zip(keys, shifts, strict=True)]
    for one in range(len(keys)):
        for other in range(one):
            weight = weights[one] * weights[other] // MILLION + 1
            total += weight * correlation(played[one], played[other])
            scale += weight
    return total // scale if scale else MILLION
