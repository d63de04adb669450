"""Routes that read bodies as strictly as manifests are read: unique keys, whole numbers, JSON only.

FastAPI's own reader keeps the last of two equal keys and takes NaN.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from oracle.api.errors import Malformed, WrongMedia
from oracle.domain import canonical
from oracle.domain.errors import InvalidInput, Unauthorised

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class StrictRoute(APIRoute):
    """Parses a body by `canonical.loads` before FastAPI sees it."""

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()
        takes_body = self.body_field is not None

        async def strict(request: Request) -> Response:
            if takes_body:
                # Starlette keeps what a body was parsed to here and parses only when it is absent.
                request._json = await _value(request)
            return await handle(request)

        return strict


class PeerRoute(StrictRoute):
    """For the oracles of the set only: the token is asked for before the body is looked at."""

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            _require_token(request, request.app.state.peer_token)
            return await handle(request)

        return guarded


async def _value(request: Request) -> Any:
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media != "application/json":
        raise WrongMedia("must be application/json", field="Content-Type", value=media)
    try:
        return canonical.loads(await request.body())
    except InvalidInput as error:
        raise Malformed(error.detail, field=error.field or "body", value=error.value) from error


def _require_token(request: Request, expected: str) -> None:
    shown = request.headers.get("authorization", "")
    kind, _, token = shown.partition(" ")
    same = hmac.compare_digest(token.strip().encode(), expected.encode())
    if not expected or kind.lower() != "bearer" or not same:
        raise Unauthorised("needs the token that the oracles of the set share")
