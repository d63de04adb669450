"""What a simulated run consists of: sizes, kinds of orders, kinds of faults."""

from __future__ import annotations

import random
from dataclasses import dataclass

ORDERS = ("plain", "everywhere", "same nonce", "far nonce", "short escrow", "late deadline",
          "cancelled", "one holder")  # fmt: skip
"""Kinds of orders that payers send."""

FAULTS = ("crash", "death", "loss", "partition", "lie", "reorg", "node", "pinner", "pause",
          "cap", "revoke", "clock")  # fmt: skip
"""Kinds of faults that befall oracles, network, chain and nodes."""


@dataclass(frozen=True)
class Options:
    """One run.

    Args:
        oracles, threshold: the set.
        rounds: number of orders; some kinds send several.
        orders, faults: the kinds that may happen.
        steps: pieces of activities before everything becomes quiet.
    """

    oracles: int = 3
    threshold: int = 2
    rounds: int = 3
    orders: tuple[str, ...] = ORDERS
    faults: tuple[str, ...] = FAULTS
    steps: int = 400


def options_of(seed: int) -> Options:
    """The options that a seed chooses: every fifth run has four oracles, of which three sign."""
    dice = random.Random(f"options {seed}")
    four = seed % 5 == 4
    orders = tuple(sorted(dice.sample(ORDERS, dice.randint(1, 4))))
    faults = tuple(sorted(dice.sample(FAULTS, dice.choice((0, 1, 1, 2, 2, 3, 5)))))
    return Options(
        oracles=4 if four else 3, threshold=3 if four else 2, rounds=dice.randint(1, 4),
        orders=orders, faults=faults, steps=dice.choice((200, 400, 800)),
    )  # fmt: skip
