"""The five attribution vectors, recomputed from the trace."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from .amounts import MILLION
from .report import Unreadable

Vector = dict[int, int]


def apportion(scores: Mapping[int, int]) -> Vector:
    """Scores to weights that sum to 1,000,000: largest remainder, ties to the lower id."""
    total = sum(scores.values())
    if total <= 0 or min(scores.values()) < 0:
        raise Unreadable(f"scores that sum to {total} give no weights")
    weights = {key: score * MILLION // total for key, score in scores.items()}
    first = sorted(scores, key=lambda key: (-(scores[key] * MILLION % total), key))
    for key in first[: MILLION - sum(weights.values())]:
        weights[key] += 1
    return {key: weights[key] for key in sorted(weights) if weights[key]}


def components(trace: Mapping[str, Any]) -> list[int]:
    """The recording of each component. Component 0 is recording 0, the training pool."""
    return [0, *(reference["recording"] for reference in trace["references"])]


def realised(trace: Mapping[str, Any]) -> Vector:
    """Weights by the frames that were drawn from each component."""
    scores = dict.fromkeys(components(trace), 0)
    for draw, frames in zip(trace["draws"], trace["frames_drawn"], strict=True):
        scores[components(trace)[draw]] += frames
    return apportion(scores)


def audible(trace: Mapping[str, Any]) -> Vector:
    """Weights by the audible energy of each component."""
    return apportion(dict(zip(components(trace), trace["audible"], strict=True)))


def frames_laid(trace: Mapping[str, Any]) -> list[int]:
    """The most frames that `frames_drawn` may count, by component.

    An edit fills its layer up to the next edit; the sum is averaged over the layers. A silent unit
    counts nothing, so this is an upper bound. Each unit is rounded once, which adds a frame a unit.
    """
    laid = [0] * len(components(trace))
    layers = sorted({edit["layer"] for edit in trace["edits"]})
    for layer in layers:
        row = sorted((e["start"], e["component"]) for e in trace["edits"] if e["layer"] == layer)
        for (start, component), (end, _) in pairwise([*row, (trace["frames"], 0)]):
            laid[component] += end - start
    return [frames // len(layers) + trace["draws"].count(j) for j, frames in enumerate(laid)]


def declared(request: Mapping[str, Any]) -> Vector:
    """The weights of the request."""
    return {item["recording"]: item["weight"] for item in request["references"] if item["weight"]}


BACKGROUND, MOST_REFERENCES = 0.05, 12


def explained(trace: Mapping[str, Any]) -> list[tuple[int, float, dict[int, float]]]:
    """Frames, log b and log q_j of every requested component, for each audible unit.

    b = 0.05 p_0 and q_j = 0.95 w_j p_j. Logarithms, because a likelihood can underflow.
    """
    prior = [math.log(w / MILLION * (1 - BACKGROUND)) if w else None for w in trace["prior"]]
    return [
        (frames, row[0] / 1e6 + math.log(BACKGROUND),
         {j: w + x / 1e6 for j, (w, x) in enumerate(zip(prior, row, strict=True)) if w is not None})
        for frames, row in zip(trace["frames_drawn"], trace["log_likelihood"], strict=True)
        if frames
    ]


def log_sum(logs: Sequence[float]) -> float:
    top = max(logs)
    return top + math.log(math.fsum(math.exp(x - top) for x in logs))


def from_floats(trace: Mapping[str, Any], shares: Mapping[int, float]) -> Vector:
    names, total = components(trace), math.fsum(shares.values())
    return apportion({names[j]: max(round(x / total * 10**9), 0) for j, x in shares.items()})


def responsibility(trace: Mapping[str, Any]) -> Vector:
    """Mean over the audible frames of q_j / (b + sum q), scaled to sum to 1."""
    logs = [(j, math.log(frames) + q - log_sum([b, *players.values()]))
            for frames, b, players in explained(trace) for j, q in players.items()]
    top = max(x for _, x in logs)
    shares: dict[int, float] = defaultdict(float)
    for j, x in logs:
        shares[j] += math.exp(x - top)
    return from_floats(trace, shares)


def log_worth(x: float) -> float:
    """log(log(1 + e^x)) without overflow or loss of precision."""
    return x if x < -37 else math.log(x) if x > 37 else math.log(math.log1p(math.exp(x)))


def set_logs(logs: Sequence[float]) -> list[float]:
    """The logarithm of the sum of each set of terms: bit i of the index stands for term i.

    Logarithms all the way: a term may be so much smaller than another that no float holds both.
    """
    sums = [-math.inf]
    for log in logs:
        sums += [log if known == -math.inf else log_sum([known, log]) for known in sums]
    return sums


def shapley(trace: Mapping[str, Any]) -> Vector:
    """Shapley value of v(S), the mean over the frames of log(1 + q_S / b) / log(1 + q_N / b)."""
    units = explained(trace)
    players = list(units[0][2])
    count = len(players)
    if count > MOST_REFERENCES:
        raise Unreadable(f"{count} references; a request has at most {MOST_REFERENCES}")
    worth = [0.0] * 2**count
    for frames, b, logs in units:
        odds = set_logs([logs[j] - b for j in players])
        whole = log_worth(odds[-1])
        for s in range(1, 2**count):
            worth[s] += frames * math.exp(log_worth(odds[s]) - whole)
    chance = [1 / (count * math.comb(count - 1, size)) for size in range(count)]
    return from_floats(trace, {
        j: math.fsum((worth[s | 1 << i] - worth[s]) * chance[s.bit_count()]
                     for s in range(2**count) if not s >> i & 1)
        for i, j in enumerate(players)
    })


VECTORS: dict[str, tuple[Callable[[Any, Any], Vector], int]] = {
    "declared": (lambda request, trace: declared(request), 0),
    "realised": (lambda request, trace: realised(trace), 0),
    "audible": (lambda request, trace: audible(trace), 0),
    "responsibility": (lambda request, trace: responsibility(trace), 1),
    "shapley": (lambda request, trace: shapley(trace), 1),
}
"""Each method, and the permitted difference of an entry in millionths: two end in floats."""
