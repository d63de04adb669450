"""The tracks that are measured: requests over a catalogue, with two to six references each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from generator.attribution.trace import MILLION, Trace
from generator.engines.base import Composition, Generated, Source
from generator.engines.mosaic import Mosaic
from generator.engines.mosaic.quota import largest_remainder
from oracle.domain.tempi import misfits
from scripts.bench.attribution import decoys

LENGTH = 30
SHARES = ((5, 3), (5, 3, 2), (4, 3, 2, 1), (30, 25, 20, 15, 10), (5, 4, 3, 3, 3, 2))
"""Weights of requests with two to six references; requests take them in turn."""

TRIED = 10
"""Requests that are looked at for each that is made: references of six tempi seldom fit one."""


@dataclass(frozen=True)
class Asked:
    """A request: its references ascend by recording."""

    sources: tuple[Source, ...]
    weights: tuple[int, ...]
    seed: int


@dataclass(frozen=True)
class Made:
    """A request and its track."""

    asked: Asked
    track: Any
    trace: Trace

    def shares(self, scores: Mapping[int, int]) -> list[float]:
        """Shares of components 1..k."""
        total = sum(scores.values()) or 1
        return [scores.get(index, 0) / total for index in range(1, len(self.trace.prior))]


def requests(sources: Sequence[Source], count: int) -> list[Asked]:
    """Requests whose references lie apart in the list; each source is used about equally often."""
    made = []
    for seed in range(1, count + 1):
        shares = SHARES[seed % len(SHARES)][: len(sources)]
        step = 1 + seed // len(sources)
        places = sorted({(seed + step * turn) % len(sources) for turn in range(len(shares))})
        weights = largest_remainder(shares[: len(places)], MILLION)
        made.append(Asked(tuple(sources[place] for place in places), tuple(weights), seed))
    return made


def playable(engine: Mosaic, sources: Sequence[Source], count: int) -> list[Asked]:
    """The first `count` requests whose references the engine can play at one tempo."""
    tried = requests(sources, TRIED * count)
    return [asked for asked in tried if go_together(engine, asked.sources)][:count]


def go_together(engine: Mosaic, sources: Sequence[Source]) -> bool:
    """Whether a tempo exists that all sources fit."""
    return not misfits([engine.analyse(source).bpm for source in sources])


def make(engine: Mosaic, asked: Asked, length: int = LENGTH) -> Made:
    """The track of a request."""
    made: Generated = engine.generate(asked.sources, asked.weights, asked.seed, length)
    return Made(asked, made.track, made.trace)


def composed(engine: Mosaic, asked: Asked) -> Composition:
    """The composition of a request, without its sound."""
    records = [engine.analyse(source).record for source in asked.sources]
    return engine.compose(records, asked.weights, asked.seed, LENGTH)


def realised_miss(found: Composition, weights: Sequence[int]) -> tuple[float, float]:
    """Total variation of heard frames from the weights, and the least that whole units allow."""
    frames = decoys.frames_of(found, len(weights))
    heard = sum(count > 0 for count in found.frames_drawn)
    whole = largest_remainder(weights, heard)
    return _miss(frames, weights), _miss(whole, weights)


def _miss(scores: Sequence[int], weights: Sequence[int]) -> float:
    total = sum(scores) or 1
    pairs = zip(scores, weights, strict=True)
    return sum(abs(score / total - weight / MILLION) for score, weight in pairs) / 2
