"""Reading a trace that somebody else may have written: every field is checked before use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from generator.attribution.trace import LAYERS, MILLION, Edit, Reference, Trace
from oracle.domain import canonical
from oracle.domain.errors import InvalidInput

MOST_BYTES = 32 * 1024 * 1024
MOST_REFERENCES = 64
MOST_FRAMES = 192_000 * 60 * 20
MOST_ITEMS = 200_000
INT64 = 2**63

TRACE_KEYS = frozenset(
    {"refrain_trace", "engine", "seed", "rate", "frames", "bpm", "references", "prior", "draws"}
    | {"frames_drawn", "log_likelihood", "strength", "audible", "separation", "edits"}
    | {"gain", "envelope"}
)
EDIT_RANGES: dict[str, tuple[int, int]] = {
    "start": (0, MOST_FRAMES),
    "component": (1, MOST_REFERENCES),
    "source": (-MOST_FRAMES, MOST_FRAMES),
    "length": (1, MOST_FRAMES),
    "semitones": (-3, 3),
    "gain": (0, 2**24),
    "fade_in": (0, MOST_FRAMES),
    "fade_out": (0, MOST_FRAMES),
    "unit": (0, MOST_ITEMS),
}


def read_trace(content: bytes) -> Trace:
    """The trace in canonical (or any) JSON.

    Raises:
        InvalidInput: not JSON, a key missing or unknown, a number out of its range, or parts that
            contradict each other; names the field and the value.
    """
    if len(content) > MOST_BYTES:
        raise InvalidInput(f"at most {MOST_BYTES} bytes", field="trace", value=len(content))
    return trace_from_dict(canonical.loads(content))


def trace_from_dict(found: Any) -> Trace:
    """The trace in a parsed JSON object. Raises InvalidInput as `read_trace` does."""
    _keys(found, TRACE_KEYS, "trace")
    if found["refrain_trace"] != 1:
        raise InvalidInput("only version 1", field="refrain_trace", value=found["refrain_trace"])
    _keys(found["engine"], frozenset({"name", "version"}), "engine")
    references = _list(found["references"], "references", _reference, MOST_REFERENCES)
    components = len(references) + 1
    trace = Trace(
        engine=_text(found["engine"]["name"], "engine.name"),
        version=_text(found["engine"]["version"], "engine.version"),
        seed=_seed(found["seed"]),
        rate=_integer(found["rate"], "rate", 1, 192_000),
        frames=_integer(found["frames"], "frames", 1, MOST_FRAMES),
        bpm=_integer(found["bpm"], "bpm", 0, 1000),
        references=references,
        prior=_integers(found["prior"], "prior", 0, MILLION),
        draws=_integers(found["draws"], "draws", 0, components - 1),
        frames_drawn=_integers(found["frames_drawn"], "frames_drawn", 0, MOST_FRAMES),
        log_likelihood=_list(found["log_likelihood"], "log_likelihood", _row, MOST_ITEMS),
        strength=_integers(found["strength"], "strength", 0, MILLION),
        audible=_integers(found["audible"], "audible", 0, INT64),
        separation=_separation(found["separation"]),
        edits=_list(found["edits"], "edits", _edit, MOST_ITEMS),
        gain=_integer(found["gain"], "gain", 0, 2**24),
        envelope=_list(found["envelope"], "envelope", _point, MOST_ITEMS),
    )
    _agree(trace)
    return trace


def _agree(trace: Trace) -> None:
    components, units = len(trace.references) + 1, len(trace.draws)
    ids = [reference.recording for reference in trace.references]
    starts = [frame for frame, _ in trace.envelope]
    rules: tuple[tuple[bool, str, object], ...] = (
        (bool(ids) and ids == sorted(set(ids)), "references", ids),
        (len(trace.prior) == components, "prior", len(trace.prior)),
        (sum(trace.prior) == MILLION, "prior", sum(trace.prior)),
        (len(trace.audible) == components, "audible", len(trace.audible)),
        (len(trace.frames_drawn) == units, "frames_drawn", len(trace.frames_drawn)),
        (len(trace.strength) == units, "strength", len(trace.strength)),
        (len(trace.log_likelihood) == units, "log_likelihood", len(trace.log_likelihood)),
        (starts[:1] == [0] and starts == sorted(set(starts)), "envelope", starts[:3]),
    )
    for holds, name, value in rules:
        if not holds:
            raise InvalidInput("contradicts the rest of the trace", field=name, value=value)
    for index, row in enumerate(trace.log_likelihood):
        if len(row) != components:
            raise InvalidInput("one per component", field=f"log_likelihood[{index}]", value=row)
    for index, edit in enumerate(trace.edits):
        _edit_agrees(trace, edit, f"edits[{index}]")


def _edit_agrees(trace: Trace, edit: Edit, place: str) -> None:
    if edit.layer not in LAYERS:
        raise InvalidInput(f"one of {LAYERS}", field=f"{place}.layer", value=edit.layer)
    if edit.component > len(trace.references):
        raise InvalidInput("no such reference", field=f"{place}.component", value=edit.component)
    if edit.start + edit.length > trace.frames:
        raise InvalidInput("past the track's end", field=f"{place}.length", value=edit.length)
    if edit.fade_in + edit.fade_out > edit.length:
        raise InvalidInput("fades overlap", field=f"{place}.fade_in", value=edit.fade_in)
    if edit.unit >= len(trace.draws):
        raise InvalidInput("no such unit", field=f"{place}.unit", value=edit.unit)


def _reference(found: Any, place: str) -> Reference:
    _keys(found, frozenset({"recording", "audio", "record", "shift"}), place)
    return Reference(
        recording=_integer(found["recording"], f"{place}.recording", 1, 2**32 - 1),
        audio=_digest(found["audio"], f"{place}.audio"),
        record=_digest(found["record"], f"{place}.record"),
        shift=_integer(found["shift"], f"{place}.shift", -3, 3),
    )


def _edit(found: Any, place: str) -> Edit:
    _keys(found, frozenset(EDIT_RANGES) | {"layer"}, place)
    numbers = {
        name: _integer(found[name], f"{place}.{name}", low, high)
        for name, (low, high) in EDIT_RANGES.items()
    }
    return Edit(layer=_text(found["layer"], f"{place}.layer"), **numbers)


def _row(found: Any, place: str) -> tuple[int, ...]:
    return _integers(found, place, -INT64, INT64)


def _point(found: Any, place: str) -> tuple[int, int]:
    if not isinstance(found, list) or len(found) != 2:
        raise InvalidInput("a pair of frame and gain", field=place, value=found)
    frame = _integer(found[0], f"{place}[0]", 0, MOST_FRAMES)
    return frame, _integer(found[1], f"{place}[1]", 0, 2**24)


def _separation(found: Any) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise InvalidInput("an object", field="separation", value=found)
    canonical.dumps(found)
    return found


def _keys(found: Any, expected: frozenset[str], place: str) -> None:
    if not isinstance(found, Mapping):
        raise InvalidInput("an object", field=place, value=found)
    if set(found) != expected:
        differing = sorted(set(found) ^ expected)
        raise InvalidInput("keys missing or unknown", field=place, value=differing)


def _list(found: Any, place: str, read: Callable[[Any, str], Any], most: int) -> tuple[Any, ...]:
    if not isinstance(found, list):
        raise InvalidInput("a list", field=place, value=found)
    if len(found) > most:
        raise InvalidInput(f"at most {most} items", field=place, value=len(found))
    return tuple(read(item, f"{place}[{index}]") for index, item in enumerate(found))


def _integers(found: Any, place: str, low: int, high: int) -> tuple[int, ...]:
    return _list(found, place, lambda item, where: _integer(item, where, low, high), MOST_ITEMS)


def _integer(found: Any, place: str, low: int, high: int) -> int:
    if isinstance(found, bool) or not isinstance(found, int) or not low <= found <= high:
        raise InvalidInput(f"an integer in {low}..{high}", field=place, value=found)
    return found


def _text(found: Any, place: str) -> str:
    if not isinstance(found, str) or not 1 <= len(found) <= 64:
        raise InvalidInput("1..64 characters", field=place, value=found)
    return found


def _seed(found: Any) -> int:
    if not isinstance(found, str) or not found.isascii() or not found.isdigit():
        raise InvalidInput("a decimal string", field="seed", value=found)
    if len(found) > 20 or int(found) >= 2**64:
        raise InvalidInput("below 2^64", field="seed", value=found)
    return int(found)


def _digest(found: Any, place: str) -> str:
    if not isinstance(found, str) or len(found) != 64 or set(found) - set("0123456789abcdef"):
        raise InvalidInput("64 lower-case hex digits", field=place, value=found)
    return found
