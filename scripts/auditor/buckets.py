"""Money in the dispute window, and the conditions on its movements."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass
class Bucket:
    """Money in the dispute window: `matured` can be withdrawn, `prev` and `cur` cannot.

    An epoch is as long as the window. `cur` was credited in `epoch`, `prev` in the epoch before.
    `spent` is the sum of the prices settled through a node in `epoch`.
    """

    matured: int = 0
    prev: int = 0
    cur: int = 0
    epoch: int = 0
    spent: int = 0

    def roll(self, epoch: int) -> Bucket:
        """Moves the bucket to an epoch. The ledger counts epochs modulo 2^16."""
        age = (epoch - self.epoch) % 2**16
        if age:
            self.matured, self.prev = self.matured + self.prev, self.cur
            self.cur = self.spent = 0
        if age > 1:
            self.matured, self.prev = self.matured + self.prev, 0
        self.epoch = epoch
        return self

    def freeze(self, amount: int) -> None:
        """Takes an amount out of the part that can be disputed, the oldest money first."""
        older = min(amount, self.prev)
        self.prev, self.cur = self.prev - older, self.cur - (amount - older)


@dataclass(frozen=True)
class Finding:
    """A condition on an event: the value in the event and the value due by earlier events."""

    name: str
    good: bool
    said: Any
    due: Any
    finder: str = "recomputed"
