"""The HTTP client for our own services: one deadline, bounded answers, problems as our errors.

A service reports an error as an RFC 9457 problem whose `title` names one of our error classes. Any
other unsuccessful answer becomes InvalidInput (status 4xx) or Unavailable. A service that asks for
a pause (429, or 5xx with Retry-After) gets it. All our requests are harmless to repeat: the same
job, order, reservation or upload counts once, and each try is signed anew.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import httpx

from oracle.adapters.deadline import Deadline
from oracle.adapters.deadline import transport as deadline_transport
from oracle.domain import canonical
from oracle.domain.errors import (
    Busy,
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
from oracle.domain.later import patiently, pause_of
from oracle.domain.proxies import proxy_of

if TYPE_CHECKING:
    from oracle.adapters.signing.calls import CallSigner

MEBIBYTE = 1024 * 1024

_KINDS: tuple[type[RefrainError], ...] = (
    InvalidInput, WrongBytes, NotFound, Conflict, Refused, Unauthorised, Unavailable, Inconsistent,
)  # fmt: skip
_BY_TITLE = {kind.title: kind for kind in _KINDS}


class Service:
    """One service at a URL.

    Args:
        url: such as ``https://node.example``; may have a path.
        name: the service's name in errors.
        token: bearer token; empty for none. Never printed.
        seconds: total time of a request, unless the request sets another.
        signer: signs every request, for a server that asks who calls; None signs none.
        patience: seconds to wait in all for a service that asks for pauses; 0 waits for none.
    """

    def __init__(
        self, url: str, name: str, token: str = "", seconds: float = 30.0,
        signer: CallSigner | None = None, patience: float = 0.0,
    ) -> None:  # fmt: skip
        self.url = url.rstrip("/")
        self._place = re.sub(r"//[^/@]*@", "//", self.url)
        self._name = name
        self._seconds = seconds
        self._signer = signer
        self._patience = patience
        # No compression: a compressed answer of a kilobyte could fill the memory when unpacked.
        headers = {"Accept-Encoding": "identity"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        # Without a transport of its own, httpx takes proxies from the environment by its own rule.
        self._deadline = Deadline()
        transport = deadline_transport(self._deadline, proxy_of(self.url, os.environ))
        self._client = httpx.Client(headers=headers, follow_redirects=False, transport=transport)

    def __repr__(self) -> str:
        return f"Service({self._place}, ********)"

    def json(
        self, method: str, path: str, body: Any = None, largest: int = MEBIBYTE, **more: Any
    ) -> Any:
        """A request with an answer in JSON with whole numbers only.

        Args:
            body: sent as canonical JSON; None sends no body.
            largest: largest answer in bytes.
            more: `seconds` and `headers`, as in `content`.

        Raises:
            RefrainError: the error that the service returns; Unavailable without an answer; Busy
                when the service still asks for a pause.
        """
        data = None if body is None else canonical.dumps(body)
        headers = {"Content-Type": "application/json"} | dict(more.pop("headers", {}))
        answer = self.content(method, path, data, largest, headers=headers, **more)
        try:
            return canonical.loads(answer)
        except InvalidInput as error:
            detail = f"the answer of {self._name} {error}"
            raise InvalidInput(detail, field=self._place, public=False) from None

    def content(
        self,
        method: str,
        path: str,
        data: bytes | None = None,
        largest: int = MEBIBYTE,
        seconds: float = 0,
        headers: Mapping[str, str] | None = None,
    ) -> bytes:
        """A request with an answer in bytes; arguments and errors as in `json`."""
        return self._exchange(method, path, data, largest, seconds or self._seconds, headers)[1]

    def date(self, path: str) -> int | None:
        """The service's clock, seconds since 1970, as it stands in its answer to GET `path`.

        None when the answer has no date.
        """
        headers, _ = self._exchange("GET", path, None, MEBIBYTE, self._seconds, None)
        try:
            return int(parsedate_to_datetime(headers.get("date", "")).timestamp())
        except (ValueError, TypeError, OverflowError):
            return None

    def _exchange(
        self, method: str, path: str, data: bytes | None, largest: int, limit: float,
        headers: Mapping[str, str] | None,
    ) -> tuple[httpx.Headers, bytes]:  # fmt: skip
        (answer, read), wait = patiently(
            lambda: self._once(method, path, data, largest, limit, headers),
            lambda found, tries: _pause(found[0], tries), self._name, self._patience,
        )  # fmt: skip
        if answer.is_success:
            return answer.headers, read
        error = self._error(answer, read)
        if wait is not None and isinstance(error, Unavailable | InvalidInput):
            raise Busy(error.detail, after=wait, field=error.field, value=error.value)
        raise error

    def _once(
        self, method: str, path: str, data: bytes | None, largest: int, limit: float,
        headers: Mapping[str, str] | None,
    ) -> tuple[httpx.Response, bytes]:  # fmt: skip
        try:
            headers = dict(headers or {}) | self._signed(method, path, data)
            with self._deadline.within(limit), self._client.stream(
                method, self.url + path, content=data, headers=headers, timeout=limit
            ) as answer:
                return answer, self._read(answer, largest, time.monotonic() + limit)
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            kind = type(error).__name__
            detail = f"{self._name} did not answer"
            raise Unavailable(detail, field=self._place, value=kind) from error

    def _signed(self, method: str, path: str, data: bytes | None) -> dict[str, str]:
        if self._signer is None:
            return {}
        # What the client sends, which may be the path with other escapes.
        base, sent = httpx.URL(self.url).raw_path, httpx.URL(self.url + path).raw_path
        target = sent[len(base.rstrip(b"/")) :].decode("ascii")
        return self._signer.headers(self.url, method, target, data or b"")

    def _read(self, answer: httpx.Response, largest: int, end: float) -> bytes:
        pieces, size = [], 0
        for piece in answer.iter_raw():
            pieces.append(piece)
            size += len(piece)
            if size > largest:
                detail = f"{self._name} sent more than {largest} bytes"
                raise Inconsistent(detail, field=self._place)
            if time.monotonic() > end:
                raise Unavailable(f"{self._name} answers too slowly", field=self._place)
        return b"".join(pieces)

    def _error(self, answer: httpx.Response, data: bytes) -> RefrainError:
        known, said = _problem_in(data)
        if known is not None:
            return known(f"{self._name} says: {said}", field=self._place, public=False)
        if answer.is_client_error:
            detail = f"{self._name} does not accept this: {said}"
            return InvalidInput(detail, field=self._place, public=False)
        return Unavailable(f"{self._name} does not work: {said}", field=self._place)


def _pause(answer: httpx.Response, tries: int) -> float | None:
    return pause_of(answer.status_code, answer.headers.get("retry-after"), tries, time.time())


def _problem_in(data: bytes) -> tuple[type[RefrainError] | None, str]:
    """The class of a problem, None when unknown, and its detail with field and value."""
    try:
        problem = canonical.loads(data)
        title, detail = str(problem["title"]), str(problem.get("detail", ""))
    except (InvalidInput, KeyError, TypeError, AttributeError):
        return None, "no reason given"
    place = f"{problem['field']}: " if problem.get("field") else ""
    found = f" (found {problem['value']})" if problem.get("value") is not None else ""
    return _BY_TITLE.get(title), f"{place}{detail}{found}"[:500]
