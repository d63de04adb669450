"""Threads that run one after another: whoever holds the baton runs, everybody else waits."""

from __future__ import annotations

import sys
import threading
import traceback
from collections.abc import Callable
from typing import ClassVar

SECONDS = 60.0
"""Longest real time until a thread gives the baton back; longer, and it waits for a lock."""


class Runner:
    """A thread that runs pieces of work when it gets the baton. Threads are used again."""

    _free: ClassVar[list[Runner]] = []

    def __init__(self) -> None:
        self._go, self._back = threading.Lock(), threading.Lock()
        self._go.acquire()
        self._back.acquire()
        self._work: Callable[[], None] = lambda: None
        self._thread = threading.Thread(target=self._loop, daemon=True)
        self._thread.start()

    @classmethod
    def borrow(cls, work: Callable[[], None]) -> Runner:
        """A waiting thread that will do `work`; it is free again when the work has ended."""
        found = cls._free.pop() if cls._free else cls()
        found._work = work
        return found

    def give(self) -> None:
        """Gives the baton to this thread, and returns when it comes back."""
        self._go.release()
        if not self._back.acquire(timeout=SECONDS):
            raise RuntimeError(f"a thread waits for a lock of a paused one:\n{self._where()}")

    def give_back(self) -> None:
        """Called in this thread: gives the baton back, and returns when it comes again."""
        self._back.release()
        self._go.acquire()

    def _loop(self) -> None:
        self._go.acquire()
        while True:
            self._work()
            self._free.append(self)
            self.give_back()

    def _where(self) -> str:
        frame = sys._current_frames().get(self._thread.ident or 0)
        return "".join(traceback.format_stack(frame)[-8:])
