"""One oracle's HTTP API in a test client, and calls that other oracles sign."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.testclient import TestClient

from oracle.adapters.signing.calls import CallSigner
from oracle.adapters.signing.file import FileKey
from oracle.api.app import create_app
from oracle.api.routes import Handlers
from oracle.domain import canonical
from oracle.domain.typed_data import SigningDomain
from oracle.http.caller import Callers
from oracle.readiness import Readiness
from tests.support.fake_chain import CHAIN
from tests.support.samples import LEDGER
from tests.support.trio import Trio, key

URL = "http://testserver"
GATEWAY = "http://gateway"
JSON = {"Content-Type": "application/json"}
PROBLEM = "application/problem+json"


class Idle:
    """A worker that only records the added generations."""

    def __init__(self) -> None:
        self.given: list[str] = []

    def start(self) -> None:
        pass

    def stop(self) -> None:
        pass

    def add(self, generation: str) -> None:
        self.given.append(generation)


def client_of(
    trio: Trio, worker: Any, peers: Mapping[str, Any] | None = None, index: int = 0
) -> TestClient:
    """A client of one oracle.

    Args:
        peers: the probes of the other oracles; two that answer unless a test says otherwise.
    """
    context = trio.contexts[index]
    alive = {"one": lambda: None, "two": lambda: None} if peers is None else peers
    handlers = Handlers(context, worker.add, Readiness(context, alive, patience=60.0), GATEWAY)
    callers = Callers(trio.typed, trio.terms.oracle_set.signers, URL, trio.clock.now)
    app = create_app(handlers, worker, callers)
    return TestClient(app, base_url=URL, raise_server_exceptions=False)


def oracle_key(trio: Trio, index: int) -> FileKey:
    """The key of an oracle, by its place in the set."""
    keys = {each.address: each for each in (key(f"oracle {i}") for i in range(3))}
    return keys[trio.terms.oracle_set.signers[index]]


def signed(
    trio: Trio, by: FileKey, path: str, data: bytes, method: str = "POST", url: str = URL
) -> dict[str, str]:
    """The headers of one call that a key signs."""
    signer = CallSigner(by, SigningDomain(CHAIN, LEDGER), trio.clock.now)
    return {**JSON, **signer.headers(url, method, path, data)}


def call(trio: Trio, api: TestClient, by: FileKey, path: str, body: Any) -> Any:
    """The answer to a JSON body that a key signs and sends."""
    data = canonical.dumps(body)
    return api.post(path, content=data, headers=signed(trio, by, path, data))


def problem(answer: Any, status: int) -> Any:
    """The problem in an answer, after checking its form."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == PROBLEM
    found = answer.json()
    assert found["status"] == status
    assert found["type"].startswith("urn:refrain:")
    assert found["title"] and found["detail"]
    return found
