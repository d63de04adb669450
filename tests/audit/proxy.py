"""An RPC that can lie: forwards JSON-RPC to a real node and alters the answers."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
from eth_abi import decode, encode
from eth_utils import keccak

from scripts.auditor.calls import CALL_TYPES, selector
from scripts.auditor.events import (
    ACCESS_EVENTS,
    COURT_EVENTS,
    LEDGER_EVENTS,
    POOL_EVENTS,
    SPLIT_EVENTS,
    TIMELOCK_EVENTS,
    EventType,
)

Alter = Callable[[str, list[Any], Any], Any]
"""Takes method, parameters and the node's whole answer; returns the answer to give.

Bytes are sent as they are.
"""


class _Server(ThreadingHTTPServer):
    daemon_threads = True


@contextmanager
def serving(
    handle: Callable[[BaseHTTPRequestHandler], tuple[int, bytes]], **headers: str
) -> Iterator[str]:
    """An HTTP server on a free loopback port; `handle` answers status and body.

    `headers` are sent with errors; an underscore stands for a hyphen.
    """

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # else each answer waits 40 ms for an acknowledgement

        def _answer(self) -> None:
            status, body = handle(self)
            self.send_response(status)
            for name, value in headers.items() if status >= 400 else ():
                self.send_header(name.replace("_", "-"), value)
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

    client = httpx.Client(timeout=30, trust_env=False)

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


def in_calldata(change: Callable[[list[Any]], None], name: str = "settle") -> Alter:
    """Alters the decoded arguments of that function in every transaction the RPC tells of."""
    types = CALL_TYPES[name]

    def alter(params: list[Any], answer: dict[str, Any]) -> dict[str, Any]:
        data = bytes.fromhex(answer["result"]["input"][2:])
        if data[:4] == selector(name, types):
            values = [*decode(types, data[4:])]
            change(values)
            answer["result"]["input"] = "0x" + (data[:4] + encode(types, values)).hex()
        return answer

    return when("eth_getTransactionByHash", alter)


KINDS = {kind.name: kind for kinds in (LEDGER_EVENTS, SPLIT_EVENTS, COURT_EVENTS, POOL_EVENTS,
                                       ACCESS_EVENTS, TIMELOCK_EVENTS) for kind in kinds}


def in_log(event: str, change: Callable[[dict[str, Any]], None], which: int = -1) -> Alter:
    """Alters what one log of that event says: the newest, unless another is asked for."""
    kind = KINDS[event]

    def alter(params: list[Any], answer: dict[str, Any]) -> dict[str, Any]:
        logs = [log for log in answer["result"] if log["topics"][:1] == [kind.topic]]
        for log in [logs[which]] if logs else []:
            found = kind.decode(log["topics"], log["data"])
            change(found)
            log.update(written(kind, found))
        return answer

    return when("eth_getLogs", alter)


def written(kind: EventType, values: dict[str, Any]) -> dict[str, Any]:
    """Topics and data of a log that says these values."""
    parts = {name: (solidity, bytes.fromhex(value[2:]) if solidity[:5] == "bytes" else value)
             for solidity, _, name in kind.arguments for value in [values[name]]
             if solidity != "bytes32[]"}
    parts |= {name: (solidity, [bytes.fromhex(one[2:]) for one in values[name]])
              for solidity, _, name in kind.arguments if solidity == "bytes32[]"}
    topics = ["0x" + encode([parts[name][0]], [parts[name][1]]).hex()
              for _, indexed, name in kind.arguments if indexed]
    rest = [parts[name] for _, indexed, name in kind.arguments if not indexed]
    data = encode([solidity for solidity, _ in rest], [value for _, value in rest])
    return {"topics": [kind.topic, *topics], "data": "0x" + data.hex()}


def setting(**values: Any) -> Callable[[dict[str, Any]], None]:
    """Puts other values in; a function is given the one that was there."""

    def change(found: dict[str, Any]) -> None:
        for name, value in values.items():
            found[name] = value(found[name]) if callable(value) else value

    return change


def without(event: str, which: int = -1) -> Alter:
    """Keeps back one log of that event."""

    def alter(params: list[Any], answer: dict[str, Any]) -> dict[str, Any]:
        logs = [log for log in answer["result"] if log["topics"][:1] == [KINDS[event].topic]]
        kept = [log for log in answer["result"] if not logs or log is not logs[which]]
        return result(kept)

    return when("eth_getLogs", alter)


def more(event: str, values: dict[str, Any], after: str, which: int = -1) -> Alter:
    """Invents a log of the same contract, right after one that there is."""
    kind = KINDS[event]

    def alter(params: list[Any], answer: dict[str, Any]) -> dict[str, Any]:
        logs = [log for log in answer["result"] if log["topics"][:1] == [KINDS[after].topic]]
        for log in [logs[which]] if logs else []:
            index = hex(int(log["logIndex"], 16) + 1)
            answer["result"].append({**log, **written(kind, values), "logIndex": index})
        return answer

    return when("eth_getLogs", alter)


def in_view(call: str, outputs: list[str], change: Callable[[list[Any]], None]) -> Alter:
    """Alters what contracts answer to one function."""
    start = "0x" + keccak(text=call)[:4].hex()

    def alter(params: list[Any], answer: dict[str, Any]) -> dict[str, Any]:
        if params[0]["data"].startswith(start):
            values = [*decode(outputs, bytes.fromhex(answer["result"][2:]))]
            change(values)
            return result("0x" + encode(outputs, values).hex())
        return answer

    return when("eth_call", alter)


def twice(event: str) -> Alter:
    """Tells every log of that event again."""

    def alter(params: list[Any], answer: dict[str, Any]) -> dict[str, Any]:
        logs = [log for log in answer["result"] if log["topics"][:1] == [KINDS[event].topic]]
        return result([*answer["result"], *logs])

    return when("eth_getLogs", alter)


def moved(event: str, to: str) -> Alter:
    """Puts the newest log of an event right in front of the newest one of another."""

    def alter(params: list[Any], answer: dict[str, Any]) -> dict[str, Any]:
        first, second = (
            [log for log in answer["result"] if log["topics"][:1] == [KINDS[name].topic]]
            for name in (event, to)
        )
        if first and second:
            place = {key: second[-1][key] for key in ("blockNumber", "transactionHash")}
            second[-1]["logIndex"] = hex(int(second[-1]["logIndex"], 16) + 1)
            first[-1].update(place, logIndex=hex(int(second[-1]["logIndex"], 16) - 1))
        return answer

    return when("eth_getLogs", alter)
