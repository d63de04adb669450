"""The node's errors as HTTP answers; the only place of the node that knows status codes."""

from __future__ import annotations

import errno
from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from generator.sandbox.process import EngineFailed
from oracle.domain.errors import (
    Conflict,
    Inconsistent,
    InvalidInput,
    NotFound,
    RefrainError,
    Unauthorised,
    Unavailable,
)
from oracle.http.problems import Problems, TooLarge, TooSlow, problem

STATUSES: dict[type[RefrainError], int] = {
    Unauthorised: 403,
    NotFound: 404,
    TooSlow: 408,
    Conflict: 409,
    TooLarge: 413,
    InvalidInput: 422,
    EngineFailed: 500,
    Inconsistent: 500,
    RefrainError: 500,
    Unavailable: 503,
}

HEADERS: dict[type[RefrainError], Mapping[str, str]] = {Unavailable: {"Retry-After": "5"}}

PROBLEMS = Problems(STATUSES, HEADERS, "the node made a mistake; its log says more")

NO_PAGES = "is for oracles and owners: web pages cannot call a node, and ask an oracle instead"

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


async def on_http(request: Request, error: Exception) -> Response:
    """A path or method that no route serves; the preflight of a browser reads why."""
    if request.method == "OPTIONS" and isinstance(error, HTTPException):
        body = {"detail": NO_PAGES}
        return problem(error.status_code, str(error.detail), body, error.headers)
    return await PROBLEMS.on_http(request, error)


async def on_bug(request: Request, error: Exception) -> Response:
    """An error that nobody foresaw, except a full disk, which the caller may know."""
    if isinstance(error, OSError) and error.errno in _NO_ROOM:
        return PROBLEMS.of(Unavailable("the node's disk is full"))
    return await PROBLEMS.on_bug(request, error)
