"""Runs an ASGI application, for the oracle, the gateway and the generation node alike."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import resource
import signal
import socket
from dataclasses import replace
from functools import partial
from typing import Any

import uvicorn

from oracle.http.connections import Connections, Limits
from oracle.http.protocol import BoundedProtocol

SETTLING_SECONDS = 10
"""Answers under way may take so long after a request to stop."""

QUEUE = 4096
"""Connections that the system holds until they are accepted; the system may hold fewer."""

AT_ONCE = 128
"""Connections that are accepted in one go, before any of them counts or is closed."""

OWN_FILES = 256
"""Files for everything that is no connection."""

MOST_FILES = 65_536

_NO_FILES = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)

_log = logging.getLogger(__name__)


class Server(uvicorn.Server):
    """uvicorn's server with limits for connections.

    Args:
        app: the ASGI application.
        host, port: where to listen, unless `run` is given sockets.
        limits: fewer connections are taken where the process may not open enough files.
    """

    def __init__(self, app: Any, host: str, port: int, limits: Limits) -> None:
        files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        self._open = Connections(fitting(limits, files))
        super().__init__(uvicorn.Config(
            app, host=host, port=port, http=partial(BoundedProtocol, self._open),  # type: ignore[arg-type]
            loop="asyncio", ws="none", log_config=None, access_log=False, server_header=False,
            proxy_headers=False,  # `oracle.http.front` knows which proxies to believe
            backlog=at_once(files), timeout_keep_alive=int(limits.idle_seconds),
            timeout_graceful_shutdown=SETTLING_SECONDS,
        ))  # fmt: skip

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        asyncio.get_running_loop().set_exception_handler(self._on_error)
        await super().startup(sockets)
        # asyncio's backlog is both the queue of the system and what it accepts in one go.
        for server in self.servers:
            for listener in server.sockets:
                with socket.socket(fileno=os.dup(listener.fileno())) as twin:
                    twin.listen(QUEUE)

    async def on_tick(self, counter: int) -> bool:
        if counter % 10 == 0:  # uvicorn ticks ten times a second
            self._open.sweep(asyncio.get_running_loop().time())
        return await super().on_tick(counter)

    def _on_error(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, OSError) and error.errno in _NO_FILES:
            # One for the connection, one for another that is closed but still has its file.
            self._open.shrink(2)
            _log.error("no connection can be accepted: %s", error.strerror)
        else:
            loop.default_exception_handler(context)


def serve(app: Any, host: str, port: int, limits: Limits) -> None:
    """Serves until SIGTERM or SIGINT, with as many open files as the process may have."""
    raise_file_limit()
    server = Server(app, host, port, limits)
    # The server ends by itself on these and then raises them again, for an earlier handler.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: None)
    server.run()


def at_once(files: int) -> int:
    """How many connections to accept in one go when the process may open `files` files."""
    return max(1, min(AT_ONCE, files // 16))


def fitting(limits: Limits, files: int) -> Limits:
    """The limits, with as few connections as `files` open files make necessary."""
    room = files - min(OWN_FILES, files // 2) - 2 * at_once(files)
    most = max(1, min(limits.connections, room))
    return replace(limits, connections=most, each=min(limits.each, most))


def raise_file_limit() -> None:
    """Lets this process open more files, as far as it may, up to MOST_FILES."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < min(hard, MOST_FILES):
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, MOST_FILES), hard))
