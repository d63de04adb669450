"""An IPFS API with chosen faults: an HTTP server in front of a real daemon."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

from oracle.domain.cid import cid_of

OTHER = cid_of(b"something else")
Fault = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Answers each request with the server's fault."""

    server: Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each answer waits 40 ms for an acknowledgement

    def do_POST(self) -> None:
        self.server.seen.append(self.command_name)
        self.body = self._read_body()
        try:
            self.server.fault(self)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def do_GET(self) -> None:
        """Only a client that follows a redirect sends GET."""
        self.server.seen.append(self.path)
        self.answer(b"secrets of the local network")

    @property
    def command_name(self) -> str:
        return self.path.split("?")[0].removeprefix("/api/v0/")

    def forward(self) -> httpx.Response:
        return httpx.post(
            self.server.upstream + self.path,
            content=self.body,
            headers={"Content-Type": self.headers.get("Content-Type", "")},
            timeout=30,
            trust_env=False,
        )

    def pass_on(self) -> None:
        answer = self.forward()
        self.answer(answer.content, answer.status_code)

    def answer(self, body: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content_Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def _read_body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def log_message(self, *_: Any) -> None:
        """Logs nothing, because faults are expected."""


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, upstream: str, fault: Fault) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.upstream = upstream
        self.fault = fault
        self.seen: list[str] = []
        self.over = threading.Event()


@contextmanager
def faulty(api: str, fault: Fault) -> Iterator[tuple[Server, str]]:
    """A server in front of the daemon at the multiaddr `api`, and the URL of its API."""
    _, _, host, _, port, *_ = api.split("/")
    server = Server(f"http://{host}:{port}", fault)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server, f"http://127.0.0.1:{server.server_port}"
    finally:
        server.over.set()
        server.shutdown()
        server.server_close()


def on(command: str, fault: Fault) -> Fault:
    """The fault for one command only; the daemon answers all others."""

    def act(handler: Handler) -> None:
        (fault if handler.command_name == command else Handler.pass_on)(handler)

    return act


def flip_a_bit(handler: Handler) -> None:
    body = bytearray(handler.forward().content)
    body[len(body) // 2] ^= 1
    handler.answer(bytes(body))


def serve_something_else(handler: Handler) -> None:
    handler.answer(b"something else")


def name_another_root(handler: Handler) -> None:
    handler.answer(json.dumps({**handler.forward().json(), "Hash": OTHER}).encode())


def say_500(handler: Handler) -> None:
    handler.answer(b"out of order", 500)


def say_not_pinned(handler: Handler) -> None:
    message = {"Message": "path is not pinned", "Code": 0, "Type": "error"}
    handler.answer(json.dumps(message).encode(), 500)


def hang(handler: Handler) -> None:
    handler.server.over.wait(30)


def drip_a_header(handler: Handler) -> None:
    """Sends bytes slowly, so that no pause reaches a socket's timeout."""
    for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"y" * 300:
        handler.wfile.write(bytes((byte,)))
        if handler.server.over.wait(0.1):
            return


def drip_a_body(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000000")
    handler.end_headers()
    while not handler.server.over.wait(0.05):
        handler.wfile.write(b"x")


def flood(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", str(1 << 40))
    handler.end_headers()
    while not handler.server.over.is_set():
        handler.wfile.write(bytes(1 << 16))


def break_off(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b"half of")
    handler.close_connection = True


def redirect(handler: Handler) -> None:
    handler.answer(b"", 302, Location=f"http://127.0.0.1:{handler.server.server_port}/inside")


def pack(handler: Handler) -> None:
    handler.answer(handler.forward().content, Content_Encoding="gzip")


def say(body: bytes) -> Fault:
    return lambda handler: handler.answer(body)
