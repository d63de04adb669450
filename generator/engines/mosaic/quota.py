"""Weights are met by quota, not by chance: how many beats of each layer each component gets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from generator.engines.mosaic.stream import Stream

BAR = 4
"""Beats drawn together where the quota allows."""
PHRASE = 2
"""Bars of one component that stay together where there are as many."""


@dataclass(frozen=True)
class Chunk:
    """Consecutive beats of one layer drawn from one component, 1..k."""

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

    Both together meet the weights to within one beat. A reference that is silent in one layer gets
    its whole share in the other, as far as that layer has room.

    Args:
        weights: k weights.
        able: per component, whether it is ever audible in the harmonic, percussive layer.
        beats: beats of each layer; the counts of each layer add up to it.
    """
    both = largest_remainder(weights, 2 * beats)
    bound = [
        (0 if percussive else count, count if harmonic else 0)
        for count, (harmonic, percussive) in zip(both, able, strict=True)
    ]
    harmonic = _between([low for low, _ in bound], [high for _, high in bound], both, beats)
    return harmonic, _rest(both, harmonic, beats)


def _between(lows: list[int], highs: list[int], both: list[int], beats: int) -> list[int]:
    """Counts near half of `both`, within their bounds where possible, that add up to `beats`."""
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
    """Whose count is best moved: first those within bounds, then those with room, the largest."""

    def rank(index: int) -> tuple[bool, bool, int, int]:
        moved = counts[index] + step
        bounded = lows[index] <= moved <= highs[index]
        room = both[index] - counts[index] if step > 0 else counts[index]
        return bounded, 0 <= moved <= both[index], room, -index

    return max(range(len(counts)), key=rank)


def _rest(both: list[int], harmonic: list[int], beats: int) -> list[int]:
    left = [max(0, count - taken) for count, taken in zip(both, harmonic, strict=True)]
    return left if sum(left) == beats else largest_remainder(left, beats)


def arrange(counts: Sequence[int], stream: Stream) -> list[Chunk]:
    """An order for a layer's beats: phrases of whole bars, shuffled, and bars of what is left.

    Args:
        counts: beats of components 1..k; the chunks add up to them. No chunk crosses a bar line
            but those of several whole bars.
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
