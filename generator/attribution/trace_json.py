"""Reads a trace from any source; checks every field before use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from generator.attribution.trace import LAYERS, MILLION, Edit, Reference, Trace
from oracle.domain import canonical, fields
from oracle.domain.controls import read_controls
from oracle.domain.edits import RANGES as EDIT_RANGES
from oracle.domain.errors import InvalidInput
from oracle.domain.fields import integer
from oracle.domain.groups import read_groups
from oracle.domain.plan import read_plan
from oracle.domain.trace import KEYS, LARGEST, MOST_SHIFT, REFERENCE_KEYS, VERSION
from oracle.domain.trace_numbers import (
    MOST_ENERGY,
    MOST_GAIN,
    MOST_LEVEL,
    MOST_MICRONATS,
    require_constants,
    require_envelope,
)

MOST_REFERENCES = 64
MOST_FRAMES = 192_000 * 60 * 20
MOST_ITEMS = 200_000


def read_trace(content: bytes) -> Trace:
    """The trace in canonical (or any) JSON.

    Raises:
        InvalidInput: not JSON, a key missing or unknown, a number out of its range, or parts that
            contradict each other; names the field and the value.
    """
    if len(content) > LARGEST:
        raise InvalidInput(f"must have at most {LARGEST} bytes", field="trace", value=len(content))
    return trace_from_dict(canonical.loads(content))


def trace_from_dict(found: Any) -> Trace:
    """The trace in a parsed JSON object. Raises InvalidInput as `read_trace` does."""
    version = found.get("refrain_trace") if isinstance(found, dict) else None
    if type(version) is not int or version != VERSION:
        raise InvalidInput(f"must be version {VERSION}", field="refrain_trace", value=version)
    fields.mapping(found, "trace", KEYS)
    engine = fields.mapping(found["engine"], "engine", ("name", "version"))
    references = _list(found["references"], "references", _reference, MOST_REFERENCES)
    components, frames = len(references) + 1, integer(found["frames"], "frames", 1, MOST_FRAMES)
    draws = _integers(found["draws"], "draws", 0, components - 1)
    require_envelope(found["envelope"], "envelope", frames)
    require_constants(found["separation"], "separation")
    trace = Trace(
        engine=fields.text(engine["name"], "engine.name", 64),
        version=fields.text(engine["version"], "engine.version", 64),
        seed=fields.decimal(found["seed"], "seed", fields.UINT64_MAX),
        rate=integer(found["rate"], "rate", 1, 192_000),
        frames=frames,
        bpm=integer(found["bpm"], "bpm", 0, 1000),
        references=references,
        prior=_integers(found["prior"], "prior", 0, MILLION),
        draws=draws,
        levels=_integers(found["levels"], "levels", 0, MOST_LEVEL),
        frames_drawn=_integers(found["frames_drawn"], "frames_drawn", 0, MOST_FRAMES),
        log_likelihood=_list(found["log_likelihood"], "log_likelihood", _row, MOST_ITEMS),
        audible=_integers(found["audible"], "audible", 0, MOST_ENERGY),
        separation=found["separation"],
        edits=_list(found["edits"], "edits", _edit, MOST_ITEMS),
        gain=integer(found["gain"], "gain", 1, MOST_GAIN),
        envelope=tuple((frame, gain) for frame, gain in found["envelope"]),
        plan=read_plan(found["plan"], "plan", len(draws) // len(LAYERS)),
        controls=read_controls(found["controls"], "controls"),
        groups=read_groups(found["groups"], "groups", components - 1),
    )
    _agree(trace)
    return trace


def _agree(trace: Trace) -> None:
    components, units = len(trace.references) + 1, len(trace.draws)
    ids = [reference.recording for reference in trace.references]
    rules: tuple[tuple[bool, str, object], ...] = (
        (bool(ids) and ids == sorted(set(ids)), "references", ids),
        (len(trace.prior) == components, "prior", len(trace.prior)),
        (sum(trace.prior) == MILLION, "prior", sum(trace.prior)),
        (len(trace.audible) == components, "audible", len(trace.audible)),
        (len(trace.frames_drawn) == units, "frames_drawn", len(trace.frames_drawn)),
        (units % len(LAYERS) == 0, "draws", units),
        (len(trace.levels) == units, "levels", len(trace.levels)),
        (len(trace.log_likelihood) == units, "log_likelihood", len(trace.log_likelihood)),
    )
    for holds, name, value in rules:
        if not holds:
            raise InvalidInput("contradicts the rest of the trace", field=name, value=value)
    for index, row in enumerate(trace.log_likelihood):
        if len(row) != components:
            detail = f"must have {components} values, one for each component"
            raise InvalidInput(detail, field=f"log_likelihood[{index}]", value=row)
    for index, edit in enumerate(trace.edits):
        _edit_agrees(trace, edit, f"edits[{index}]")


def _edit_agrees(trace: Trace, edit: Edit, place: str) -> None:
    known, units = edit.component <= len(trace.references), edit.unit < len(trace.draws)
    rules: tuple[tuple[bool, str, str], ...] = (
        (known, "component", "is not a reference of the trace"),
        (edit.start + edit.length <= trace.frames, "length", "ends after the track"),
        (edit.fade_in + edit.fade_out <= edit.length, "fade_in", "overlaps the fade at the end"),
        (units, "unit", "is not a unit of the trace"),
    )
    for holds, name, detail in rules:
        if not holds:
            raise InvalidInput(detail, field=f"{place}.{name}", value=getattr(edit, name))


def _reference(found: Any, place: str) -> Reference:
    fields.mapping(found, place, REFERENCE_KEYS)
    return Reference(
        recording=integer(found["recording"], f"{place}.recording", 1, 2**32 - 1),
        audio=fields.digest(found["audio"], f"{place}.audio"),
        record=fields.digest(found["record"], f"{place}.record"),
        shift=integer(found["shift"], f"{place}.shift", -MOST_SHIFT, MOST_SHIFT),
    )


def _edit(found: Any, place: str) -> Edit:
    fields.mapping(found, place, (*EDIT_RANGES, "layer"))
    numbers = {
        name: integer(found[name], f"{place}.{name}", low, high)
        for name, (low, high) in EDIT_RANGES.items()
    }
    return Edit(layer=fields.choice(found["layer"], f"{place}.layer", LAYERS), **numbers)


def _row(found: Any, place: str) -> tuple[int, ...]:
    return _integers(found, place, -MOST_MICRONATS, MOST_MICRONATS)


def _list(found: Any, place: str, read: Callable[[Any, str], Any], most: int) -> tuple[Any, ...]:
    listed = fields.listing(found, place, 0, most)
    return tuple(read(item, f"{place}[{index}]") for index, item in enumerate(listed))


def _integers(found: Any, place: str, low: int, high: int) -> tuple[int, ...]:
    return _list(found, place, lambda item, where: integer(item, where, low, high), MOST_ITEMS)
