"""What the likelihood vectors give to a reference that a track names but never plays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from generator.attribution import responsibility, shapley
from generator.attribution.trace import MILLION, Reference, Trace
from generator.engines.base import Composition, Source
from generator.engines.mosaic import Mosaic
from generator.engines.mosaic.quota import largest_remainder

METHODS = {"responsibility": responsibility.weights, "shapley": shapley.weights}


def frames_of(found: Composition, components: int) -> list[int]:
    """Heard frames of components 1..k."""
    frames = [0] * components
    for draw, count in zip(found.draws, found.frames_drawn, strict=True):
        frames[draw - 1] += count
    return frames


def trace_of(found: Composition, weights: Sequence[int], seed: int) -> Trace:
    """A trace that holds what the likelihood vectors read of a composition."""
    names = tuple(Reference(number, "", "") for number in range(1, len(weights) + 1))
    return Trace(
        engine="mosaic", version="", seed=seed, rate=44_100, frames=found.frames, bpm=found.bpm,
        references=names, prior=(0, *weights), draws=found.draws, levels=found.levels,
        frames_drawn=found.frames_drawn, log_likelihood=found.log_likelihood, audible=(),
    )  # fmt: skip


def distances(found: Composition, weights: Sequence[int], seed: int) -> dict[str, float]:
    """Total variation of each likelihood vector from the heard frames."""
    frames = frames_of(found, len(weights))
    total = sum(frames) or 1
    trace = trace_of(found, weights, seed)
    return {
        name: sum(
            abs(share / MILLION - count / total)
            for share, count in zip(method(trace)[1:], frames, strict=True)
        )
        / 2
        for name, method in METHODS.items()
    }


def decoy_shares(
    engine: Mosaic, sources: Sequence[Source], weights: Sequence[int], decoy: Source, seed: int
) -> dict[str, float]:
    """The decoy's part of each vector if the vectors take it for an equal of the others.

    The track is composed with a millionth for the decoy, which gives it no beat; the vectors then
    read a prior in which it has as much as the references have on average.
    """
    records: list[Any] = [engine.analyse(source).record for source in (*sources, decoy)]
    asked = [weights[0] - 1, *weights[1:], 1]
    found = engine.compose(records, asked, seed, 30)
    if frames_of(found, len(asked))[-1]:
        return {}
    prior = largest_remainder([*weights, MILLION // len(weights)], MILLION)
    trace = trace_of(found, prior, seed)
    return {name: method(trace)[-1] / MILLION for name, method in METHODS.items()}
