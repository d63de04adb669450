"""A generation node of a simulation: tracks of eight samples, made at once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from generator.node import submission
from generator.node.orders import Orders
from oracle.domain import canonical
from oracle.domain.check import Check
from oracle.domain.heard import FLOOR
from oracle.domain.ordered import Ordered
from oracle.domain.plan import plan_json, whole
from oracle.domain.request import ENGINES
from oracle.ports import Job
from tests.simulation.clock import OwnClock
from tests.support.fakes import FakeNode, checked, terms_again
from tests.support.samples import unmeasured, wave_of

FRAMES = 8
"""A track may be a bar shorter than asked; at 30 beats a minute a bar is longer than the track."""

BPM = 30


class TinyNode(FakeNode):
    """Makes tracks of a part of a beat, so that a whole run takes milliseconds.

    It takes a job as a real node does: only with the payer's order and reservations of the set.

    Args:
        made: sha256 of each file that a node gave out, to its generation; shared by the nodes.
        begun: called with its payee and the id of each generation that it begins to make.
    """

    clock: OwnClock

    def __init__(
        self,
        url: str,
        payee: str,
        orders: Orders,
        made: dict[str, str],
        begun: Callable[[str, str], None],
    ) -> None:
        super().__init__(url, payee)
        self._orders, self._made, self._begun = orders, made, begun

    def begin(self, caller: str, generation: str, job: Mapping[str, Any]) -> Job:
        """Starts a job for the oracle with this address."""
        self._answer()
        sent = canonical.loads(canonical.dumps(job))
        terms = submission.read(sent, ENGINES, self._orders, caller)
        if terms["id"] not in self.jobs:
            self._begun(self._payee, terms["id"])
        self.jobs[terms["id"]] = terms
        return self.job(generation)

    def _trace(self, generation: str) -> dict[str, Any]:
        return compose(self.jobs[generation])

    def audio(self, generation: str) -> bytes:
        self._answer()
        return self._note(generation, render(self._trace(generation)))

    def trace(self, generation: str) -> bytes:
        return self._note(generation, super().trace(generation))

    def check(self, ordered: Ordered, trace: bytes, audio: bytes, records: bytes) -> Check:
        self._answer()
        self._orders.require_signed(ordered)
        found = canonical.loads(trace)
        return checked(compose(terms_again(ordered, found)), found, audio, render(found))

    def _note(self, generation: str, data: bytes) -> bytes:
        self._made[hashlib.sha256(data).hexdigest()] = generation
        return data


class Client:
    """One oracle's client of a node; implements ports.GenerationNode."""

    def __init__(self, node: TinyNode, caller: str) -> None:
        self._node, self._caller = node, caller
        self.url = node.url

    def start(self, generation: str, job: Mapping[str, Any]) -> Job:
        return self._node.begin(self._caller, generation, job)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._node, name)


def compose(job: Mapping[str, Any]) -> dict[str, Any]:
    """A trace of one beat: one layer plays the first reference, the other one the last."""
    listed = [
        {"recording": r["recording"], "audio": r["audio"], "record": "0" * 64, "shift": 0}
        for r in job["references"]
    ]
    draws = [1, len(listed)]
    edits = [
        {
            "layer": layer, "start": 0, "component": draws[unit], "source": 0, "length": FRAMES,
            "step": 1024, "gain": 65_536, "fade_in": 0, "fade_out": 0, "unit": unit,
        }
        for unit, layer in enumerate(("harmonic", "percussive"))
    ]  # fmt: skip
    return {
        "refrain_trace": 2, "engine": {"name": job["engine"], "version": "2"},
        "seed": job["seed"], "rate": 44_100, "references": listed,
        "prior": [0, *(r["weight"] for r in job["references"])], "bpm": BPM, "frames": FRAMES,
        "edits": edits, "draws": draws, "frames_drawn": [FRAMES // 2] * 2,
        "levels": [FRAMES * FLOOR] * 2, "log_likelihood": [[0] * (len(listed) + 1)] * 2,
        "plan": plan_json(whole(1)), **unmeasured(len(listed)),
        "controls": dict(job["controls"]),
    }  # fmt: skip


def render(trace: Mapping[str, Any]) -> bytes:
    """The track of a trace, a WAV file."""
    played = f"{trace['seed']} {trace['draws']}"
    return wave_of(hashlib.sha256(played.encode()).digest()[: FRAMES * 4])
