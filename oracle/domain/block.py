"""A block of the chain, such as the one at which an oracle reads consent."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Block:
    """A block: `hash` in 0x-hex, `timestamp` in seconds since 1970."""

    number: int
    hash: str
    timestamp: int
