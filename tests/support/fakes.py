"""Fakes of clock, node, pinner, withheld store and peer in memory; each can be made to fail."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from oracle.context import Context
from oracle.domain import canonical, fields
from oracle.domain.attribution import PAYABLE, items_of, vector_of
from oracle.domain.audio import largest_difference, read_wave
from oracle.domain.check import MOST_TOLD, Check
from oracle.domain.cid import blocks_of, cid_of, decode
from oracle.domain.copies import Copy, Decision
from oracle.domain.errors import NotFound
from oracle.domain.generation import seed_of
from oracle.domain.ordered import Ordered
from oracle.domain.proposal import Answer, Proposed
from oracle.domain.reservation import Ballot
from oracle.ports import Job
from oracle.quorum import attestations, cancelling, reservations, rulings
from oracle.quorum.sharing import shared_block
from tests.support.fake_chain import Switch
from tests.support.samples import NOW, laid, unmeasured, wave_of


class FakeClock:
    """A clock that moves only when something sleeps."""

    def __init__(self, now: int = NOW) -> None:
        self._now = now

    def now(self) -> int:
        return self._now

    def sleep(self, seconds: float) -> None:
        self._now += max(1, int(seconds))


class FakeNode(Switch):
    """Makes a track of tones from the seed, and its trace. A job is done after `looks` polls."""

    def __init__(self, url: str, payee: str, looks: int = 0) -> None:
        self.url, self._payee, self.looks = url, payee, looks
        self.jobs: dict[str, dict[str, Any]] = {}
        self.looked: dict[str, int] = {}
        self.spoil: dict[str, Any] = {}
        self.error: str | None = None
        self.started = 0
        self.missing: set[int] = set()
        self.bpm: dict[int, int] = {}
        self.alike: list[Copy] = []

    def payee(self) -> str:
        self._answer()
        return self._payee

    def held(self, recordings: Iterable[int]) -> dict[int, int]:
        self._answer()
        return {n: self.bpm.get(n, 0) for n in recordings if n not in self.missing}

    def copies(self, recordings: Iterable[int]) -> list[Copy]:
        self._answer()
        asked = set(recordings)
        return [copy for copy in self.alike if copy.recording in asked]

    def start(self, generation: str, job: Mapping[str, Any]) -> Job:
        self._answer()
        self.started += 1
        self.jobs[generation] = terms_of(generation, job)
        return self.job(generation)

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

    def records(self, generation: str) -> bytes:
        self._answer()
        if generation not in self.jobs:
            raise NotFound("no such job", value=generation)
        return canonical.dumps([{"of": generation}])

    def check(self, ordered: Ordered, trace: bytes, audio: bytes, records: bytes) -> Check:
        self._answer()
        if "lacks" in self.spoil and records != self.spoil["records"]:
            return Check(lacks=self.spoil["lacks"])
        found = canonical.loads(trace)
        made = {**compose(terms_again(ordered, found)), **self.spoil.get("trace", {})}
        return checked(made, found, audio, self.spoil.get("check"))

    def _vectors(self, generation: str) -> dict[str, Any]:
        trace = self._trace(generation)
        vectors = {rule: items_of(vector_of(trace, rule)) for rule in PAYABLE}
        return {**vectors, "shapley": vectors["declared"]}

    def _trace(self, generation: str) -> dict[str, Any]:
        return {**compose(self.jobs[generation]), **self.spoil.get("trace", {})}


def terms_of(generation: str, job: Mapping[str, Any]) -> dict[str, Any]:
    """What a node makes of a submitted job."""
    asked = job["request"]
    weights = {item["recording"]: item["weight"] for item in asked["references"]}
    return {
        "engine": asked["engine"], "length": asked["length"], "seed": str(seed_of(generation)),
        "references": [{**r, "weight": weights[r["recording"]]} for r in job["references"]],
        "controls": job.get("controls", {}),
    }  # fmt: skip


def compose(job: Mapping[str, Any]) -> dict[str, Any]:
    """A trace whose seconds follow the weights by largest deficit; a pure function of the job."""
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
        "refrain_trace": 2, "engine": {"name": job["engine"], "version": "2"},
        "seed": job["seed"], "rate": 44_100, "references": listed, "prior": [0, *weights],
        **laid(*seconds), **unmeasured(len(weights)), "controls": dict(job["controls"]),
        "log_likelihood": [[0] * (len(weights) + 1)] * 2 * len(seconds),
    }  # fmt: skip


def terms_again(ordered: Ordered, trace: Mapping[str, Any]) -> dict[str, Any]:
    """The terms from which another node composed a trace."""
    files = [
        {"recording": found["recording"], "audio": found["audio"]} for found in trace["references"]
    ]
    job = {"request": ordered.request.to_json(), "references": files}
    return {**terms_of("0x" + "00" * 32, job), "seed": trace["seed"]}


def checked(
    made: Mapping[str, Any], found: Mapping[str, Any], audio: bytes, again: bytes | None = None
) -> Check:
    """What a node says that composed `made` where a trace says `found`."""
    for name in ("frames", "bpm", "draws", "levels", "frames_drawn", "plan", "edits"):
        if made[name] != found[name]:
            return Check(differs=name)
    track = read_wave(again or render(found)).pcm
    steps = min(MOST_TOLD, largest_difference(track, read_wave(audio).pcm))
    return Check(steps=steps, gain=0, envelope=0, audible=0)


def render(trace: Mapping[str, Any]) -> bytes:
    """The track of a trace: one second of a tone for each harmonic edit."""
    edits = [edit for edit in trace["edits"] if edit["layer"] == "harmonic"]
    whole = b"".join(_tone(trace["seed"], edit["component"]) for edit in edits)
    return wave_of(whole[: trace["frames"] * 4])


def _tone(seed: str, draw: int) -> bytes:
    pattern = hashlib.sha256(f"{seed} {draw}".encode()).digest()[:20]
    return pattern * (44_100 * 4 // len(pattern))


class FakePinner(Switch):
    """Stores whole files by CID."""

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

    def block(self, cid: str) -> bytes:
        self._answer()
        return _block_in(self.files.values(), cid)

    def pinned(self, cid: str) -> bool:
        self._answer()
        return cid in self.files


def _block_in(files: Iterable[bytes], cid: str) -> bytes:
    for data in files:
        for name, block in blocks_of(data):
            if name == cid:
                return block
    raise NotFound("is not here", field="cid", value=cid)


class FakeWithheld(Switch):
    """Private files of each generation, with their dates."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.files: dict[str, dict[str, bytes]] = {}
        self.dates: dict[str, int] = {}

    def put(self, generation: str, data: bytes) -> str:
        cid = cid_of(data)
        self.files[generation] = {**self._of(generation), cid: data}
        self.dates[generation] = self.clock.now()
        return cid

    def fetch(self, generation: str, cid: str) -> bytes:
        decode(cid)
        if cid not in self._of(generation):
            raise NotFound("is not withheld", field="cid", value=cid)
        return self._of(generation)[cid]

    def block(self, generation: str, cid: str) -> bytes:
        decode(cid)
        return _block_in(self._of(generation).values(), cid)

    def holds(self, generation: str, cid: str) -> bool:
        decode(cid)
        return cid in self._of(generation)

    def drop(self, generation: str) -> None:
        self._of(generation)
        self.files.pop(generation, None)
        self.dates.pop(generation, None)

    def generations(self) -> Mapping[str, int]:
        self._answer()
        return dict(self.dates)

    def _of(self, generation: str) -> dict[str, bytes]:
        self._answer()
        return self.files.get(fields.word(generation, "generation"), {})


class FakePeer(Switch):
    """Another oracle in the same process, with its own context.

    Args:
        caller: the address of the oracle that asks it.
    """

    def __init__(self, url: str, caller: str) -> None:
        self.url, self.caller = url, caller
        self.context: Context | None = None
        self.blocks: Callable[[str], bytes] | None = None
        self.served: list[str] = []
        self.asked = 0
        self.spoil: tuple[str, str] | None = None

    def reserve(self, ordered: Ordered, ballot: Ballot) -> Answer:
        return reservations.grant(self._oracle(), ordered, ballot)

    def rule(
        self, decision: Decision, papers: Sequence[str], signatures: Mapping[str, str]
    ) -> tuple[str, str]:
        return rulings.agree(self._oracle(), decision, papers, signatures)

    def cancel(self, ordered: Ordered, signature: str) -> str:
        return cancelling.agree(self._oracle(), ordered, signature, self.caller)

    def attest(self, proposed: Proposed) -> tuple[str, str]:
        context = self._oracle()
        self.asked += 1
        return self.spoil or attestations.attest(context, proposed)

    def attest_batch(self, members: Sequence[Proposed]) -> tuple[str, str]:
        context = self._oracle()
        self.asked += 1
        return self.spoil or attestations.attest_batch(context, members)

    def _oracle(self) -> Context:
        self._answer()
        if self.context is None:
            raise RuntimeError("the peer was not wired")
        return self.context

    def block(self, generation: str, cid: str) -> bytes:
        self._answer()
        block = self.blocks(cid) if self.blocks else self._shared(generation, cid)
        self.served.append(cid)
        return block

    def _shared(self, generation: str, cid: str) -> bytes:
        return shared_block(self._oracle(), self.caller, generation, cid)
