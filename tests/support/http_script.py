"""An HTTP server with prepared answers; it records the requests."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Asked:
    """One recorded request."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Script:
    """The next answers: status, headers and body; `drip` sends the body a byte at a time.

    `busy` holds statuses and `Retry-After` (None for none) of answers that come before these.
    """

    url: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"{}"
    drip: bool = False
    hang: bool = False
    busy: list[tuple[int, str | None]] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    done: threading.Event = field(default_factory=threading.Event)

    def says(self, value: Any, status: int = 200) -> None:
        self.body, self.status = json.dumps(value).encode(), status

    def problem(self, title: str, status: int, **more: Any) -> None:
        self.says({"type": "about:blank", "title": title, "status": status, **more}, status)

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        length = int(request.headers.get("Content-Length") or 0)
        headers = {name.lower(): value for name, value in request.headers.items()}
        body = request.rfile.read(length)
        self.asked.append(Asked(request.command, request.path, headers, body))
        if self.hang:
            self.done.wait(20)
            return
        if self.busy:
            status, after = self.busy.pop(0)
            request.send_response(status)
            request.send_header("Content-Length", "0")
            if after is not None:
                request.send_header("Retry-After", after)
            request.end_headers()
            return
        request.send_response(self.status)
        for name, value in ({"Content-Length": str(len(self.body))} | self.headers).items():
            request.send_header(name, value)
        request.end_headers()
        self._write(request)

    def _write(self, request: BaseHTTPRequestHandler) -> None:
        if not self.drip:
            request.wfile.write(self.body)
            return
        for position in range(len(self.body)):
            if self.done.wait(0.05):
                return
            request.wfile.write(self.body[position : position + 1])
            request.wfile.flush()


@contextmanager
def scripted(host: str = "127.0.0.1") -> Iterator[Script]:
    """A server on a free port until the block ends; `host` may be ``::1``."""
    script = Script()

    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            try:
                script.answer(self)
            except OSError:
                self.close_connection = True

        do_GET = do_POST = do_PUT = do_DELETE = _any

        def log_message(self, format: str, *args: Any) -> None:
            return None

    class Server(ThreadingHTTPServer):
        address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        daemon_threads = True

    server = Server((host, 0), Handler)
    place = f"[{host}]" if ":" in host else host
    script.url = f"http://{place}:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield script
    finally:
        script.done.set()
        server.shutdown()
        server.server_close()
