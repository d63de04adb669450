"""The block whose state a generation was judged by."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Block:
    """A closed block, some confirmations deep. `timestamp` in seconds since 1970."""

    number: int
    hash: str
    timestamp: int
