"""The parts of an engine's trace that an oracle checks.

This module checks that the trace belongs to the order and counts the frames that its edits play,
and it computes the vectors. A replay at a generation node checks that the edits produce the audio.
The likelihoods are published unchecked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from oracle.domain import canonical, fields
from oracle.domain.attribution import PAYABLE, Vector, vector_of
from oracle.domain.audio import RATE, Wave
from oracle.domain.edits import require_counted
from oracle.domain.errors import Inconsistent, InvalidInput
from oracle.domain.generation import seed_of
from oracle.domain.recording import Recording
from oracle.domain.request import Request

SLOWEST, FASTEST = 30, 300
"""Tempo in beats per minute; a bar has four beats."""

LARGEST = 8 << 20
"""Bytes of the largest trace that anything here reads; 120 s of 12 references make about 1 MiB."""

MOST_VALUES = 500_000
"""Values in it, so that it takes less than 60 MiB when it is read; 1 MiB of edits has 160,000."""


@dataclass(frozen=True)
class Trace:
    """A trace that belongs to its request.

    Args:
        engine: name and version.
        frames: length of the track at 44.1 kHz.
        audio: recording id to the sha256 of its file, ascending id.
        vectors: rule to vector, for the payable rules.
    """

    engine: tuple[str, str]
    frames: int
    audio: Mapping[int, str]
    vectors: Mapping[str, Vector]


def read_trace(data: bytes, request: Request, generation: str) -> Trace:
    """Parses a trace and checks that it belongs to this request and generation.

    Args:
        data: canonical JSON.
        request: its references and weights must be the trace's.
        generation: the order's struct hash, 0x-hex; it determines the seed.

    Raises:
        InvalidInput: names the field that is malformed or differs.
    """
    if len(data) > LARGEST:
        raise InvalidInput(f"must have at most {LARGEST} bytes", field="trace", value=len(data))
    found = canonical.loads_canonical(data, "trace", MOST_VALUES)
    if not isinstance(found, dict) or found.get("refrain_trace") != 1:
        raise InvalidInput("is not a trace of version 1", field="trace.refrain_trace")
    _same(found.get("seed"), str(seed_of(generation)), "trace.seed")
    _same(found.get("rate"), RATE, "trace.rate")
    trace = Trace(
        engine=_engine(found.get("engine"), request),
        frames=_frames(found, request),
        audio=_references(found, request),
        vectors={rule: vector_of(found, rule) for rule in PAYABLE},
    )
    require_counted(found)
    return trace


def _engine(value: Any, request: Request) -> tuple[str, str]:
    engine = fields.mapping(value, "trace.engine", ("name", "version"))
    _same(engine["name"], request.engine, "trace.engine.name")
    return request.engine, fields.text(engine["version"], "trace.engine.version", 40)


def _frames(found: Mapping[str, Any], request: Request) -> int:
    """The length of the track. Engines end on a full bar, so it may differ by one bar."""
    bpm = fields.integer(found.get("bpm"), "trace.bpm", SLOWEST, FASTEST)
    frames = fields.integer(found.get("frames"), "trace.frames", 1, fields.UINT32_MAX)
    if abs(frames - request.length * RATE) * bpm > 4 * 60 * RATE:
        detail = f"differs by more than a bar from {request.length} seconds"
        raise InvalidInput(detail, field="trace.frames", value=frames)
    return frames


def _references(found: Mapping[str, Any], request: Request) -> dict[int, str]:
    asked = request.references
    listed = fields.listing(found.get("references"), "trace.references", len(asked), len(asked))
    audio = {}
    for index, (item, reference) in enumerate(zip(listed, asked, strict=True)):
        place = f"trace.references[{index}]"
        got = item if isinstance(item, dict) else {}
        _same(got.get("recording"), reference.recording, f"{place}.recording")
        audio[reference.recording] = fields.digest(got.get("audio"), f"{place}.audio")
    _same(found.get("prior"), [0, *(r.weight for r in asked)], "trace.prior")
    return audio


def _same(found: Any, wanted: Any, field: str) -> None:
    if type(found) is not type(wanted) or found != wanted:
        raise InvalidInput(f"must be {wanted}", field=field, value=found)


def require_fitting(wave: Wave, trace: Trace, recordings: Mapping[int, Recording]) -> None:
    """Raises Inconsistent unless the trace has the audio's length and uses the registered files."""
    if wave.frames != trace.frames:
        raise Inconsistent(
            "differs from the length of the audio", field="trace.frames", value=trace.frames
        )
    for number, found in trace.audio.items():
        if found != recordings[number].audio:
            detail = f"is not the registered file of recording {number}"
            raise Inconsistent(detail, field="trace.references", value=found)
