"""What a node finds when it checks another node's track, and what an oracle requires of that.

1. Any oracle: the trace is the order's, and counts what it plays (`trace.py`).
2. Another node: the edits render to this very audio, at this loudness.
3. Another node: composing again from analysis records gives this trace.

A node tells small numbers and a name only: an answer must not describe a recording.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from oracle.domain import fields
from oracle.domain.attribution import MOST_REFERENCES
from oracle.domain.edits import RANGES
from oracle.domain.errors import Inconsistent, Unavailable

MOST_TOLD = 16
"""The largest number of an answer; it stands for every larger one."""

LARGEST_RECORDS = 32 << 20
"""Bytes of the analysis records of one track, as JSON."""

COMPOSED = (
    "frames", "bpm", "references.record", "references.shift", "draws", "levels", "frames_drawn",
    "log_likelihood", "plan", "groups", "edits", "edits.layer",
    *(f"edits.{name}" for name in RANGES),
)  # fmt: skip
"""The fields of a trace that composing again gives. It starts from `references.record` and
`groups`, which the node compares with its own."""


@dataclass(frozen=True)
class Check:
    """What a node found; what it did not get to has the largest number.

    Args:
        lacks: recordings of which the node needs the maker's analysis records, ascending. Nothing
            else was checked if there are any.
        differs: the first field of `COMPOSED` that composing again gives otherwise, or empty.
        steps: the largest difference of two samples, in steps of the last of 16 bits.
        gain, envelope: the difference of the mastering, in thousandths.
        audible: the largest difference of an energy, in 1/100,000 of their sum.
    """

    lacks: tuple[int, ...] = ()
    differs: str = ""
    steps: int = MOST_TOLD
    gain: int = MOST_TOLD
    envelope: int = MOST_TOLD
    audible: int = MOST_TOLD

    def to_json(self) -> dict[str, Any]:
        """The answer of a node."""
        return {
            "lacks": list(self.lacks), "differs": self.differs,
            **{name: getattr(self, name) for name in MEASURES},
        }  # fmt: skip


@dataclass(frozen=True)
class Requirement:
    """What an engine's tracks must pass: its version, and the most of each measure."""

    version: str
    steps: int
    gain: int
    envelope: int
    audible: int


MEASURES: dict[str, str] = {
    "gain": "trace.gain",
    "envelope": "trace.envelope",
    "audible": "trace.audible",
    "steps": "audio",
}
"""Each measure, and the field that it is about."""

REQUIRED: dict[str, Requirement] = {
    # Processors rarely round differently, but they can.
    "mosaic": Requirement("2", steps=1, gain=5, envelope=5, audible=10),
}
"""The engines whose tracks an oracle signs, whatever a node says that it can check."""


def required(engine: tuple[str, str]) -> Requirement:
    """What a track of an engine must pass.

    Args:
        engine: name and version.

    Raises:
        Inconsistent: no oracle signs tracks of this engine or version.
    """
    name, version = engine
    known = REQUIRED.get(name)
    if known is None or known.version != version:
        detail = "is not an engine whose tracks can be checked"
        raise Inconsistent(detail, field="trace.engine", value=f"{name} {version}")
    return known


def require_passed(requirement: Requirement, found: Check) -> None:
    """Raises unless a check found nothing wrong.

    Raises:
        Inconsistent: names the field of the trace, or the audio.
        Unavailable: the check could not be made.
    """
    if found.lacks:
        value = ", ".join(map(str, found.lacks))
        detail = "cannot be checked without its maker's analysis record"
        raise Unavailable(detail, field="trace.references.record", value=value)
    if found.differs:
        detail = "is not what composing the track again gives"
        raise Inconsistent(detail, field=f"trace.{found.differs}")
    for name, field in MEASURES.items():
        most, value = getattr(requirement, name), getattr(found, name)
        if value > most:
            detail = f"is not what the trace renders to: {name} differs by {value}, at most {most}"
            raise Inconsistent(detail, field=field, value=value)


def check_from(value: Any) -> Check:
    """A node's answer from parsed JSON. Raises InvalidInput that names the wrong field."""
    found: Mapping[str, Any] = fields.mapping(value, "answer", ("lacks", "differs", *MEASURES))
    lacks: list[int] = []
    listed = fields.listing(found["lacks"], "answer.lacks", 0, MOST_REFERENCES)
    for index, item in enumerate(listed):
        least = lacks[-1] + 1 if lacks else 1
        lacks.append(fields.integer(item, f"answer.lacks[{index}]", least, fields.UINT32_MAX))
    measures = {
        name: fields.integer(found[name], f"answer.{name}", 0, MOST_TOLD) for name in MEASURES
    }
    differs = fields.choice(found["differs"], "answer.differs", ("", *COMPOSED))
    return Check(lacks=tuple(lacks), differs=differs, **measures)
