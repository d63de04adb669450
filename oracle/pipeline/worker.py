"""The threads that advance generations while the API answers."""

from __future__ import annotations

import heapq
import logging
import threading
import time
from collections.abc import Callable

from oracle.domain.errors import NotFound, RefrainError
from oracle.domain.generation import Generation
from oracle.pipeline.ending import is_watched
from oracle.pipeline.runner import Pipeline

log = logging.getLogger(__name__)

ERROR_PAUSE = 5.0
"""Seconds before the next try of a generation whose step raised an unexpected error."""

CHORE_SECONDS = 60.0
"""Seconds between two chores."""

THREADS = 4
"""Few, because each may keep a track and its check in memory."""


class Worker:
    """Advances all generations: each on one thread at a time, and none waits for a slow one.

    Args:
        chore: called on a thread of its own at the start and then once a minute.
    """

    def __init__(
        self, pipeline: Pipeline, threads: int = THREADS, chore: Callable[[], None] | None = None
    ) -> None:
        self._pipeline = pipeline
        self._chore = chore
        self._schedule: list[tuple[float, str]] = []
        self._known: set[str] = set()
        self._again: set[str] = set()
        self._told: dict[str, tuple[str, str]] = {}
        self._changed = threading.Condition()
        self._stopped = False
        self._threads = [
            threading.Thread(target=self._run, name=f"worker-{number}", daemon=True)
            for number in range(threads)
        ]
        if chore is not None:
            self._threads.append(threading.Thread(target=self._tend, name="chores", daemon=True))

    def start(self) -> None:
        """Starts the threads."""
        for thread in self._threads:
            thread.start()

    def stop(self, patience: float = 10.0) -> None:
        """Stops after the running steps, or after `patience` seconds; neither loses anything."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        end = time.monotonic() + patience
        for thread in self._threads:
            if thread.is_alive():
                thread.join(max(0.0, end - time.monotonic()))

    def add(self, generation: str, due: float = 0.0) -> None:
        """Schedules a generation unless it is scheduled or runs; `due` by the clock of `turn`."""
        with self._changed:
            if generation in self._known:
                self._again.add(generation)
                return
            self._known.add(generation)
            heapq.heappush(self._schedule, (due, generation))
            self._changed.notify_all()

    def turn(self, now: float) -> float | None:
        """Takes one step of the generation that was due first.

        Args:
            now: seconds of a monotonic clock.

        Returns:
            Seconds until the next one is due, 0 or more; None when nothing is scheduled.
        """
        generation = self._next(now)
        if generation is not None:
            self._again.discard(generation)
            pause = self._step(generation)
            with self._changed:
                self._known.discard(generation)
                # Its row may have been saved after this step looked for it.
                again = generation in self._again
            if pause is not None or again:
                self.add(generation, now + (pause or 0.0))
        with self._changed:
            return self._wait(now)

    def _wait(self, now: float) -> float | None:
        return max(0.0, self._schedule[0][0] - now) if self._schedule else None

    def _next(self, now: float) -> str | None:
        with self._changed:
            if self._schedule and self._schedule[0][0] <= now:
                return heapq.heappop(self._schedule)[1]
            return None

    def _step(self, generation: str) -> float | None:
        """Takes one step. Returns the seconds until the next one; None when nothing can change."""
        try:
            after = self._pipeline.advance(generation)
        except NotFound:
            # Another oracle asked about an order, and this one did not take it up.
            return None
        except RefrainError as error:
            log.warning("%s waits: %s", generation, error)
            return ERROR_PAUSE
        except Exception:
            # A bug must not stop other generations, nor end one that may hold money.
            log.exception("unexpected error in a step of %s", generation)
            return ERROR_PAUSE
        self._tell(after)
        done = after.ended and not is_watched(after)
        return None if done else self._pipeline.pause(after)

    def _tend(self) -> None:
        while not self._stopped:
            try:
                if self._chore is not None:
                    self._chore()
            except RefrainError as error:
                log.warning("a chore is left for later: %s", error)
            except Exception:
                # A bug in a chore must not end the chores.
                log.exception("unexpected error in a chore")
            with self._changed:
                self._changed.wait_for(lambda: self._stopped, CHORE_SECONDS)

    def _tell(self, after: Generation) -> None:
        """Logs a state once, however often it is looked at."""
        state = (str(after.stage), after.detail)
        if self._told.get(after.id) != state:
            log.info("%s %s %s", after.id, *state)
        if after.ended:
            self._told.pop(after.id, None)
        else:
            self._told[after.id] = state

    def _run(self) -> None:
        while not self._stopped:
            self.turn(time.monotonic())
            with self._changed:
                wait = self._wait(time.monotonic())
                if wait != 0.0 and not self._stopped:
                    self._changed.wait(wait)
