"""Who is ready to be settled and waits for company, since together they cost less gas."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass
class Gathering:
    """The generations of one oracle that wait. Kept in memory: after a restart they wait anew.

    Args:
        most: how many are settled together at most; 1: each by itself.
        patience: seconds that the first to come waits for others.
        lock: held by who decides, so that none is signed in two batches.
    """

    most: int = 1
    patience: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    _since: dict[str, int] = field(default_factory=dict)

    def choose(self, generation: str, now: int) -> list[str]:
        """Lets a generation wait; who is to be signed now, the first to come first, or nobody yet.

        Args:
            now: seconds of any clock.
        """
        self._since.setdefault(generation, now)
        waiting = list(self._since)
        waited = now - self._since[waiting[0]]
        return waiting[: self.most] if len(waiting) >= self.most or waited >= self.patience else []

    def leave(self, generations: Iterable[str]) -> None:
        """They wait no longer."""
        for generation in generations:
            self._since.pop(generation, None)
