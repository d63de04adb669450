"""Sheds load: beyond what may run and wait, a request is refused before any work is done for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from oracle.domain.errors import RefrainError, Unavailable
from oracle.http.turns import Turns

Needed = Iterable[tuple[Turns, str]]
"""The turns that a request needs, each with the key under which it counts."""


class Shedding:
    """ASGI middleware: a request has its turns from its first step until its answer is sent.

    Args:
        needed: the turns of a request by its scope; none for one that must never wait.
        refuse: makes the answer to Unavailable.
    """

    def __init__(
        self,
        app: ASGIApp,
        needed: Callable[[Scope], Needed],
        refuse: Callable[[RefrainError], Response],
    ) -> None:
        self._app = app
        self._needed = needed
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with AsyncExitStack() as held:
            try:
                for turns, key in self._needed(scope) if scope["type"] == "http" else ():
                    await held.enter_async_context(turns.turn(key))
            except Unavailable as error:
                return await self._refuse(error)(scope, receive, send)
            await self._app(scope, receive, send)
        return None
