"""The oracles of a set as one service: a call goes to the next one when one does not answer.

The same order at several oracles is one order, so trying again elsewhere is harmless. When none
answers and one of them asks for a pause, all are asked again after it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from oracle.adapters.http_client import Service
from oracle.domain.errors import Busy, InvalidInput, NotFound, RefrainError, Unavailable

PATIENCE = 12.0
"""Seconds to wait in all for oracles that ask for pauses."""


class Oracles:
    """The API of one or several oracles of one set.

    Args:
        urls: in order of preference, each without ``/v1``. Without any, each question is refused:
            an app can move money into escrow before it knows an oracle.
        patience: seconds to wait in all, in one call, for oracles that ask for pauses.
        sleep: waits some seconds.
    """

    def __init__(
        self, urls: Sequence[str], patience: float = PATIENCE,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:  # fmt: skip
        self._patience, self._sleep = patience, sleep
        self._services = [Service(url, "the oracle") for url in urls]

    def post(self, path: str, body: Any) -> Any:
        """The answer of the first oracle that answers.

        Raises:
            RefrainError: the error that an oracle returns; Unavailable when none answers.
        """
        return self._first("POST", path, body, (Unavailable,))

    def get(self, path: str) -> Any:
        """The answer of the first oracle that answers and knows what is asked for.

        Raises:
            NotFound: no oracle that answers knows it; other errors as `post`.
        """
        return self._first("GET", path, None, (Unavailable, NotFound))

    def delete(self, path: str, body: Any) -> Any:
        """The answer of the first oracle that answers and knows what to delete; errors as `get`."""
        return self._first("DELETE", path, body, (Unavailable, NotFound))

    def _first(
        self, method: str, path: str, body: Any, passing: tuple[type[RefrainError], ...]
    ) -> Any:
        if not self._services:
            raise InvalidInput("needs the URL of an oracle", field="api")
        left = self._patience
        while True:
            try:
                return self._round(method, path, body, passing)
            except Busy as busy:
                if busy.after > left:
                    raise
                left -= max(busy.after, 0.1)
                self._sleep(busy.after)

    def _round(
        self, method: str, path: str, body: Any, passing: tuple[type[RefrainError], ...]
    ) -> Any:
        """Asks each oracle once. Raises Busy with the shortest pause before any other error."""
        errors: list[RefrainError] = []
        for service in list(self._services):
            try:
                answer = service.json(method, path, body)
            except passing as error:
                errors.append(error)
                continue
            self._prefer(service)
            return answer
        if found := next((each for each in errors if isinstance(each, NotFound)), None):
            raise found
        busy = [each for each in errors if isinstance(each, Busy)]
        raise min(busy, key=lambda each: each.after) if busy else errors[0]

    def _prefer(self, service: Service) -> None:
        """Asks this one first from now on, so that a dead one delays one call only."""
        others = [each for each in self._services if each is not service]
        self._services = [service, *others]
