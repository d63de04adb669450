"""The queue of generations that wait to be settled together, which costs less gas."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass
class MemoryBatchQueue:
    """The waiting generations of one oracle. In memory: after a restart they wait from the start.

    Args:
        most: largest number settled together; 1 settles each alone.
        patience: seconds that the oldest one waits for others.
        lock: held while a batch is chosen and signed, so that no generation is in two batches.
    """

    most: int = 1
    patience: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    _since: dict[str, int] = field(default_factory=dict)

    def choose(self, generation: str, now: int) -> list[str]:
        """Adds a generation. Returns the ids to sign now, oldest first; empty while it must wait.

        Args:
            now: seconds of any clock.
        """
        self._since.setdefault(generation, now)
        waiting = list(self._since)
        waited = now - self._since[waiting[0]]
        return waiting[: self.most] if len(waiting) >= self.most or waited >= self.patience else []

    def leave(self, generations: Iterable[str]) -> None:
        """Removes generations."""
        for generation in generations:
            self._since.pop(generation, None)
