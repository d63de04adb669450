"""The log of a server: what others cause costs at most one line a second for each cause.

A cause is the logger, the level and the text of a record before its values are filled in. Records
below WARNING are what the server does by itself, and are all written.
"""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TextIO

MOST_CAUSES = 1000
"""Causes that are remembered; a library may fill values into its texts by itself."""

_Cause = tuple[str, int, str]


@dataclass
class _State:
    """The last line of a cause, in seconds of the clock, and what was left out since."""

    written: float
    left_out: int = 0
    newest: logging.LogRecord | None = None


class SparseHandler(logging.StreamHandler[TextIO]):
    """Writes records to a stream. What is left out is counted and told a second later.

    Args:
        stream: open text file.
        seconds: between two lines of one cause.
        clock: seconds of a monotonic clock.
    """

    def __init__(
        self, stream: TextIO, seconds: float = 1.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(stream)
        self._seconds = seconds
        self._clock = clock
        self._states: dict[_Cause, _State] = {}
        self._timer: threading.Timer | None = None

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno < logging.WARNING:
            super().emit(record)
            return
        now = self._clock()
        state = self._states.get(_cause(record))
        if state is None or (now - state.written >= self._seconds and not state.left_out):
            self._remember(record, now)
            super().emit(record)
            return
        state.left_out += 1
        state.newest = record
        self._tell_later()

    def tell(self) -> None:
        """Writes a line for each cause whose last line is old enough and that has records left."""
        self.acquire()
        try:
            self._timer = None
            now = self._clock()
            for state in self._states.values():
                if state.newest is not None and now - state.written >= self._seconds:
                    super().emit(_counted(state.newest, state.left_out - 1))
                    state.written, state.left_out, state.newest = now, 0, None
            if any(state.left_out for state in self._states.values()):
                self._tell_later()
        finally:
            self.release()

    def _tell_later(self) -> None:
        if self._timer is None:
            self._timer = threading.Timer(self._seconds, self.tell)
            self._timer.daemon = True
            self._timer.start()

    def close(self) -> None:
        """Writes what is left."""
        self._seconds = 0.0
        self.tell()
        super().close()

    def _remember(self, record: logging.LogRecord, now: float) -> None:
        self._states.pop(_cause(record), None)
        self._states[_cause(record)] = _State(now)
        if len(self._states) > MOST_CAUSES:
            self._states.pop(next(iter(self._states)))


def log_to_stderr() -> None:
    """Sets up the log of this process: lines with time, level, logger and message."""
    handler = SparseHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    # One line for each request that others make of us is enough.
    logging.getLogger("httpx").setLevel(logging.WARNING)


def _cause(record: logging.LogRecord) -> _Cause:
    return record.name, record.levelno, str(record.msg).partition("\n")[0][:80]


def _counted(record: logging.LogRecord, more: int) -> logging.LogRecord:
    """The record with the number of others that were left out."""
    if more:
        record.msg = f"{record.getMessage()} (and {more} more like this)"
        record.args = None
    return record
