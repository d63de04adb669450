"""One deadline for a whole HTTP exchange: for connecting, sending, heads and bodies together.

The time limits of httpx hold for each read of the network, so a server that sends one byte at a
time, or interim answers without end, would keep a thread for ever.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import httpcore
import httpx

_PIECE = 16 * 1024
"""Bytes that are sent under one look at the clock."""


class Deadline:
    """The deadline of the exchange that a thread has under way."""

    def __init__(self) -> None:
        self._own = threading.local()

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """All network operations of this thread end within `seconds` in all."""
        self._own.end = time.monotonic() + seconds
        try:
            yield
        finally:
            self._own.end = None

    def left(self, timeout: float | None, error: type[Exception]) -> float | None:
        """The time for one operation, seconds: `timeout`, or less. Raises `error` at the end."""
        end = getattr(self._own, "end", None)
        if end is None:
            return timeout
        found: float = end - time.monotonic()
        if found <= 0:
            raise error("the time for the whole exchange is over")
        return found if timeout is None else min(found, timeout)


def transport(deadline: Deadline, proxy: str | None) -> httpx.HTTPTransport:
    """A transport of httpx whose connections keep a deadline."""
    made = httpx.HTTPTransport(proxy=proxy)
    # httpx has no public way to choose the network backend of its pool.
    made._pool._network_backend = _Backend(deadline)
    return made


class _Backend(httpcore.NetworkBackend):
    def __init__(self, deadline: Deadline) -> None:
        self._real = httpcore.SyncBackend()
        self._deadline = deadline

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None,
        local_address: str | None = None, socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:  # fmt: skip
        left = self._deadline.left(timeout, httpcore.ConnectTimeout)
        made = self._real.connect_tcp(host, port, left, local_address, socket_options)
        return _Stream(made, self._deadline)


class _Stream(httpcore.NetworkStream):
    def __init__(self, real: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._real = real
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._real.read(max_bytes, self._deadline.left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _PIECE):
            left = self._deadline.left(timeout, httpcore.WriteTimeout)
            self._real.write(buffer[start : start + _PIECE], left)

    def close(self) -> None:
        self._real.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:  # fmt: skip
        left = self._deadline.left(timeout, httpcore.ConnectTimeout)
        made = self._real.start_tls(ssl_context, server_hostname, left)
        return _Stream(made, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._real.get_extra_info(info)
