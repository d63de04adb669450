"""Errors as RFC 9457 problems.

The `title` of a problem names the kind of error, so that a client of ours can raise it again.
Each server has its own table of HTTP statuses.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from oracle.domain.errors import InvalidInput, RefrainError, Refused

MEDIA_TYPE = "application/problem+json"

_log = logging.getLogger(__name__)


class TooLarge(InvalidInput):
    """A body with more bytes than its route takes."""

    title = "Too large"


class TooSlow(InvalidInput):
    """A body that did not arrive in time."""

    title = "Too slow"


@dataclass(frozen=True)
class Problems:
    """Answers the errors of one server.

    Args:
        statuses: kind of error to HTTP status. An error has the status of its nearest kind, so
            `RefrainError` must be there.
        headers: kind of error to further headers of its answer, again by the nearest kind.
        broken: what a caller reads when the server itself fails; the log holds the rest.
    """

    statuses: Mapping[type[RefrainError], int]
    headers: Mapping[type[RefrainError], Mapping[str, str]]
    broken: str

    def of(self, error: RefrainError) -> Response:
        """The answer to an error; names the field, the value and each refusal where known."""
        kind = next(known for known in type(error).__mro__ if known in self.statuses)
        body: dict[str, Any] = {"detail": error.detail}
        if error.field is not None:
            body["field"] = error.field
        if error.value is not None:
            body["value"] = error.value
        if isinstance(error, Refused) and error.refusals:
            body["refusals"] = [asdict(refusal) for refusal in error.refusals]
        return problem(self.statuses[kind], error.title, body, self.headers.get(kind))

    async def on_fault(self, _request: Request, error: Exception) -> Response:
        """Handles a RefrainError."""
        if not isinstance(error, RefrainError):
            raise error
        return self.of(error)

    async def on_http(self, _request: Request, error: Exception) -> Response:
        """Handles a path or a method that no route serves."""
        if not isinstance(error, HTTPException):
            raise error
        detail = str(error.detail)
        return problem(error.status_code, detail, {"detail": detail}, error.headers)

    async def on_bug(self, request: Request, error: Exception) -> Response:
        """Handles any other error: the log gets all of it, the caller only `broken`."""
        _log.error("%s %s failed", request.method, request.url.path, exc_info=error)
        return problem(self.statuses[RefrainError], "Internal error", {"detail": self.broken})


def problem(
    status: int, title: str, body: Mapping[str, Any], headers: Mapping[str, str] | None = None
) -> Response:
    """An application/problem+json answer."""
    slug = title.lower().replace(" ", "-")
    content = {"type": f"urn:refrain:{slug}", "title": title, "status": status, **body}
    # As ASCII, because a value may hold half a surrogate pair, which UTF-8 cannot carry.
    data = json.dumps(content, ensure_ascii=True).encode()
    return Response(data, status, dict(headers or {}), MEDIA_TYPE)
