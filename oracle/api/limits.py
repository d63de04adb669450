"""What is read of a body before anybody looks at it: not much, and not for long."""

from __future__ import annotations

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from oracle.api.errors import TooLarge, TooSlow, problem_of

LARGEST_BODY = 64 * 1024
BODY_SECONDS = 15.0


class BodyLimit:
    """ASGI middleware: reads a body whole, at most `largest` bytes in at most `seconds`.

    A declared length is refused unread; a chunked body as soon as it has grown too long.
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
            self._require_declared(scope)
            async with asyncio.timeout(self._seconds):
                messages = await self._read(receive)
        except TooLarge as error:
            await problem_of(error)(scope, receive, send)
        except TimeoutError:
            slow = TooSlow(f"the body took longer than {self._seconds} s")
            await problem_of(slow)(scope, receive, send)
        else:
            await self._app(scope, _replay(messages, receive), send)

    def _require_declared(self, scope: Scope) -> None:
        lengths = [value for name, value in scope["headers"] if name == b"content-length"]
        if any(not value.isdigit() or int(value[:20]) > self._largest for value in lengths):
            raise self._too_large()

    async def _read(self, receive: Receive) -> list[Message]:
        messages, size = [], 0
        while True:
            message = await receive()
            messages.append(message)
            size += len(message.get("body", b""))
            if size > self._largest:
                raise self._too_large()
            if not message.get("more_body", False):
                return messages

    def _too_large(self) -> TooLarge:
        return TooLarge(f"a body must have at most {self._largest} bytes", field="body")


def _replay(messages: list[Message], receive: Receive) -> Receive:
    waiting = iter(messages)

    async def next_message() -> Message:
        for message in waiting:
            return message
        return await receive()

    return next_message
