"""The recordings that the demo's app orders, and those that it must not get."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import log2

from oracle.domain.prompt import commitment_of
from oracle.domain.request import Reference, Request
from scripts.stack.catalogue_folder import COMMERCIAL
from scripts.stack.registration import Registered

PROMPT = "a slow dawn over the harbour, unhurried"
WEIGHTS = {1: (1_000_000,), 2: (600_000, 400_000), 3: (500_000, 300_000, 200_000)}
FARTHEST = log2(1.08)  # octaves; with a wider gap in tempo the grains do not fit one beat


@dataclass(frozen=True)
class Cast:
    """The recordings of the demo by use. `unlicensed` is None in a folder of at most four files."""

    chosen: tuple[Registered, ...]
    revoked: Registered
    unlicensed: Registered | None

    def request(self, length: int, tier: str, salt: str) -> Request:
        weights = WEIGHTS[len(self.chosen)]
        references = zip((item.recording for item in self.chosen), weights, strict=True)
        return a_request(dict(references), length, salt, tier)


def a_request(weights: dict[int, int], length: int, salt: str, tier: str = "commercial") -> Request:
    """A request for `PROMPT` that pays by the realised weights. `salt`: 64 hex digits."""
    references = tuple(Reference(number, weights[number]) for number in sorted(weights))
    return Request(
        engine="mosaic", length=length, references=references, rule="realised", tier=tier,
        prompt_commitment=commitment_of(PROMPT, salt),
    )  # fmt: skip


def choose(registered: Sequence[Registered]) -> Cast:
    """Chooses up to three recordings of similar tempo, by different artists if possible.

    Raises:
        ValueError: no recording permits commercial use.
    """
    usable = [item for item in registered if item.offer.uses & COMMERCIAL]
    if not usable:
        raise ValueError("no recording permits commercial use; the lines above say why")
    chosen = best_group(usable)
    spare = [item for item in usable if item not in chosen]
    unlicensed = [item for item in registered if not item.offer.uses & COMMERCIAL]
    return Cast(chosen, (spare or chosen)[-1], unlicensed[0] if unlicensed else None)


def best_group(usable: Sequence[Registered]) -> tuple[Registered, ...]:
    """The largest group, of at most three, with similar tempos.

    Among groups of equal size: first with a recording that several holders share, then with most
    artists, then with the smallest gap in tempo.
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
    """The widest gap between two tempos in octaves; doubling or halving a tempo costs nothing.

    A recording without a beat (bpm 0) has no tempo, so it fits any other.
    """
    tempos = [item.bpm for item in group if item.bpm]
    gaps = (log2(a / b) for a, b in combinations(tempos, 2))
    return max((abs(gap - round(gap)) for gap in gaps), default=0.0)
