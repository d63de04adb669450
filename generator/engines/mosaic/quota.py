"""Divides the beats of each layer among the components by quota, not by chance."""

from __future__ import annotations

from collections.abc import Sequence


def largest_remainder(shares: Sequence[int], total: int) -> list[int]:
    """`total` divided in proportion to `shares` (not all 0); ties to the lower index."""
    whole = sum(shares)
    counts = [share * total // whole for share in shares]
    order = sorted(range(len(shares)), key=lambda i: (-(shares[i] * total % whole), i))
    for index in order[: total - sum(counts)]:
        counts[index] += 1
    return counts


def divide(
    weights: Sequence[int], able: Sequence[tuple[bool, bool]], beats: tuple[int, int]
) -> tuple[list[int], list[int]]:
    """Beats per component in the harmonic and in the percussive layer.

    Both layers together meet the weights to within one beat. A reference that is silent in one
    layer gets its whole share in the other layer, as far as that layer has room.

    Args:
        weights: k weights.
        able: per component, whether it is audible in the harmonic and in the percussive layer.
        beats: in which each layer plays; the counts of each layer sum to it.
    """
    both = largest_remainder(weights, sum(beats))
    bound = [
        (0 if percussive else count, count if harmonic else 0)
        for count, (harmonic, percussive) in zip(both, able, strict=True)
    ]
    harmonic = _between([low for low, _ in bound], [high for _, high in bound], both, beats[0])
    return harmonic, _rest(both, harmonic, beats[1])


def _between(lows: list[int], highs: list[int], both: list[int], beats: int) -> list[int]:
    """Counts in proportion to `both`, within their bounds where possible, that sum to `beats`."""
    parts = largest_remainder(both, beats)
    counts = [
        max(min(low, high), min(max(low, high), part))
        for low, high, part in zip(lows, highs, parts, strict=True)
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
    return left if sum(left) == beats else largest_remainder(left if any(left) else both, beats)
