"""What an engine recorded while it made a track, as far as the oracles read it.

A replay judges whether the edits make the audio, and the likelihoods are published as they come.
The rest is judged here: that the trace is of this order, that it counts what its edits lay, and the
vectors that follow from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from oracle.domain import canonical, fields
from oracle.domain.attribution import PAYABLE, Vector, vector_of
from oracle.domain.audio import RATE
from oracle.domain.edits import require_counted
from oracle.domain.errors import InvalidInput
from oracle.domain.generation import seed_of
from oracle.domain.request import Request

SLOWEST, FASTEST = 30, 300
"""Tempo in beats a minute; a bar has four beats."""

LARGEST = 32 << 20
"""Bytes of a trace."""


@dataclass(frozen=True)
class Trace:
    """A trace that fits its request.

    Args:
        engine: name and version.
        frames: length of the track at 44.1 kHz.
        audio: recording id to the sha256 of its file, ascending id.
        vectors: rule to vector, for the rules that a trace alone yields.
    """

    engine: tuple[str, str]
    frames: int
    audio: Mapping[int, str]
    vectors: Mapping[str, Vector]


def read_trace(data: bytes, request: Request, generation: str) -> Trace:
    """Reads a trace and checks that it is of this request and generation.

    Args:
        data: canonical JSON.
        request: what was asked for; its references and weights must be the trace's.
        generation: the order's struct hash; the seed follows from it.

    Raises:
        InvalidInput: naming the field that is malformed or differs.
    """
    if len(data) > LARGEST:
        raise InvalidInput(f"must have at most {LARGEST} bytes", field="trace", value=len(data))
    found = canonical.loads_canonical(data, "trace")
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
    """Engines end on whole bars, so a track may miss the asked length by one of them."""
    bpm = fields.integer(found.get("bpm"), "trace.bpm", SLOWEST, FASTEST)
    frames = fields.integer(found.get("frames"), "trace.frames", 1, fields.UINT32_MAX)
    if abs(frames - request.length * RATE) * bpm > 4 * 60 * RATE:
        detail = f"is more than a bar from {request.length} seconds"
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
