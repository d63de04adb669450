"""The parts of an engine's trace that an oracle checks.

This module checks the form of a trace, that it belongs to the order, and the frames that its edits
play, and it computes the vectors. A check at another generation node (`check.py`) composes the
track again and compares its sound.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from oracle.domain import canonical, fields
from oracle.domain.attribution import PAYABLE, Vector, vector_of
from oracle.domain.audio import RATE, Wave
from oracle.domain.controls import Controls, read_controls
from oracle.domain.edits import require_counted
from oracle.domain.errors import Inconsistent, InvalidInput
from oracle.domain.generation import seed_of
from oracle.domain.groups import read_groups
from oracle.domain.heard import LAYERS
from oracle.domain.plan import read_plan
from oracle.domain.prompt_words import controls_of
from oracle.domain.recording import Recording
from oracle.domain.request import Request
from oracle.domain.trace_numbers import require_numbers

VERSION = 2
"""The version of a trace. Oracles read no other: an upgrade does not open its original's trace."""

KEYS = frozenset(
    {"refrain_trace", "engine", "seed", "rate", "frames", "bpm", "references", "prior", "draws"}
    | {"levels", "frames_drawn", "log_likelihood", "audible", "separation", "edits", "gain"}
    | {"envelope", "plan", "controls", "groups"}
)
REFERENCE_KEYS = ("recording", "audio", "record", "shift")

MOST_SHIFT = 3
"""Semitones by which a reference's harmonic layer may be moved, up or down."""

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
        controls: integers that steered the composition, by name.
        vectors: rule to vector, for the payable rules.
    """

    engine: tuple[str, str]
    frames: int
    audio: Mapping[int, str]
    controls: Controls
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
    version = found.get("refrain_trace") if isinstance(found, dict) else None
    if type(version) is not int or version != VERSION:
        detail = f"is not a trace of version {VERSION}"
        raise InvalidInput(detail, field="trace.refrain_trace", value=version)
    fields.mapping(found, "trace", KEYS)
    _same(found.get("seed"), str(seed_of(generation)), "trace.seed")
    _same(found.get("rate"), RATE, "trace.rate")
    trace = Trace(
        engine=_engine(found.get("engine"), request),
        frames=_frames(found, request),
        audio=_references(found, request),
        controls=read_controls(found["controls"], "trace.controls"),
        vectors={rule: vector_of(found, rule) for rule in PAYABLE},
    )
    units, components = len(found["draws"]), len(request.references)
    require_numbers(found, units, components)
    require_counted(found)
    read_plan(found["plan"], "trace.plan", units // len(LAYERS))
    read_groups(found["groups"], "trace.groups", components)
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
        got = fields.mapping(item, place, REFERENCE_KEYS)
        _same(got["recording"], reference.recording, f"{place}.recording")
        audio[reference.recording] = fields.digest(got["audio"], f"{place}.audio")
        fields.digest(got["record"], f"{place}.record")
        fields.integer(got["shift"], f"{place}.shift", -MOST_SHIFT, MOST_SHIFT)
    _weights(found["prior"], [0, *(r.weight for r in asked)])
    return audio


def _weights(found: Any, wanted: list[int]) -> None:
    """JSON has one text for 0 and one for false, but Python compares them as equal."""
    if not isinstance(found, list) or found != wanted or any(type(w) is not int for w in found):
        raise InvalidInput(f"must be {wanted}", field="trace.prior", value=found)


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


def require_steered(trace: Trace, prompt: str) -> None:
    """Raises Inconsistent unless the prompt's words give the controls; the error holds no words."""
    if trace.controls != controls_of(prompt):
        detail = "are not those of the order's prompt"
        raise Inconsistent(detail, field="trace.controls", value=trace.controls)
