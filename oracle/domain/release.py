"""When a settlement counts as final, so that its track may be given out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from oracle.domain import fields

CONFIRMATIONS = "confirmations"
FINALIZED = "finalized"
RULES = (CONFIRMATIONS, FINALIZED)

WATCHED = 64
"""Blocks below the newest one after which nobody expects a reorganisation (two epochs of Ethereum);
it counts only where a node names no finalized block."""


@dataclass(frozen=True)
class Release:
    """The release rule of a chain.

    Args:
        rule: `confirmations` (the oracle's own number of blocks) or `finalized` (the block that the
            chain's consensus has finalized).
        above: largest amount, smallest units, to which `confirmations` applies; a larger amount
            needs a finalized block.
    """

    rule: str = FINALIZED
    above: int = 0

    def needs_finalized(self, amount: int) -> bool:
        """Whether a settlement of this amount, smallest units, counts only once finalized."""
        return self.rule == FINALIZED or amount > self.above


def parse_release(rule: Any, above: Any, field: str) -> Release:
    """The rule from the JSON values `release` and `releaseAbove` (a decimal string).

    Raises:
        InvalidInput: names the value, such as ``chain.releaseAbove``.
    """
    return Release(
        fields.choice(rule, f"{field}.release", RULES),
        fields.decimal(above, f"{field}.releaseAbove", fields.UINT64_MAX),
    )
