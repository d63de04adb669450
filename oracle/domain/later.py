"""Answers with which a service asks to be asked later, and how long a client waits for it.

Such an answer says nothing about what was asked: the service is busy (429), or a proxy in front of
it is (502, 503, 504). It may name the pause in `Retry-After`, in seconds or as a date.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from itertools import count
from typing import TypeVar

T = TypeVar("T")

MOST_TRIES = 4
FIRST_PAUSE = 0.1
"""Seconds before the second try where no pause is named; each further pause is twice as long."""

LONGEST_PAUSE = 3_600.0
"""A named pause of more seconds counts as this."""

_BUSY = (HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT)
_log = logging.getLogger(__name__)


class Tally:
    """How often each service asked to be asked later, by its name."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def add(self, name: str) -> None:
        with self._lock:
            self._counts[name] += 1

    def counts(self) -> dict[str, int]:
        with self._lock:
            return dict(self._counts)

    def clear(self) -> None:
        with self._lock:
            self._counts.clear()


TALLY = Tally()
"""Of this process."""


def pause_of(
    status: int, header: str | None, tries: int, now: float, bare: bool = False
) -> float | None:
    """Seconds to wait before the next try; None when the answer does not ask for a pause.

    Args:
        status: HTTP status of the answer.
        header: its `Retry-After`.
        tries: how many were made before this one.
        now: seconds since 1970, for a date in the header.
        bare: 502, 503 and 504 count without the header too.
    """
    named = _named(header, now)
    if status == HTTPStatus.TOO_MANY_REQUESTS or (status in _BUSY and (bare or named is not None)):
        return FIRST_PAUSE * 2**tries if named is None else named
    return None


def patiently(
    send: Callable[[], T], pause: Callable[[T, int], float | None], name: str, seconds: float,
    clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep,
) -> tuple[T, float | None]:  # fmt: skip
    """Sends until the answer asks for no pause, or until patience ends.

    Args:
        send: makes one try; must be harmless to repeat.
        pause: of an answer and the number of tries before it, as `pause_of` returns it.
        name: of the service, for the tally and the log.
        seconds: of all tries and pauses together; a pause that would take longer is not begun.

    Returns:
        The last answer, and the pause that it still asks for; None when it asks for none.
    """
    end = clock() + seconds
    for tries in count():
        answer = send()
        wait = pause(answer, tries)
        if wait is None:
            return answer, None
        TALLY.add(name)
        _log.warning("%s asks for a pause of %.3g s", name, wait)
        if tries + 1 >= MOST_TRIES or clock() + wait > end:
            return answer, wait
        sleep(wait)
    raise AssertionError("count() does not end")


def _named(header: str | None, now: float) -> float | None:
    """The pause in seconds that a Retry-After names; None for another text."""
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:10]), LONGEST_PAUSE)
    try:
        return min(max(0.0, parsedate_to_datetime(text).timestamp() - now), LONGEST_PAUSE)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
