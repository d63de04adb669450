"""The HTTP client of a generation node."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx

from oracle.adapters.chain.deployment import address
from oracle.adapters.http_client import Service
from oracle.adapters.signing.calls import CallSigner
from oracle.domain import audio, canonical, fields, trace
from oracle.domain.check import LARGEST_RECORDS, Check, check_from
from oracle.domain.copies import Copy, parse_copies
from oracle.domain.errors import Inconsistent, InvalidInput, Unauthorised, Unavailable
from oracle.domain.holdings import parse_held
from oracle.domain.ordered import Ordered, signed_json
from oracle.ports import Job

STATES = ("queued", "running", "done", "failed")

CHECK_SECONDS = 300.0

BRIEF_SECONDS = 3.0
"""Total time of a question that a quote waits for."""

PAUSES = 2.0
"""Seconds to wait for a node that asks for a pause; the worker waits longer."""

_GENERATION = re.compile(r"0x[0-9a-f]{64}")


class HttpGenerationNode:
    """Implements ports.GenerationNode.

    Every method raises Unavailable when the node does not answer or does not accept this oracle's
    calls, NotFound when it does not know a job, and otherwise the error that the node returns.

    Args:
        url: the node's URL, without ``/v1``, as the node knows it (its `REFRAIN_URL`).
        signer: signs each request with the oracle's key.
        seconds: total time of a request, except for checks and brief questions.
    """

    def __init__(self, url: str, signer: CallSigner, seconds: float = 30.0) -> None:
        self._node = Service(url, "the generation node", seconds=seconds, signer=signer,
                             patience=PAUSES)  # fmt: skip
        self.url = self._node.url
        self._payee = ""

    def __repr__(self) -> str:
        return f"HttpGenerationNode({self.url})"

    def payee(self) -> str:
        """The EIP-55 address that receives the node's fee, the same for as long as this runs.

        A node that named another one later could pass for the node that checks its own track.
        """
        answer = _keys(self._node.json("GET", "/v1/health", seconds=BRIEF_SECONDS))
        found = address(answer.get("payee"), "health.payee")
        self._payee = self._payee or found
        if found != self._payee:
            detail = f"was {self._payee} before; the oracle must be started again to accept another"
            raise Unavailable(detail, field="health.payee", value=found)
        return found

    def held(self, recordings: Iterable[int]) -> dict[int, int]:
        """Tempi of those of some recordings that the node's vault holds, by recording; asks nothing
        about none.
        """
        asked = list(recordings)
        if not asked:
            return {}
        with _accepted():
            body = {"recordings": asked}
            answer = _keys(self._node.json("POST", "/v1/held", body, seconds=BRIEF_SECONDS))
        found = parse_held(answer.get("held"), "held", len(asked))
        return {number: bpm for number, bpm in found.items() if number in set(asked)}

    def copies(self, recordings: Iterable[int]) -> list[Copy]:
        """The copies of some recordings among all that the node holds; asks nothing about none."""
        asked = list(recordings)
        if not asked:
            return []
        with _accepted():
            body = {"recordings": asked}
            answer = _keys(self._node.json("POST", "/v1/copies", body, seconds=BRIEF_SECONDS))
        found = parse_copies(answer.get("copies"), "copies")
        return [copy for copy in found if copy.recording in set(asked)]

    def start(self, generation: str, job: Mapping[str, Any]) -> Job:
        """Queues the job of an order. The same job is queued once; the node refuses another one
        of the order as a Conflict.

        Args:
            generation: the order's struct hash, 0x-hex.
        """
        with _accepted():
            return _job(self._node.json("POST", "/v1/jobs", dict(job)), generation)

    def job(self, generation: str) -> Job:
        """The state of a job that this oracle started. NotFound for another oracle's job."""
        with _accepted():
            return _job(self._node.json("GET", self._path(generation)), generation)

    def audio(self, generation: str) -> bytes:
        """The finished track, a WAV file."""
        with _accepted():
            return self._node.content("GET", self._path(generation) + "/audio", None, audio.LARGEST)

    def trace(self, generation: str) -> bytes:
        """The finished track's trace, canonical JSON."""
        with _accepted():
            return self._node.content("GET", self._path(generation) + "/trace", None, trace.LARGEST)

    def records(self, generation: str) -> bytes:
        """The analysis records from which a finished track was composed, a JSON list."""
        path = self._path(generation) + "/records"
        with _accepted():
            return self._node.content("GET", path, None, LARGEST_RECORDS)

    def check(self, ordered: Ordered, trace: bytes, audio: bytes, records: bytes) -> Check:
        """What the node finds when it composes and renders a track again, from its own vault."""
        data, kind = _form(ordered, trace, audio, records)
        headers = {"Content-Type": kind}
        with _accepted():
            answer = self._node.content(
                "POST", "/v1/checks", data, seconds=CHECK_SECONDS, headers=headers
            )
        return check_from(canonical.loads(answer))

    def _path(self, generation: str) -> str:
        if not _GENERATION.fullmatch(generation):
            raise InvalidInput("must be 32 bytes in 0x-hex", field="generation", value=generation)
        return f"/v1/jobs/{generation}"


@contextmanager
def _accepted() -> Iterator[None]:
    """Turns the node's refusal of a caller, a clock or a lease into an error that may pass."""
    try:
        yield
    except Unauthorised as error:
        raise Unavailable(error.detail, field=error.field, value=error.value) from error


def _form(ordered: Ordered, trace: bytes, audio: bytes, records: bytes) -> tuple[bytes, str]:
    """The body of a check and its content type."""
    files = {
        "order": ("order.json", canonical.dumps(signed_json(ordered)), "application/json"),
        "trace": ("trace.json", trace, "application/json"),
        "audio": ("audio.wav", audio, "audio/wav"),
        "records": ("records.json", records, "application/json"),
    }
    made = httpx.Request("POST", "http://node", files=files)
    return made.read(), made.headers["Content-Type"]


def _job(value: Any, generation: str) -> Job:
    found = _keys(value)
    if found.get("id") != generation:
        raise Inconsistent("is another job's", field="id", value=found.get("id"))
    vectors = found.get("vectors")
    if vectors is not None and not isinstance(vectors, dict):
        raise InvalidInput("must be an object", field="vectors", value=type(vectors).__name__)
    return Job(
        id=generation,
        state=fields.choice(found.get("state"), "state", STATES),
        progress=fields.integer(found.get("progress"), "progress", 0, 100),
        error=_error(found.get("error")),
        vectors=vectors,
    )


def _error(value: Any) -> str | None:
    if value is None:
        return None
    found = _keys(value)
    return f"{found.get('title', 'Failed')}: {found.get('detail', '')}"[:500]


def _keys(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise InvalidInput("must be an object", field="answer", value=type(value).__name__)
    return value
