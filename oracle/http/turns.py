"""Lets a few requests run at a time, a few more wait, and refuses the rest at once."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from oracle.domain.errors import Unavailable


@dataclass
class _Line:
    """The requests of one key: those inside, of which only some are free to run."""

    free: asyncio.Semaphore
    inside: int = 0


class Turns:
    """Turns of one kind of request, counted for each key on its own. For one event loop.

    Args:
        name: of the requests, for the error.
        at_once: how many run.
        waiting: how many wait.
    """

    def __init__(self, name: str, at_once: int, waiting: int) -> None:
        self._name = name
        self._at_once = at_once
        self._most = at_once + waiting
        self._lines: dict[str, _Line] = {}

    @contextlib.asynccontextmanager
    async def turn(self, key: str = "") -> AsyncIterator[None]:
        """Waits for a turn and holds it. Raises Unavailable when too many wait already."""
        line = self._lines.setdefault(key, _Line(asyncio.Semaphore(self._at_once)))
        if line.inside >= self._most:
            raise Unavailable(f"too many {self._name} wait", value=line.inside)
        line.inside += 1
        try:
            async with line.free:
                yield
        finally:
            line.inside -= 1
            if not line.inside:
                del self._lines[key]
