"""Faults as RFC 9457 problems; the only place that knows HTTP status codes.

A problem's `title` names the kind of error, so that our own clients can raise it again.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

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

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER = "5"


class Malformed(InvalidInput):
    """A body that is not JSON at all, or that two readers could take for two values."""


class TooLarge(InvalidInput):
    title = "Too large"


class TooSlow(InvalidInput):
    title = "Too slow"


class WrongMedia(InvalidInput):
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

HEADERS: dict[type[RefrainError], dict[str, str]] = {
    Unauthorised: {"WWW-Authenticate": "Bearer"},
    Unavailable: {"Retry-After": RETRY_AFTER},
}


def documented(*kinds: type[RefrainError]) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI responses of a route that may answer with these errors."""
    found: dict[int | str, dict[str, Any]] = {}
    for kind in kinds:
        content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        title = found.get(STATUSES[kind], {}).get("description", "")
        described = f"{title} or {kind.title.lower()}" if title else kind.title
        found[STATUSES[kind]] = {"description": described, "content": content}
    return found


BODY_ERRORS = documented(Malformed, TooLarge, TooSlow, WrongMedia)
"""What any route that takes a body may answer."""


def problem_of(error: RefrainError) -> Response:
    """The answer to a fault: its nearest kind's status, what was found where, and refusals."""
    kind = next(known for known in type(error).__mro__ if known in STATUSES)
    body: dict[str, Any] = {"detail": error.detail}
    if error.field is not None:
        body["field"] = error.field
    if error.value is not None:
        body["value"] = error.value
    if isinstance(error, Refused) and error.refusals:
        body["refusals"] = [asdict(refusal) for refusal in error.refusals]
    return _problem(STATUSES[kind], error.title, body, HEADERS.get(kind))


async def on_fault(_request: Request, error: Exception) -> Response:
    """Any error of our own."""
    if not isinstance(error, RefrainError):
        raise error
    return problem_of(error)


async def on_invalid(_request: Request, error: Exception) -> Response:
    """A body, query or header that does not fit the schema: the first field at fault is named."""
    if not isinstance(error, RequestValidationError):
        raise error
    first = error.errors()[0]
    found = first.get("input")
    value = found if isinstance(found, str | int) else None
    detail = str(first["msg"])
    return problem_of(InvalidInput(detail, field=path_of(first["loc"]), value=value))


async def on_http(_request: Request, error: Exception) -> Response:
    """No such route, or not with that method."""
    if not isinstance(error, HTTPException):
        raise error
    headers = dict(error.headers or {})
    return _problem(error.status_code, str(error.detail), {"detail": str(error.detail)}, headers)


async def on_bug(_request: Request, error: Exception) -> Response:
    """Anything unforeseen: told to the log, not to the caller."""
    log.error("unforeseen", exc_info=error)
    body = {"detail": "this oracle broke; nothing that was taken is lost"}
    return _problem(STATUSES[RefrainError], "Internal error", body)


def path_of(place: tuple[int | str, ...] | list[int | str]) -> str:
    """``("body", "request", "references", 1, "weight")`` as ``request.references[1].weight``."""
    steps = [step for step in place if step not in ("body", "query", "path", "header")]
    path = ""
    for step in steps:
        path += f"[{step}]" if isinstance(step, int) else f".{step}"
    return path.lstrip(".") or "body"


def _problem(
    status: int, title: str, body: Mapping[str, Any], headers: Mapping[str, str] | None = None
) -> Response:
    slug = title.lower().replace(" ", "-")
    content = {"type": f"urn:refrain:{slug}", "title": title, "status": status, **body}
    return JSONResponse(content, status, headers=headers, media_type=MEDIA_TYPE)
