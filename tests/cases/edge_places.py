"""What runs for the cases of browsers, proxies and busy services."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import uvicorn

from oracle.adapters.pinning.folder import FolderPinner
from oracle.adapters.signing import signatures
from oracle.api.app import PAGES
from oracle.api.gateway import PAGES as FILES
from oracle.api.gateway import gateway
from oracle.domain.ordered import placed_json
from oracle.http.front import EVERYBODY, Front
from oracle.http.fronted import fronted
from tests.audit.proxy import serving
from tests.support.oracle_api import Idle, client_of
from tests.support.samples import ordered, request
from tests.support.trio import make_trio

SHOP = "https://shop.example"


@contextmanager
def running(app: Any) -> Iterator[str]:
    """The URL of an application on a free port."""
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@contextmanager
def web() -> Iterator[dict[str, Any]]:
    """An oracle below /refrain that a shop's pages may call, a gateway, and orders of a payer."""
    with TemporaryDirectory() as folder, ExitStack() as held:
        trio = make_trio(Path(folder))
        front = Front(origins=(SHOP,), prefix="/refrain")
        api = fronted(client_of(trio, Idle()).app, front, PAGES)
        files = fronted(gateway(FolderPinner(folder)), Front(EVERYBODY), FILES)
        yield {
            "api": held.enter_context(running(api)),
            "gateway": held.enter_context(running(files)),
            "orders": orders_of(trio),
        }


def orders_of(trio: Any) -> dict[str, bytes]:
    """One order by each form of its signature that wallets make."""
    asked = request()
    body = placed_json(ordered(asked, *trio.order(asked)))
    whole = bytes.fromhex(body["signature"][2:])
    forms = {"v27": whole, "v0": whole[:64] + bytes((whole[64] - 27,)),
             "compact": signatures.compact(whole)}  # fmt: skip
    return {
        name: json.dumps({**body, "signature": "0x" + form.hex()}).encode()
        for name, form in forms.items()
    }


Answer = Callable[[BaseHTTPRequestHandler], tuple[int, bytes]]


def passing(url: str) -> Answer:
    """Passes a request on."""

    def answer(request: BaseHTTPRequestHandler) -> tuple[int, bytes]:
        data = request.rfile.read(int(request.headers["Content-Length"]))
        sent = {"Content-Type": "application/json"}
        return 200, httpx.post(url, content=data, headers=sent, timeout=30, trust_env=False).content

    return answer


def every_third(answer: Answer) -> Answer:
    """Answers two of three requests with 429."""
    counted = iter(range(10**9))

    def busy(request: BaseHTTPRequestHandler) -> tuple[int, bytes]:
        told = answer(request)
        return told if next(counted) % 3 == 2 else (429, b"too many requests")

    return busy


def asking(answer: Answer) -> Answer:
    """Answers 401 without a user and a password."""

    def guarded(request: BaseHTTPRequestHandler) -> tuple[int, bytes]:
        told = answer(request)
        return told if request.headers["Authorization"] else (401, b"who are you?")

    return guarded


def always(status: int) -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> tuple[int, bytes]:
        request.rfile.read(int(request.headers["Content-Length"]))
        return status, b"busy"

    return answer


@contextmanager
def busy() -> Iterator[dict[str, Any]]:
    """The chain of an audit behind RPCs that are busy, never answer, or ask for a password."""
    from tests.cases.places import audited

    with audited() as made, ExitStack() as held:
        chain = passing(made["rpc"])
        asked = held.enter_context(serving(asking(chain)))
        yield made | {
            "busy_rpc": held.enter_context(serving(every_third(chain), Retry_After="0")),
            "shut_rpc": held.enter_context(serving(always(429), Retry_After="60")),
            "bad_gateway": held.enter_context(serving(always(502))),
            "secret_rpc": asked.replace("http://", "http://ada:se-cret@"),
        }
