"""An RPC that may lie: forwards JSON-RPC to a real node and alters what it is told to."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
from eth_abi import decode, encode

from scripts import audit

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
        protocol_version = "HTTP/1.1"

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
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
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

    client = httpx.Client(timeout=30)

    def handle(request: BaseHTTPRequestHandler) -> tuple[int, bytes]:
        asked = json.loads(request.rfile.read(int(request.headers["Content-Length"])))
        answer = client.post(node, json=asked).json()
        told = alter(asked["method"], asked["params"], answer)
        return 200, told if isinstance(told, bytes) else json.dumps(told).encode()

    with client, serving(handle) as url:
        yield url


def when(method: str, told: Any) -> Alter:
    """Another answer to one method; a function is given parameters and the node's answer."""

    def alter(asked: str, params: list[Any], answer: dict[str, Any]) -> Any:
        if asked != method:
            return answer
        return told(params, answer) if callable(told) else told

    return alter


def result(value: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 1, "result": value}


def in_calldata(change: Callable[[list[Any]], None]) -> Alter:
    """Alters the decoded arguments of settle in every transaction the RPC tells of."""

    def alter(params: list[Any], answer: dict[str, Any]) -> dict[str, Any]:
        data = answer["result"]["input"]
        values = [*decode(audit.SETTLE_TYPES, bytes.fromhex(data[10:]))]
        change(values)
        answer["result"]["input"] = data[:10] + encode(audit.SETTLE_TYPES, values).hex()
        return answer

    return when("eth_getTransactionByHash", alter)


def in_log(event: str, change: Callable[[dict[str, Any]], None]) -> Alter:
    """Alters what the newest log of that event says, its topics aside."""
    (kind,) = [kind for kind in audit.LEDGER_EVENTS if kind.name == event]
    rest = [(solidity, name) for solidity, indexed, name in kind.arguments if not indexed]
    types = [solidity for solidity, _ in rest]

    def alter(params: list[Any], answer: dict[str, Any]) -> dict[str, Any]:
        for log in [log for log in answer["result"] if log["topics"][0] == kind.topic][-1:]:
            values = decode(types, bytes.fromhex(log["data"][2:]))
            found = dict(zip([name for _, name in rest], values, strict=True))
            change(found)
            log["data"] = "0x" + encode(types, list(found.values())).hex()
        return answer

    return when("eth_getLogs", alter)
