"""One requested generation: its terms, its state, and the file that stores both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from generator import atomic_files
from oracle.domain import canonical, fields
from oracle.domain.attribution import MILLION, MOST_REFERENCES
from oracle.domain.controls import read_controls
from oracle.domain.errors import Inconsistent, InvalidInput
from oracle.domain.request import LONGEST, SHORTEST

MOST_LEADERS = 255

QUEUED, RUNNING, DONE, FAILED = "queued", "running", "done", "failed"

_KEYS = ("id", "engine", "length", "seed", "references", "controls")
_REFERENCE = ("recording", "audio", "weight")
_STORED = ("refrain_job", "number", "body", "leaders", "state", "error", "result")


@dataclass(frozen=True)
class Job:
    """A job as its file holds it.

    Args:
        number: order of arrival, from 1.
        body: as `read_terms` returns it.
        leaders: EIP-55 addresses of the oracles that submitted it; only they may read it.
        state: queued, running, done or failed.
        error: {title, detail} of a failed job.
        result: {audio, trace, vectors} of a finished job.
    """

    number: int
    body: Mapping[str, Any]
    leaders: tuple[str, ...] = ()
    state: str = QUEUED
    error: Mapping[str, Any] | None = None
    result: Mapping[str, Any] | None = None

    @property
    def id(self) -> str:
        return str(self.body["id"])

    def led_by(self, leader: str) -> Job:
        """The job, also submitted by this oracle."""
        return replace(self, leaders=tuple(dict.fromkeys((*self.leaders, leader))))

    def queued(self) -> Job:
        return replace(self, state=QUEUED, error=None, result=None)

    def running(self) -> Job:
        return replace(self, state=RUNNING)

    def done(self, result: Mapping[str, Any]) -> Job:
        return replace(self, state=DONE, result=result)

    def failed(self, title: str, detail: str) -> Job:
        return replace(self, state=FAILED, error={"title": title, "detail": detail})

    def view(self, progress: int) -> dict[str, Any]:
        """The job as the HTTP interface shows it; `progress` in 0..100."""
        shown = {"id": self.id, "state": self.state, "progress": progress, "error": self.error}
        return shown | dict(self.result or {})

    def save(self, path: Path) -> None:
        """Write the job's file, complete or not at all."""
        stored = {
            "refrain_job": 2,
            "number": self.number,
            "body": dict(self.body),
            "leaders": list(self.leaders),
            "state": self.state,
            "error": self.error,
            "result": self.result,
        }
        atomic_files.write(path, canonical.dumps(stored))


def load(path: Path) -> Job:
    """Read a job from its file.

    Raises:
        FileNotFoundError: the file does not exist.
        Inconsistent: the file is not one that this node wrote.
    """
    content = path.read_bytes()
    try:
        found = fields.mapping(canonical.loads(content), "job", _STORED)
        return Job(
            number=fields.integer(found["number"], "job.number", 1, fields.UINT64_MAX),
            body=read_terms(found["body"]),
            leaders=tuple(fields.listing(found["leaders"], "job.leaders", 0, MOST_LEADERS)),
            state=fields.choice(found["state"], "job.state", (QUEUED, RUNNING, DONE, FAILED)),
            error=found["error"],
            result=found["result"],
        )
    except InvalidInput as error:
        raise Inconsistent(f"cannot be read back: {error}", field="job", value=path.name) from error


def read_terms(value: Any) -> dict[str, Any]:
    """A job's terms from parsed JSON; checks every field and sorts references by recording.

    Raises:
        InvalidInput: names the field, such as ``references[1].weight``, and its value.
    """
    found = fields.mapping(value, "", _KEYS)
    return {
        "id": fields.word(found["id"], "id"),
        "engine": fields.text(found["engine"], "engine", 64),
        "length": fields.integer(found["length"], "length", SHORTEST, LONGEST),
        "seed": str(fields.decimal(found["seed"], "seed", fields.UINT64_MAX)),
        "references": _references(found["references"]),
        "controls": read_controls(found["controls"], "controls"),
    }


def _references(value: Any) -> list[dict[str, Any]]:
    listed = fields.listing(value, "references", 1, MOST_REFERENCES)
    references = [_reference(item, f"references[{index}]") for index, item in enumerate(listed)]
    ids = [reference["recording"] for reference in references]
    if len(set(ids)) != len(ids):
        raise InvalidInput("names a recording twice", field="references", value=ids)
    total = sum(reference["weight"] for reference in references)
    if total != MILLION:
        raise InvalidInput(f"must sum to {MILLION}", field="references", value=total)
    return sorted(references, key=lambda reference: int(reference["recording"]))


def _reference(value: Any, place: str) -> dict[str, Any]:
    found = fields.mapping(value, place, _REFERENCE)
    return {
        "recording": fields.integer(found["recording"], f"{place}.recording", 1, fields.UINT32_MAX),
        "audio": fields.digest(found["audio"], f"{place}.audio"),
        "weight": fields.integer(found["weight"], f"{place}.weight", 1, MILLION),
    }
