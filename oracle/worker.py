"""The threads that take generations forward while the API answers."""

from __future__ import annotations

import heapq
import logging
import threading
import time

from oracle.domain.errors import RefrainError
from oracle.pipeline import Pipeline

log = logging.getLogger(__name__)

AFTER_A_FAULT = 5.0
"""Seconds before a generation is tried again whose step broke in a way nobody foresaw."""


THREADS = 4
"""Few: each may hold a track and its replay in memory while it is compared."""


class Worker:
    """Walks all generations; each on one thread at a time, and none waits for a slow other one."""

    def __init__(self, pipeline: Pipeline, threads: int = THREADS) -> None:
        self._pipeline = pipeline
        self._agenda: list[tuple[float, str]] = []
        self._known: set[str] = set()
        self._changed = threading.Condition()
        self._stopped = False
        self._threads = [
            threading.Thread(target=self._run, name=f"worker-{number}", daemon=True)
            for number in range(threads)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self, patience: float = 10.0) -> None:
        """Ends after the steps under way, or after `patience` seconds; either loses nothing."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        end = time.monotonic() + patience
        for thread in self._threads:
            if thread.is_alive():
                thread.join(max(0.0, end - time.monotonic()))

    def add(self, generation: str, due: float = 0.0) -> None:
        """Puts a generation on the agenda unless it is there; `due` by the clock of `turn`."""
        with self._changed:
            if generation not in self._known:
                self._known.add(generation)
                heapq.heappush(self._agenda, (due, generation))
                self._changed.notify_all()

    def turn(self, now: float) -> float | None:
        """Takes one step of the generation that has been due longest.

        Args:
            now: seconds of any clock that only moves forward.

        Returns:
            Seconds until the next one is due, 0 or more; None when the agenda is empty.
        """
        generation = self._next(now)
        if generation is not None:
            pause = self._step(generation)
            with self._changed:
                self._known.discard(generation)
            if pause is not None:
                self.add(generation, now + pause)
        with self._changed:
            return self._wait(now)

    def _wait(self, now: float) -> float | None:
        return max(0.0, self._agenda[0][0] - now) if self._agenda else None

    def _next(self, now: float) -> str | None:
        with self._changed:
            if self._agenda and self._agenda[0][0] <= now:
                return heapq.heappop(self._agenda)[1]
            return None

    def _step(self, generation: str) -> float | None:
        """Seconds until its next step; None when it has ended."""
        try:
            after = self._pipeline.advance(generation)
        except RefrainError as error:
            log.warning("%s waits: %s", generation, error)
            return AFTER_A_FAULT
        except Exception:
            # A fault of ours must not stop the others, nor end a generation that may hold money.
            log.exception("the step of %s broke", generation)
            return AFTER_A_FAULT
        log.info("%s %s %s", generation, after.stage, after.detail)
        return None if after.ended else self._pipeline.pause(after)

    def _run(self) -> None:
        while not self._stopped:
            self.turn(time.monotonic())
            with self._changed:
                wait = self._wait(time.monotonic())
                if wait != 0.0 and not self._stopped:
                    self._changed.wait(wait)
