"""Errors as RFC 9457 problems. HTTP status codes are set in this module only.

A problem's `title` names the class of the error, so that our own clients can raise it again.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.requests import Request
from starlette.responses import Response

from oracle.api import patterns
from oracle.domain.errors import (
    Conflict,
    Inconsistent,
    InvalidInput,
    NotFound,
    RefrainError,
    Refused,
    Unauthorised,
    Unavailable,
)
from oracle.http.problems import MEDIA_TYPE, Problems, TooLarge, TooSlow

RETRY_AFTER = "5"

_log = logging.getLogger(__name__)


class Malformed(InvalidInput):
    """A body that is not JSON, or JSON that two parsers could read differently."""


class WrongMedia(InvalidInput):
    """A body of another type than application/json."""

    title = "Unsupported media type"


STATUSES: dict[type[RefrainError], int] = {
    Malformed: 400,
    Unauthorised: 401,
    NotFound: 404,
    TooSlow: 408,
    Conflict: 409,
    TooLarge: 413,
    WrongMedia: 415,
    InvalidInput: 422,
    Refused: 422,
    Inconsistent: 500,
    RefrainError: 500,
    Unavailable: 503,
}

OK = 200
TAKEN = 202

HEADERS: dict[type[RefrainError], Mapping[str, str]] = {
    Unauthorised: {"WWW-Authenticate": "Bearer"},
    Unavailable: {"Retry-After": RETRY_AFTER},
}


def documented(*kinds: type[RefrainError]) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI responses of a route that may answer with these errors.

    Two errors with the same status share one entry, and its description names both.
    """
    found: dict[int | str, dict[str, Any]] = {}
    for kind in kinds:
        content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        title = found.get(STATUSES[kind], {}).get("description", "")
        described = f"{title} or {kind.title.lower()}" if title else kind.title
        found[STATUSES[kind]] = {"description": described, "content": content}
    return found


BODY_ERRORS = documented(Malformed, TooLarge, TooSlow, WrongMedia)
"""Errors of every route that takes a body."""


PROBLEMS = Problems(STATUSES, HEADERS, "internal error of this oracle; accepted orders are kept")

PEER_ROUTES = "/v1/peers/"

HIDDEN: dict[type[RefrainError], RefrainError] = {
    Unavailable: Unavailable("a service that this oracle needs does not answer now; try again"),
    RefrainError: Inconsistent("this oracle found a contradiction; its log has the cause"),
}
"""What anybody reads in place of an error that is for operators."""

problem_of, on_http, on_bug = PROBLEMS.of, PROBLEMS.on_http, PROBLEMS.on_bug


async def on_fault(request: Request, error: Exception) -> Response:
    """Handles a RefrainError. What services say is logged, and told to the set's oracles only."""
    if not isinstance(error, RefrainError):
        raise error
    path = request.url.path
    if error.public or path.startswith(PEER_ROUTES):
        return problem_of(error)
    _log.warning("%s %s: %s", request.method, path, error)
    kind = Unavailable if isinstance(error, Unavailable) else RefrainError
    return problem_of(HIDDEN[kind])


async def on_invalid(_request: Request, error: Exception) -> Response:
    """Answers a body, query or header that does not fit the schema; names the first wrong field."""
    if not isinstance(error, RequestValidationError):
        raise error
    first = error.errors()[0]
    found = first.get("input")
    value = found if isinstance(found, str | int) else None
    detail = patterns.IN_WORDS.get(first.get("ctx", {}).get("pattern"), str(first["msg"]))
    return problem_of(InvalidInput(detail, field=path_of(first["loc"]), value=value))


def path_of(place: tuple[int | str, ...] | list[int | str]) -> str:
    """``("body", "request", "references", 1, "weight")`` as ``request.references[1].weight``."""
    steps = [step for step in place if step not in ("body", "query", "path", "header")]
    path = ""
    for step in steps:
        path += f"[{step}]" if isinstance(step, int) else f".{step}"
    return path.lstrip(".") or "body"
