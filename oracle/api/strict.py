"""Routes with the strict JSON parser of manifests: unique keys, whole numbers, JSON only.

FastAPI's own parser keeps the last of two equal keys and accepts NaN.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from oracle.api.errors import Malformed, WrongMedia
from oracle.domain import canonical
from oracle.domain.call import body_digest
from oracle.domain.errors import InvalidInput
from oracle.http.caller import Callers, target_of

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class StrictRoute(APIRoute):
    """Parses the body with `canonical.loads` before FastAPI validates it."""

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()
        takes_body = self.body_field is not None

        async def strict(request: Request) -> Response:
            if takes_body:
                # Starlette caches the parsed body here and parses only when it is absent.
                request._json = await _value(request)
            return await handle(request)

        return strict


class PeerRoute(StrictRoute):
    """A route for the oracles of the set, each of which signs its calls.

    The headers are checked before the body is parsed; `request.state.caller` is the signer.
    """

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            callers: Callers = request.app.state.callers
            caller = callers.admit(request.method, target_of(request.scope), request.headers)
            caller.require_body(body_digest(await request.body()))
            request.state.caller = caller.signer
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
