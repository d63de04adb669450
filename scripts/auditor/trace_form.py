"""The form of a trace: which keys it has, and the range of each number (docs/formats/trace.md)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .report import Malformed, show

Form = Callable[[Any, str], None]
"""Raises Malformed, which names the place, unless a value has the form."""

LAYERS = ("harmonic", "percussive")
INT32, INT64, MOST = 2**32 - 1, 2**63 - 1, 2_000_000


def whole(low: int, high: int) -> Form:
    """A whole number; `true` is none."""
    def check(value: Any, place: str) -> None:
        if type(value) is not int or not low <= value <= high:
            raise Malformed(f"{place} is {show(value, 40)}, must be a whole number "
                             f"from {low} to {high}")
    return check


def text(*allowed: str) -> Form:
    """Text, of these if any are given."""
    def check(value: Any, place: str) -> None:
        if not isinstance(value, str) or (allowed and value not in allowed):
            wanted = f"one of {', '.join(allowed)}" if allowed else "text"
            raise Malformed(f"{place} is {show(value, 40)}, must be {wanted}")
    return check


def rows(form: Form) -> Form:
    """A list."""
    def check(value: Any, place: str) -> None:
        if not isinstance(value, list) or len(value) > MOST:
            raise Malformed(f"{place} is {show(value, 40)}, must be a list")
        for index, item in enumerate(value):
            form(item, f"{place}[{index}]")
    return check


def keys(**forms: Form) -> Form:
    """An object with exactly these keys."""
    def check(value: Any, place: str) -> None:
        if not isinstance(value, dict):
            raise Malformed(f"{place} is {show(value, 40)}, must be an object")
        for key in sorted({*value, *forms}):
            if key not in forms or key not in value:
                state = "missing" if key in forms else "not a known field"
                raise Malformed(f"{place}.{show(key, 40)} is {state}")
            forms[key](value[key], f"{place}.{key}")
    return check


def several(form: Form, least: int, most: int) -> Form:
    """A list of so many items."""
    listed = rows(form)

    def check(value: Any, place: str) -> None:
        listed(value, place)
        if not least <= len(value) <= most:
            raise Malformed(f"{place} has {len(value)} items, must have {least} to {most}")
    return check


def constants(value: Any, place: str) -> None:
    """An object of whole numbers, texts and such objects."""
    if not isinstance(value, dict):
        raise Malformed(f"{place} is {show(value, 40)}, must be an object")
    for key, item in value.items():
        inner = constants if isinstance(item, dict) else whole(-INT64, INT64)
        (text() if isinstance(item, str) else inner)(item, f"{place}.{show(key, 40)}")


CONTROLS: dict[str, tuple[int, int]] = {
    "brightness": (-1, 1), "build": (0, 1), "density": (-1, 1), "drums": (-1, 1),
    "energy": (-1, 0), "tempo": (-1, 1),
}


def controls(value: Any, place: str) -> None:
    """An object with some of the controls, each within its range."""
    named = value if isinstance(value, dict) else {}
    known = {name: whole(*span) for name, span in CONTROLS.items() if name in named}
    keys(**known)(value, place)


GAIN, FRAMES = whole(1, 2**24), whole(0, INT32)
REFERENCE = keys(recording=whole(1, INT32), audio=text(), record=text(), shift=whole(-3, 3))
COMMON = {
    "engine": keys(name=text(), version=text()), "seed": text(), "rate": FRAMES,
    "frames": FRAMES, "bpm": whole(0, 1_000), "references": rows(REFERENCE),
    "prior": rows(whole(0, 1_000_000)), "draws": rows(whole(0, 64)),
    "frames_drawn": rows(FRAMES), "audible": rows(whole(0, INT64)), "separation": constants,
}
EDIT = {
    "layer": text(*LAYERS), "start": FRAMES, "component": whole(1, 64),
    "length": whole(1, INT32), "fade_in": FRAMES, "fade_out": FRAMES, "unit": FRAMES,
}
SECTION = keys(name=text(), bar=FRAMES, bars=whole(1, INT32), level=whole(1, 2**20),
               density=whole(0, 1_000), drums=whole(0, 1))

FORMS: dict[int, Form] = {
    1: keys(
        **COMMON, refrain_trace=whole(1, 1), log_likelihood=rows(rows(whole(-INT64, INT64))),
        strength=rows(whole(0, 1_000_000)),
        edits=rows(keys(**EDIT, source=whole(-INT64, INT64), semitones=whole(-3, 3),
                        gain=whole(0, 2**24))),
        gain=whole(0, 2**24), envelope=rows(rows(whole(0, INT32))),
    ),
    2: keys(
        **COMMON, refrain_trace=whole(2, 2), levels=rows(whole(0, INT64)),
        log_likelihood=rows(rows(whole(-1_000_000_000, 1_000_000_000))),
        edits=rows(keys(**EDIT, source=whole(-4_410, 52_920_000), step=whole(512, 2048),
                        gain=GAIN)),
        gain=GAIN, envelope=rows(several(whole(0, INT32), 2, 2)), plan=rows(SECTION),
        controls=controls, groups=rows(several(whole(1, 64), 2, 64)),
    ),
}  # fmt: skip
"""Version of a trace to its form."""


def require_form(trace: Any) -> None:
    """Raises Malformed, which names the first wrong field, unless the trace has its form."""
    version = trace.get("refrain_trace")
    if type(version) is not int or version not in FORMS:
        raise Malformed(f"trace.refrain_trace is {show(version, 40)}, must be one of "
                        f"{sorted(FORMS)}")
    FORMS[version](trace, "trace")
    if version == 2:
        require_agreement(trace)


def require_agreement(trace: Any) -> None:
    """Raises Malformed unless the parts of a version 2 trace fit each other."""
    frames, units, most = trace["frames"], len(trace["draws"]), len(trace["references"])
    points = trace["envelope"]
    at = [point[0] for point in points]
    bars = [(section["bar"], section["bar"] + section["bars"]) for section in trace["plan"]]
    members = [component for group in trace["groups"] for component in group]
    ends = [0, *(end for _, end in bars)]
    rules = {
        "draws": units % 2 == 0,
        "levels": len(trace["levels"]) == units,
        "envelope": at[:1] == [0] and at == sorted(set(at)) and at[-1] <= frames
        and all(1 <= gain <= 65_536 for _, gain in points),
        "plan": [start for start, _ in bars] == ends[:-1] and ends[-1] == -(-(units // 2) // 4),
        "groups": len(set(members)) == len(members) and all(member <= most for member in members)
        and trace["groups"] == sorted(sorted(group) for group in trace["groups"]),
        "edits": all(edit["start"] + edit["length"] <= frames and edit["component"] <= most
                     and edit["fade_in"] + edit["fade_out"] <= edit["length"]
                     for edit in trace["edits"]),
    }
    for name, holds in rules.items():
        if not holds:
            raise Malformed(f"trace.{name} contradicts the rest of the trace")
