"""Realised attribution: the audible frames that the track plays of each component."""

from __future__ import annotations

from generator.attribution.trace import Trace
from generator.attribution.weights import from_scores


def weights(trace: Trace) -> tuple[int, ...]:
    """k + 1 weights in proportion to audible frames, component 0 first.

    Raises:
        oracle.domain.errors.InvalidInput: no unit of the trace is audible.
    """
    scores = [0] * (len(trace.references) + 1)
    for draw, frames in zip(trace.draws, trace.frames_drawn, strict=True):
        scores[draw] += frames
    return from_scores(scores, "frames_drawn")
