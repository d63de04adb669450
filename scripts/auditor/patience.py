"""Asks a service again that is busy. What it did not answer is no verdict on the ledger."""

from __future__ import annotations

import os
import time
from base64 import b64encode
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import TypeVar
from urllib.parse import unquote, urlsplit, urlunsplit

import httpx

from .report import Unanswered

T = TypeVar("T")

BUSY = (429, 502, 503, 504)
MOST_TRIES = 5


class Patience:
    """How long one service may keep the audit waiting, in seconds of all pauses together.

    `pauses` counts its answers that asked for one.
    """

    def __init__(self, seconds: float = 120.0, first: float = 0.5,
                 sleep: Callable[[float], None] = time.sleep) -> None:
        self.left, self.first, self.sleep = seconds, first, sleep
        self.pauses = 0

    def asked(self, name: str, send: Callable[[], tuple[httpx.Response, T]]) -> tuple[
            httpx.Response, T]:
        """The answer, once it asks for no pause. Raises Unanswered when patience ends."""
        for tries in range(MOST_TRIES):
            answer, content = send()
            if answer.status_code not in BUSY:
                return answer, content
            self.pauses += 1
            pause = named_pause(answer.headers.get("retry-after"))
            pause = self.first * 2**tries if pause is None else pause
            if tries + 1 == MOST_TRIES or pause > self.left:
                break
            self.left -= pause
            self.sleep(pause)
        raise Unanswered(f"{name}: busy (HTTP {answer.status_code}), asked {tries + 1} times")


def named_pause(header: str | None) -> float | None:
    """Seconds that a Retry-After names, as a number or as a date; None for another text."""
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:10])
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def access(url: str, variable: str) -> tuple[str, dict[str, str]]:
    """The URL without user and password, and the header that has them or a bearer token.

    Args:
        variable: of the environment; a token there counts before the URL's user.
    """
    try:
        parts = urlsplit(url)
        user, word = parts.username, parts.password
    except ValueError:
        return url, {}
    plain = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    pair = f"{unquote(user or '')}:{unquote(word or '')}".encode()
    basic = f"Basic {b64encode(pair).decode()}" if user is not None or word is not None else ""
    token = os.environ.get(variable, "").strip()
    made = f"Bearer {token}" if token.isascii() and token.isprintable() and token else basic
    return (plain if basic else url), ({"Authorization": made} if made else {})
