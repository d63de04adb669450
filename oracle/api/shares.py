"""Divides what an oracle does at once among its callers, so that none can take all of it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from oracle.domain.errors import Unavailable


class Shares:
    """Work under way for each caller. One place is kept free for each caller that has none.

    Args:
        name: of the work, for the error.
        total: how much of it may be under way; more where there are more callers.
    """

    def __init__(self, name: str, total: int) -> None:
        self._name = name
        self._total = total
        self._running: Counter[str] = Counter()
        self._lock = threading.Lock()

    @contextmanager
    def of(self, caller: str, callers: int) -> Iterator[None]:
        """Holds one place. Raises Unavailable when the caller has its share.

        Args:
            callers: number of different callers.
        """
        with self._lock:
            self._require_free(caller, callers)
            self._running[caller] += 1
        try:
            yield
        finally:
            with self._lock:
                self._running[caller] -= 1
                self._running += Counter()  # only positive counts stay

    def _require_free(self, caller: str, callers: int) -> None:
        kept, total = callers - len(self._running), max(self._total, callers)
        if caller in self._running and self._running.total() + kept >= total:
            raise Unavailable(f"too many {self._name} now", value=self._running[caller])
