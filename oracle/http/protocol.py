"""HTTP/1.1 on one connection: uvicorn's protocol, bounded in time, bytes and requests.

uvicorn limits neither the time nor the size of a request's head, nor how many requests a client may
send ahead of the answers. `docs/adr/0020-a-server-that-others-cannot-stop.md` has the alternatives.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from oracle.http.connections import Connections, client_of

LARGEST_HEAD = 64 * 1024
"""Bytes of a request's line and headers, and of anything else that is not body."""

MOST_AHEAD = 16
"""Requests that may wait on a connection behind the one at work."""

_PIECE = 16 * 1024


class TooMany(Exception):
    """A client sends more requests ahead than a connection takes."""


class BoundedProtocol(HttpToolsProtocol):
    """One connection. `connections` says when it ends; the other arguments are uvicorn's."""

    def __init__(self, connections: Connections, **uvicorn: Any) -> None:
        super().__init__(**uvicorn)
        self._all = connections
        self._begun = True
        self._without_body = 0

    @property
    def closing(self) -> bool:
        return self.transport.is_closing()

    def abort(self) -> None:
        """Closes the connection at once; what waits to be sent is lost."""
        self.transport.abort()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        address = self.client[0] if self.client else ""
        if not self._all.admit(self, client_of(address), self.loop.time()):
            self.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._all.drop(self)

    def data_received(self, data: bytes) -> None:
        if not self._begun:
            self._begun = True
            self._wait(self._all.limits.head_seconds)
        for start in range(0, len(data), _PIECE):
            piece = data[start : start + _PIECE]
            self._without_body += len(piece)
            super().data_received(piece)
            if self.closing:
                return
            if self._without_body > LARGEST_HEAD:
                self.send_400_response("The head of the request is too large.")
                return

    def _unsupported_upgrade_warning(self) -> None:
        """Any client may ask for an upgrade; it is not taken, and no reason for a line."""

    def on_headers_complete(self) -> None:
        self._without_body = 0
        super().on_headers_complete()
        if len(self.pipeline) > MOST_AHEAD:
            raise TooMany
        if not self.pipeline:
            self._all.wait(self)  # for the body, whose time the application limits

    def on_body(self, body: bytes) -> None:
        self._without_body = 0
        super().on_body(body)
        if not self.pipeline and not self.cycle.response_complete:
            self._all.wait(self)

    def on_message_complete(self) -> None:
        super().on_message_complete()
        if not self.cycle.response_complete:
            self._all.work(self)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.closing:
            self._wait(self._all.limits.write_seconds)
        elif self.timeout_keep_alive_task is not None:
            self._begun = False
            self._wait(self._all.limits.idle_seconds)
        elif self.cycle.more_body:  # of the request that was sent ahead and begins now
            self._all.wait(self)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._wait(self._all.limits.write_seconds)

    def resume_writing(self) -> None:
        super().resume_writing()
        if not self.cycle.response_complete:
            self._all.work(self)

    def _wait(self, seconds: float) -> None:
        self._all.wait(self, self.loop.time() + seconds)
