"""A generation node, spoken to over HTTP."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from oracle.adapters.chain.deployment import address
from oracle.adapters.service import MEBIBYTE, Service
from oracle.domain import fields
from oracle.domain.errors import Inconsistent, InvalidInput
from oracle.ports import Job

STATES = ("queued", "running", "done", "failed")

LARGEST_AUDIO = 24 * MEBIBYTE
"""120 s of 16-bit stereo at 44.1 kHz are 20.2 MiB."""

LARGEST_TRACE = 16 * MEBIBYTE
REPLAY_SECONDS = 300.0

_GENERATION = re.compile(r"0x[0-9a-f]{64}")


class HttpGenerationNode:
    """Implements ports.GenerationNode.

    Every method raises Unavailable when the node does not answer, and the error that the node
    itself names; NotFound when it does not know a job.

    Args:
        url: of the node, without ``/v1``.
        token: the node's bearer token.
        seconds: the whole time of a request, replays aside.
    """

    def __init__(self, url: str, token: str, seconds: float = 30.0) -> None:
        self._node = Service(url, "the generation node", token, seconds)
        self.url = self._node.url

    def __repr__(self) -> str:
        return f"HttpGenerationNode({self.url}, ********)"

    def payee(self) -> str:
        """EIP-55 address that is paid the node's fee."""
        return address(_keys(self._node.json("GET", "/v1/health")).get("payee"), "health.payee")

    def start(self, job: Mapping[str, Any]) -> Job:
        """Queues a job; the same job again is the same job, another with its id a Conflict."""
        return _job(self._node.json("POST", "/v1/jobs", dict(job)), str(job["id"]))

    def job(self, generation: str) -> Job:
        """Where a job stands."""
        return _job(self._node.json("GET", self._path(generation)), generation)

    def audio(self, generation: str) -> bytes:
        """The finished track, a WAV file."""
        return self._node.content("GET", self._path(generation) + "/audio", None, LARGEST_AUDIO)

    def trace(self, generation: str) -> bytes:
        """The finished track's trace, canonical JSON."""
        return self._node.content("GET", self._path(generation) + "/trace", None, LARGEST_TRACE)

    def replay(self, trace: bytes) -> bytes:
        """A trace rendered again from the node's own vault, a WAV file."""
        headers = {"Content-Type": "application/json"}
        return self._node.content(
            "POST", "/v1/replays", trace, LARGEST_AUDIO, REPLAY_SECONDS, headers
        )

    def _path(self, generation: str) -> str:
        if not _GENERATION.fullmatch(generation):
            raise InvalidInput("must be 32 bytes in 0x-hex", field="generation", value=generation)
        return f"/v1/jobs/{generation}"


def _job(value: Any, generation: str) -> Job:
    found = _keys(value)
    if found.get("id") != generation:
        raise Inconsistent("the node answered for another job", field="id", value=found.get("id"))
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
