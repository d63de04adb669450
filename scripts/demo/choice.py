"""Which recordings the demo's app orders, and which it is refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import log2

from oracle.domain.request import Reference, Request
from scripts.offers import COMMERCIAL
from scripts.registration import Registered

WEIGHTS = {1: (1_000_000,), 2: (600_000, 400_000), 3: (500_000, 300_000, 200_000)}
FARTHEST = log2(1.08)  # the engine refuses recordings whose tempos are further apart


@dataclass(frozen=True)
class Cast:
    """Who plays which part. `unlicensed` may be absent: a small folder has none to spare."""

    chosen: tuple[Registered, ...]
    revoked: Registered
    unlicensed: Registered | None

    def request(self, length: int, tier: str) -> Request:
        weights = WEIGHTS[len(self.chosen)]
        references = zip((item.recording for item in self.chosen), weights, strict=True)
        return a_request(dict(references), length, tier)


def a_request(weights: dict[int, int], length: int, tier: str = "commercial") -> Request:
    """A request paid by what is realised."""
    references = tuple(Reference(number, weights[number]) for number in sorted(weights))
    return Request(
        engine="mosaic", length=length, prompt="a slow dawn over the harbour, unhurried",
        references=references, rule="realised", tier=tier,
    )  # fmt: skip


def choose(registered: Sequence[Registered]) -> Cast:
    """Three recordings of one tempo family, of different artists where that can be had.

    Raises:
        ValueError: nothing that may be used commercially was registered.
    """
    usable = [item for item in registered if item.offer.uses & COMMERCIAL]
    if not usable:
        raise ValueError("no recording is left that may be used; the reasons stand above")
    chosen = best_group(usable)
    spare = [item for item in usable if item not in chosen]
    unlicensed = [item for item in registered if not item.offer.uses & COMMERCIAL]
    return Cast(chosen, (spare or chosen)[-1], unlicensed[0] if unlicensed else None)


def best_group(usable: Sequence[Registered]) -> tuple[Registered, ...]:
    """The largest group of at most three that fits in tempo.

    Among equals one with a divided recording, then the one of most artists, then the nearest.
    """
    for size in range(min(3, len(usable)), 1, -1):
        groups = [group for group in combinations(usable, size) if spread(group) <= FARTHEST]
        if groups:
            return min(groups, key=lambda g: (not divided(g), -len(artists(g)), spread(g)))
    return (usable[0],)


def artists(group: Sequence[Registered]) -> set[str]:
    return {item.offer.artist for item in group}


def divided(group: Sequence[Registered]) -> bool:
    return any(item.offer.holders for item in group)


def spread(group: Sequence[Registered]) -> float:
    """The widest gap between two tempos, in octaves, when each may be doubled or halved."""
    gaps = (log2(a.bpm / b.bpm) for a, b in combinations(group, 2))
    return max((abs(gap - round(gap)) for gap in gaps), default=0.0)
