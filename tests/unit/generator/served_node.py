"""A node's HTTP interface in one process, with a small engine, a fixed registry and clock."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from generator.node.allowance import Allowance
from generator.node.chain_registry import Entry
from generator.node.checks import Checks
from generator.node.job_queue import Jobs
from generator.node.orders import Orders
from generator.node.routes import Node, create_app
from generator.node.vault import Vault
from generator.sandbox.process import EngineProcess
from oracle.adapters.signing.calls import CallSigner
from oracle.domain import canonical
from oracle.domain.errors import NotFound, Unavailable
from oracle.domain.ordered import Ordered
from oracle.http.caller import Callers
from tests.support.quorum import Quorum, check_form, member_keys
from tests.unit.generator import songs
from tests.unit.generator.test_upload_signature import DOMAIN, OWNER, signature
from tests.unit.generator.tiny_engine import TinyMosaic

NOW, DEADLINE = 1_000, 2_000
URL = "http://node.example"
QUORUM = Quorum(DOMAIN, member_keys())
WEIGHTS = {1: 250_000, 2: 750_000}
BURST = 300


@dataclass
class FixedRegistry:
    """A registry from a dictionary; `away` simulates a chain that does not answer."""

    entries: dict[int, Entry] = field(default_factory=dict)
    away: bool = False

    def entry(self, recording: int) -> Entry:
        if self.away:
            raise Unavailable("the chain does not answer")
        if recording not in self.entries:
            raise NotFound("is not registered", field="recording", value=recording)
        return self.entries[recording]


@dataclass
class ServedNode:
    """A running node and its parts; `now` is the time of the node and of its callers."""

    client: TestClient
    node: Node
    registry: FixedRegistry
    folder: Path
    clock: Mapping[str, int]

    def call(
        self,
        method: str,
        path: str,
        content: bytes = b"",
        by: int | CallSigner = 0,
        headers: Mapping[str, str] = {},
    ) -> Any:
        """A request that an oracle of the set signs."""
        signer = self.signer(by) if isinstance(by, int) else by
        signed = signer.headers(URL, method, path, content)
        return self.client.request(method, path, content=content, headers=signed | dict(headers))

    def signer(self, index: int) -> CallSigner:
        return CallSigner(QUORUM.keys[index], DOMAIN, lambda: self.clock["now"])

    def post(self, path: str, value: Any, by: int = 0) -> Any:
        return self.call("POST", path, canonical.dumps(value), by)

    def get(self, path: str, by: int = 0) -> Any:
        return self.call("GET", path, by=by)

    def check(
        self, ordered: Ordered, trace: bytes, audio: bytes, records: bytes = b"[]", by: int = 1
    ) -> Any:
        content, kind = check_form(ordered, trace, audio, records)
        return self.call("POST", "/v1/checks", content, by, {"Content-Type": kind})

    def ended(self, generation: str, by: int = 0) -> Any:
        end = time.monotonic() + 30
        while True:
            view = self.get(f"/v1/jobs/{generation}", by).json()
            if view["state"] not in ("queued", "running"):
                return view
            assert time.monotonic() < end
            time.sleep(0.02)

    def register(self, recording: int, content: bytes) -> Entry:
        entry = Entry(recording, OWNER.address, hashlib.sha256(content).hexdigest())
        self.registry.entries[recording] = entry
        return entry

    def upload(
        self,
        entry: Entry,
        content: bytes,
        deadline: int = DEADLINE,
        headers: Mapping[str, str] = {},
    ) -> Any:
        signed = "0x" + signature(OWNER, entry, deadline=deadline).hex()
        return self.client.put(
            f"/v1/vault/{entry.recording}?deadline={deadline}",
            content=content,
            headers={"X-Refrain-Signature": signed} | dict(headers),
        )

    def stock(self) -> dict[int, str]:
        """Puts recordings 1 and 2 into the vault; their audio by recording."""
        audio = {}
        for recording in WEIGHTS:
            content = songs.song(recording)
            entry = self.register(recording, content)
            assert self.upload(entry, content).status_code == 201
            audio[recording] = entry.audio
        return audio


def node_of(folder: Path, registry: FixedRegistry, now: Callable[[], int]) -> Node:
    """The parts of a node with a small engine; `now` in seconds since 1970."""
    engines = {"mosaic": TinyMosaic}
    uploads, checks, jobs = (EngineProcess(engines, folder / "cache") for _ in range(3))
    vault = Vault(folder, "here", uploads, "mosaic", tracks=checks)
    orders = Orders(QUORUM.typed, QUORUM.oracle_set, now)
    allowance = Allowance("checks", BURST, BURST, now, folder / "checks.json")
    return Node(
        engines=tuple(engines),
        payee=OWNER.address,
        clap="absent: set REFRAIN_CLAP_CHECKPOINT",
        typed=QUORUM.typed,
        callers=Callers(QUORUM.typed, QUORUM.oracle_set.signers, URL, now),
        orders=orders,
        registry=registry,
        vault=vault,
        jobs=Jobs(folder / "jobs", jobs, vault),
        checks=Checks(tuple(engines), orders, vault, checks, allowance),
        processes=(uploads, checks),
        scratch=folder,
        clock=now,
    )


@contextmanager
def served_node(folder: Path) -> Iterator[ServedNode]:
    """A node until the block ends."""
    registry, clock = FixedRegistry(), {"now": NOW}
    node = node_of(folder, registry, lambda: clock["now"])
    app = create_app(node)
    with TestClient(app, base_url=URL, raise_server_exceptions=False) as client:
        yield ServedNode(client, node, registry, folder, clock)


def problem(answer: Any, status: int, field: str | None = None) -> Any:
    """The problem of an answer with this status and field."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    found = answer.json()
    assert found["status"] == status and found["title"] and found["detail"]
    assert found.get("field") == field, found
    return found
