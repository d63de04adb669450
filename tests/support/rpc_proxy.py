"""A JSON-RPC proxy in front of a real node, with chosen faults."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

ERROR = {"code": -32000, "message": "header not found"}
ANSWERS: dict[str, bytes] = {
    "garbage": b"<html>bad gateway</html>",
    "nothing": b"",
    "null": b"null",
    "list": b"[]",
    "no result": b'{"jsonrpc":"2.0","id":1}',
    "null result": b'{"jsonrpc":"2.0","id":1,"result":null}',
    "wrong type": b'{"jsonrpc":"2.0","id":1,"result":{"number":"x"}}',
    "text": b'{"jsonrpc":"2.0","id":1,"result":"0xzz"}',
}
"""Whole answers that mean nothing."""


class Proxy:
    """Set `mode` to misbehave: a key of ANSWERS, or hang, drip, close, refuse, moved, huge.

    `after` holds methods that are passed on and whose answer is then withheld: executed, unheard.
    `counts` counts requests by method, each call of a batch; `requests` counts HTTP requests.
    `watch` is told method and parameters before they are passed on. `lies` holds answers by method,
    of a single call or in a batch.
    """

    def __init__(self, target: str) -> None:
        self.target = target
        self.mode = "pass"
        self.after: set[str] = set()
        self.lies: dict[str, Any] = {}
        self.tag_error = ""
        self.counts: dict[str, int] = {}
        self.requests = 0
        self.watch: Callable[[str, Any], None] = lambda method, params: None
        self.done = threading.Event()
        self.url = ""

    def handle(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers["Content-Length"]))
        asked = json.loads(body)
        calls = asked if isinstance(asked, list) else [asked]
        self.requests += 1
        for call in calls:
            self.counts[call["method"]] = self.counts.get(call["method"], 0) + 1
            self.watch(call["method"], call.get("params"))
        if any(call["method"] in self.after for call in calls):
            self._forward(body)
            request.close_connection = True
        elif any(self._altered(call) is not None for call in calls):
            self._alter(request, asked, body)
        elif self.mode in ANSWERS:
            _answer(request, ANSWERS[self.mode])
        else:
            getattr(self, f"_{self.mode}")(request, body)

    def refuse_tag(self, message: str) -> None:
        """From now on the node answers this error when it is asked for its finalized block."""
        self.tag_error = message

    def _altered(self, call: dict[str, Any]) -> dict[str, Any] | None:
        """The false answer to one call; None when the node's own answer is passed on."""
        if self.tag_error and call.get("params", [])[:1] == ["finalized"]:
            return {"error": {"code": -32000, "message": self.tag_error}}
        return {"result": self.lies[call["method"]]} if call["method"] in self.lies else None

    def _alter(self, request: BaseHTTPRequestHandler, asked: Any, body: bytes) -> None:
        """Answers with the lies; in a batch, the other calls get the node's own answers."""
        calls = asked if isinstance(asked, list) else [asked]
        honest = json.loads(self._forward(body)) if len(calls) > 1 else []
        answers = {answer["id"]: answer for answer in honest}
        for call in calls:
            if (lie := self._altered(call)) is not None:
                answers[call["id"]] = {"jsonrpc": "2.0", "id": call["id"], **lie}
        made = list(answers.values()) if isinstance(asked, list) else answers[asked["id"]]
        _answer(request, json.dumps(made).encode())

    def _forward(self, body: bytes) -> bytes:
        headers = {"Content-Type": "application/json"}
        answer = httpx.post(self.target, content=body, headers=headers, timeout=10, trust_env=False)
        return answer.content

    def _pass(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        _answer(request, self._forward(body))

    def _hang(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        self.done.wait(20)
        request.close_connection = True

    def _drip(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        _head(request, 1_000)
        for _ in range(200):
            if self.done.wait(0.05):
                break
            request.wfile.write(b" ")
            request.wfile.flush()

    def _close(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        request.close_connection = True

    def _refuse(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        asked = json.loads(body)
        number = asked[0]["id"] if isinstance(asked, list) else asked["id"]
        made = {"jsonrpc": "2.0", "id": number, "error": ERROR}
        _answer(request, json.dumps(made).encode(), 400)

    def _moved(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        request.send_response(307)
        request.send_header("Location", self.target)
        request.send_header("Content-Length", "0")
        request.end_headers()

    def _huge(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        _head(request, 2**40)
        piece = bytes(1 << 20)
        end = time.monotonic() + 10
        while time.monotonic() < end and not self.done.is_set():
            request.wfile.write(piece)


def _head(request: BaseHTTPRequestHandler, length: int, status: int = 200) -> None:
    request.send_response(status)
    request.send_header("Content-Type", "application/json")
    request.send_header("Content-Length", str(length))
    request.end_headers()


def _answer(request: BaseHTTPRequestHandler, data: bytes, status: int = 200) -> None:
    _head(request, len(data), status)
    request.wfile.write(data)


@contextmanager
def proxy_of(target: str) -> Iterator[Proxy]:
    """A proxy in front of `target` on a free port until the block ends."""
    proxy = Proxy(target)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # else each answer waits 40 ms for an acknowledgement

        def do_POST(self) -> None:
            try:
                proxy.handle(self)
            except OSError:
                self.close_connection = True

        def log_message(self, format: str, *args: Any) -> None:
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    proxy.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.done.set()
        server.shutdown()
        server.server_close()
