"""Errors as HTTP answers (RFC 9457): the only place where the node's status codes stand."""

from __future__ import annotations

import errno
import json
import logging

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from generator.workshop import EngineFailed
from oracle.domain.errors import (
    Conflict,
    Inconsistent,
    InvalidInput,
    NotFound,
    RefrainError,
    Unauthorised,
    Unavailable,
)

MEDIA_TYPE = "application/problem+json"

_log = logging.getLogger(__name__)


class TooLarge(InvalidInput):
    """A body with more bytes than its endpoint takes."""

    title = "Too large"


class TooSlow(InvalidInput):
    """A body that did not arrive in time."""

    title = "Too slow"


class NoToken(Unauthorised):
    """The bearer token is missing or wrong."""


STATUS: dict[type[RefrainError], int] = {
    TooLarge: 413,
    TooSlow: 408,
    InvalidInput: 422,
    NotFound: 404,
    Conflict: 409,
    NoToken: 401,
    Unauthorised: 403,
    Unavailable: 503,
    EngineFailed: 500,
    Inconsistent: 500,
}
"""The first kind that fits counts."""


async def refused(request: Request, error: Exception) -> Response:
    """The answer to one of our own errors."""
    if not isinstance(error, RefrainError):
        raise error
    status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 500)
    answer = problem(error.title, status, error.detail, error.field, error.value)
    if status == STATUS[NoToken]:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


async def unrouted(request: Request, error: Exception) -> Response:
    """No such path, or no such method on it."""
    if not isinstance(error, HTTPException):
        raise error
    return problem("No such endpoint", error.status_code, str(error.detail))


async def broken(request: Request, error: Exception) -> Response:
    """Our own mistake, or the machine's: logged whole, told briefly."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return problem("Unavailable", STATUS[Unavailable], "the node's disk is full")
    _log.error("%s %s", request.method, request.url.path, exc_info=error)
    return problem("Internal error", 500, "the node made a mistake; its log says more")


def problem(
    title: str, status: int, detail: str, field: str | None = None, value: str | None = None
) -> Response:
    """An application/problem+json answer; `field` and `value` are left out when unknown."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    body |= {k: v for k, v in (("field", field), ("value", value)) if v is not None}
    content = json.dumps(body, ensure_ascii=True).encode()
    return Response(content, status_code=status, media_type=MEDIA_TYPE)
