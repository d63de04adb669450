"""Reads each request body whole before a route sees it, up to a size and a time."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from oracle.api.errors import problem_of
from oracle.domain.errors import InvalidInput
from oracle.http import body

LARGEST_BODY = 64 * 1024
"""Bytes."""

BODY_SECONDS = 15.0


class BodyLimit:
    """ASGI middleware: reads the whole body, at most `largest` bytes in at most `seconds`.

    A larger Content-Length is answered with TooLarge before the body is read; a chunked body as
    soon as its size exceeds the limit. A body that takes longer is answered with TooSlow.
    """

    def __init__(
        self, app: ASGIApp, largest: int = LARGEST_BODY, seconds: float = BODY_SECONDS
    ) -> None:
        self._app = app
        self._largest = largest
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            data = await body.whole(receive, scope["headers"], self._largest, self._seconds)
        except InvalidInput as error:
            await problem_of(error)(scope, receive, send)
        else:
            await self._app(scope, _replay(data, receive), send)


def _replay(data: bytes, receive: Receive) -> Receive:
    waiting: list[Message] = [{"type": "http.request", "body": data, "more_body": False}]

    async def next_message() -> Message:
        return waiting.pop() if waiting else await receive()

    return next_message
