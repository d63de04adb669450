"""HTTP towards services of our own kind: one deadline, bounded answers, problems as our errors.

What a service says is wrong arrives as RFC 9457 and its `title` is the name of an error of ours;
anything else that is not a success means that the service does not work now, or that we asked
something it does not know.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import httpx

from oracle.domain import canonical
from oracle.domain.errors import (
    Conflict,
    Inconsistent,
    InvalidInput,
    NotFound,
    RefrainError,
    Refused,
    Unauthorised,
    Unavailable,
    WrongBytes,
)

MEBIBYTE = 1024 * 1024

_KINDS: tuple[type[RefrainError], ...] = (
    InvalidInput, WrongBytes, NotFound, Conflict, Refused, Unauthorised, Unavailable, Inconsistent,
)  # fmt: skip
_BY_TITLE = {kind.title: kind for kind in _KINDS}


class Service:
    """One service at a URL.

    Args:
        url: where it is, such as ``https://node.example``; a path is kept.
        name: what it is called in errors.
        token: sent as a bearer token; empty for none. Never printed.
        seconds: the whole time of a request, unless it asks for more.
    """

    def __init__(self, url: str, name: str, token: str = "", seconds: float = 30.0) -> None:
        self.url = url.rstrip("/")
        self._name = name
        self._seconds = seconds
        # Unpacked by us, an answer of a kilobyte could fill the memory: it comes as it is, or not.
        headers = {"Accept-Encoding": "identity"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        self._client = httpx.Client(headers=headers, follow_redirects=False, trust_env=False)

    def __repr__(self) -> str:
        return f"Service({self.url}, ********)"

    def json(
        self, method: str, path: str, body: Any = None, largest: int = MEBIBYTE, **more: Any
    ) -> Any:
        """A request whose answer is JSON with whole numbers only.

        Args:
            body: sent as canonical JSON; None sends nothing.
            largest: bytes of the answer.
            more: `seconds` and `headers`, as `content` takes them.

        Raises:
            RefrainError: what the service says is wrong, or Unavailable when it does not answer.
        """
        data = None if body is None else canonical.dumps(body)
        headers = {"Content-Type": "application/json"} | dict(more.pop("headers", {}))
        return canonical.loads(self.content(method, path, data, largest, headers=headers, **more))

    def content(
        self,
        method: str,
        path: str,
        data: bytes | None = None,
        largest: int = MEBIBYTE,
        seconds: float = 0,
        headers: Mapping[str, str] | None = None,
    ) -> bytes:
        """A request whose answer is bytes; see `json`."""
        limit = seconds or self._seconds
        try:
            with self._client.stream(
                method, self.url + path, content=data, headers=headers, timeout=limit
            ) as answer:
                read = self._read(answer, largest, time.monotonic() + limit)
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            kind = type(error).__name__
            raise Unavailable(f"{self._name} did not answer", field=self.url, value=kind) from error
        if not answer.is_success:
            raise self._problem(answer, read)
        return read

    def _read(self, answer: httpx.Response, largest: int, end: float) -> bytes:
        pieces, size = [], 0
        for piece in answer.iter_raw():
            pieces.append(piece)
            size += len(piece)
            if size > largest:
                detail = f"{self._name} sent more than {largest} bytes"
                raise Inconsistent(detail, field=self.url)
            if time.monotonic() > end:
                raise Unavailable(f"{self._name} answers too slowly", field=self.url)
        return b"".join(pieces)

    def _problem(self, answer: httpx.Response, data: bytes) -> RefrainError:
        known, said = self._said(data)
        if known is not None:
            return known(f"{self._name} says: {said}", field=self.url)
        if answer.is_client_error:
            return InvalidInput(f"{self._name} does not accept this: {said}", field=self.url)
        return Unavailable(f"{self._name} does not work: {said}", field=self.url)

    def _said(self, data: bytes) -> tuple[type[RefrainError] | None, str]:
        try:
            problem = canonical.loads(data)
            title, detail = str(problem["title"]), str(problem.get("detail", ""))
        except (InvalidInput, KeyError, TypeError, AttributeError):
            return None, "no reason given"
        place = f"{problem['field']}: " if problem.get("field") else ""
        found = f" (found {problem['value']})" if problem.get("value") is not None else ""
        return _BY_TITLE.get(title), f"{place}{detail}{found}"[:500]
