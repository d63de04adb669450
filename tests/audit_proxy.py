"""An RPC that may lie: forwards JSON-RPC to a real node and alters what it is told to."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

Alter = Callable[[str, list[Any], Any], Any]
"""Takes method, parameters and the node's whole answer; returns the answer to give.

Bytes are sent as they are.
"""


class _Server(ThreadingHTTPServer):
    daemon_threads = True


@contextmanager
def serving(handle: Callable[[BaseHTTPRequestHandler], tuple[int, bytes]]) -> Iterator[str]:
    """An HTTP server on a free loopback port; `handle` answers status and body."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            status, body = handle(self)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = _answer

        def log_message(self, *_: Any) -> None:
            """Quiet: the tests read what the audit prints."""

    server = _Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def lying(node: str, alter: Alter) -> Iterator[str]:
    """The URL of an RPC in front of `node` whose answers `alter` may change."""

    def handle(request: BaseHTTPRequestHandler) -> tuple[int, bytes]:
        asked = json.loads(request.rfile.read(int(request.headers["Content-Length"])))
        answer = httpx.post(node, json=asked, timeout=30).json()
        told = alter(asked["method"], asked["params"], answer)
        return 200, told if isinstance(told, bytes) else json.dumps(told).encode()

    with serving(handle) as url:
        yield url
