"""Divides the beats of each layer among the components by quota, not by chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from generator.engines.mosaic.random_stream import Stream

BAR = 4
"""Beats of one component that stay together where the quota allows."""
PHRASE = 2
"""Bars of one component that stay together where it has so many."""


@dataclass(frozen=True)
class Chunk:
    """Consecutive beats of one layer from one component, 1..k."""

    component: int
    beats: int


def largest_remainder(shares: Sequence[int], total: int) -> list[int]:
    """`total` divided in proportion to `shares` (not all 0); ties to the lower index."""
    whole = sum(shares)
    counts = [share * total // whole for share in shares]
    order = sorted(range(len(shares)), key=lambda i: (-(shares[i] * total % whole), i))
    for index in order[: total - sum(counts)]:
        counts[index] += 1
    return counts


def divide(
    weights: Sequence[int], able: Sequence[tuple[bool, bool]], beats: int
) -> tuple[list[int], list[int]]:
    """Beats per component in the harmonic and in the percussive layer.

    Both layers together meet the weights to within one beat. A reference that is silent in one
    layer gets its whole share in the other layer, as far as that layer has room.

    Args:
        weights: k weights.
        able: per component, whether it is audible in the harmonic and in the percussive layer.
        beats: beats of each layer; the counts of each layer sum to it.
    """
    both = largest_remainder(weights, 2 * beats)
    bound = [
        (0 if percussive else count, count if harmonic else 0)
        for count, (harmonic, percussive) in zip(both, able, strict=True)
    ]
    harmonic = _between([low for low, _ in bound], [high for _, high in bound], both, beats)
    return harmonic, _rest(both, harmonic, beats)


def _between(lows: list[int], highs: list[int], both: list[int], beats: int) -> list[int]:
    """Counts near half of `both`, within their bounds where possible, that sum to `beats`."""
    halves = largest_remainder(both, beats)
    counts = [
        max(min(low, high), min(max(low, high), half))
        for low, high, half in zip(lows, highs, halves, strict=True)
    ]
    while sum(counts) != beats:
        step = 1 if sum(counts) < beats else -1
        counts[_most_willing(counts, lows, highs, both, step)] += step
    return counts


def _most_willing(
    counts: list[int], lows: list[int], highs: list[int], both: list[int], step: int
) -> int:
    """The index whose count changes: first within bounds, then with room, then its largest part."""

    def rank(index: int) -> tuple[bool, bool, int, int]:
        moved = counts[index] + step
        bounded = lows[index] <= moved <= highs[index]
        room = both[index] - counts[index] if step > 0 else counts[index]
        return bounded, 0 <= moved <= both[index], room * 1_000_000 // max(1, both[index]), -index

    return max(range(len(counts)), key=rank)


def _rest(both: list[int], harmonic: list[int], beats: int) -> list[int]:
    left = [max(0, count - taken) for count, taken in zip(both, harmonic, strict=True)]
    return left if sum(left) == beats else largest_remainder(left, beats)


def arrange(counts: Sequence[int], stream: Stream) -> list[Chunk]:
    """The order of a layer's beats: shuffled phrases of whole bars, and bars of the other beats.

    Args:
        counts: beats of components 1..k; the chunks sum to them. Only a chunk of several whole
            bars crosses a bar line.
    """
    beats = sum(counts)
    phrases = [
        [Chunk(index + 1, BAR)] * bars
        for index, count in enumerate(counts)
        for bars in _phrases(count // BAR)
    ]
    odd = [index + 1 for index, count in enumerate(counts) for _ in range(count % BAR)]
    whole = len(odd) - beats % BAR
    mixed = [_runs(odd[first : first + BAR]) for first in range(0, whole, BAR)]
    chosen = stream.shuffled([*phrases, *mixed])
    return [chunk for phrase in chosen for chunk in phrase] + _runs(odd[whole:])


def _phrases(bars: int) -> list[int]:
    return [PHRASE] * (bars // PHRASE) + [1] * (bars % PHRASE)


def _runs(components: Sequence[int]) -> list[Chunk]:
    chunks: list[Chunk] = []
    for component in components:
        if chunks and chunks[-1].component == component:
            chunks[-1] = Chunk(component, chunks[-1].beats + 1)
        else:
            chunks.append(Chunk(component, 1))
    return chunks
