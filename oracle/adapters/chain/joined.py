"""One read at a time for many callers."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Joined(Generic[T]):
    """Shares a read among all callers that wait for it.

    Each caller gets the result of a read that began after its call, so nobody gets an older state
    than a read of its own would have found. At most one read runs at a time.

    Args:
        read: the read; what it raises is raised for every caller that waited for it.
    """

    def __init__(self, read: Callable[[], T]) -> None:
        self._read = read
        self._changed = threading.Condition()
        self._begun = 0
        self._ended = 0
        self._result: Callable[[], T] = _raiser(RuntimeError("the read was interrupted"))

    def get(self) -> T:
        """The result of a read that begins after this call."""
        with self._changed:
            turn = self._begun + 1
            while self._ended < turn:
                if self._begun > self._ended:
                    self._changed.wait()
                else:
                    self._run()
            result = self._result
        return result()

    def _run(self) -> None:
        """Runs the read without the lock, which the caller holds."""
        self._begun += 1
        result: Callable[[], T] = _raiser(RuntimeError("the read was interrupted"))
        self._changed.release()
        try:
            result = self._outcome()
        finally:
            self._changed.acquire()
            self._ended, self._result = self._begun, result
            self._changed.notify_all()

    def _outcome(self) -> Callable[[], T]:
        try:
            found = self._read()
        except Exception as error:
            return _raiser(error)
        return lambda: found


def _raiser(error: Exception) -> Callable[[], Any]:
    def again() -> Any:
        # A copy for each caller: a traceback grows with every thread that raises its exception.
        raise copy.copy(error)

    return again
