"""A world in memory that behaves, and of which anything can be made to fail."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from oracle import attesting
from oracle.domain import canonical
from oracle.domain.attestation import Attestation, Attested
from oracle.domain.attribution import items_of, vector_of
from oracle.domain.cid import cid_of
from oracle.domain.errors import NotFound
from oracle.domain.order import Order
from oracle.ports import Job
from oracle.world import World
from tests.fake_chain import Switch
from tests.samples import NOW, laid, wave_of


class FakeClock:
    """Time that passes only by sleeping."""

    def __init__(self, now: int = NOW) -> None:
        self._now = now

    def now(self) -> int:
        return self._now

    def sleep(self, seconds: float) -> None:
        self._now += max(1, int(seconds))


class FakeNode(Switch):
    """Makes a track of tones by seed, and the trace that renders it again; `looks` until done."""

    def __init__(self, url: str, payee: str, looks: int = 0) -> None:
        self.url, self._payee, self.looks = url, payee, looks
        self.jobs: dict[str, dict[str, Any]] = {}
        self.looked: dict[str, int] = {}
        self.spoil: dict[str, Any] = {}
        self.error: str | None = None
        self.started = 0

    def payee(self) -> str:
        self._answer()
        return self._payee

    def start(self, job: Mapping[str, Any]) -> Job:
        self._answer()
        self.started += 1
        self.jobs[job["id"]] = dict(job)
        return self.job(job["id"])

    def job(self, generation: str) -> Job:
        self._answer()
        if generation not in self.jobs:
            raise NotFound("no such job", value=generation)
        seen = self.looked[generation] = self.looked.get(generation, -1) + 1
        if self.error:
            return Job(generation, "failed", 0, self.error, None)
        if seen < self.looks:
            return Job(generation, "running", 100 * seen // self.looks, None, None)
        return Job(
            generation, "done", 100, None, self.spoil.get("vectors", self._vectors(generation))
        )

    def audio(self, generation: str) -> bytes:
        self._answer()
        return self.spoil.get("audio") or render(self._trace(generation))

    def trace(self, generation: str) -> bytes:
        self._answer()
        return canonical.dumps(self._trace(generation))

    def replay(self, trace: bytes) -> bytes:
        self._answer()
        return self.spoil.get("replay") or render(canonical.loads(trace))

    def _vectors(self, generation: str) -> dict[str, Any]:
        trace = self._trace(generation)
        vectors = {rule: items_of(vector_of(trace, rule)) for rule in ("realised", "declared")}
        return {**vectors, "audible": vectors["declared"]}

    def _trace(self, generation: str) -> dict[str, Any]:
        return {**compose(self.jobs[generation]), **self.spoil.get("trace", {})}


def compose(job: Mapping[str, Any]) -> dict[str, Any]:
    """A trace whose seconds are drawn by largest deficit; a pure function of the job."""
    weights = [reference["weight"] for reference in job["references"]]
    taken = [0] * len(weights)
    for second in range(1, job["length"] + 1):
        deficits = [second * w - t * 1_000_000 for w, t in zip(weights, taken, strict=True)]
        taken[deficits.index(max(deficits))] += 1
    seconds = [component for component, n in enumerate(taken, 1) for _ in range(n)]
    listed = [
        {"recording": r["recording"], "audio": r["audio"], "record": "0" * 64, "shift": 0}
        for r in job["references"]
    ]
    return {
        "refrain_trace": 1, "engine": {"name": job["engine"], "version": "1"},
        "seed": job["seed"], "rate": 44_100, "references": listed, "prior": [0, *weights],
        **laid(*seconds), "log_likelihood": [], "strength": [], "audible": [],
        "separation": {}, "gain": 65_536,
    }  # fmt: skip


def render(trace: Mapping[str, Any]) -> bytes:
    """The track of a trace: a second of one tone for each edit of a layer; reads nothing else."""
    edits = [edit for edit in trace["edits"] if edit["layer"] == "harmonic"]
    whole = b"".join(_tone(trace["seed"], edit["component"]) for edit in edits)
    return wave_of(whole[: trace["frames"] * 4])


def _tone(seed: str, draw: int) -> bytes:
    pattern = hashlib.sha256(f"{seed} {draw}".encode()).digest()[:20]
    return pattern * (44_100 * 4 // len(pattern))


class FakePinner(Switch):
    """A store of whole files by CID."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def pin(self, data: bytes) -> str:
        self._answer()
        cid = cid_of(data)
        self.files[cid] = data
        return cid

    def fetch(self, cid: str) -> bytes:
        self._answer()
        if cid not in self.files:
            raise NotFound("is not pinned", field="cid", value=cid)
        return self.files[cid]

    def pinned(self, cid: str) -> bool:
        self._answer()
        return cid in self.files


class FakePeer(Switch):
    """Another oracle in the same process, with a world of its own."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.world: World | None = None
        self.asked = 0
        self.spoil: tuple[str, str] | None = None

    def attest(self, order: Order, signature: str, attestation: Attestation) -> tuple[str, str]:
        self._answer()
        self.asked += 1
        if self.spoil:
            return self.spoil
        if self.world is None:
            raise RuntimeError("the peer was not wired")
        return attesting.attest(self.world, order, signature, attestation)

    def attest_batch(self, members: Sequence[Attested]) -> tuple[str, str]:
        self._answer()
        self.asked += 1
        if self.spoil:
            return self.spoil
        if self.world is None:
            raise RuntimeError("the peer was not wired")
        return attesting.attest_batch(self.world, members)
