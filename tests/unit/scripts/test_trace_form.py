"""The audit reads a trace as strictly as the oracles do, with code of its own."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oracle.domain import canonical
from oracle.domain.errors import InvalidInput
from oracle.domain.trace import KEYS, read_trace
from scripts.auditor.edits import frames_heard, played
from scripts.auditor.report import Unreadable
from scripts.auditor.trace_form import FORMS, require_form
from tests.audit.content import trace as first_trace
from tests.audit.content import without_edits
from tests.support.samples import laid, request, trace_json

GENERATION = "0x" + "ab" * 32
TRACE = trace_json(request(), GENERATION)
OF_THE_ORDER = {"seed", "rate", "bpm", "frames", "prior", "references", "engine", "refrain_trace"}
"""Fields that an oracle compares with the order while it reads; the audit does so later."""


def places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The places of everything inside JSON."""
    if isinstance(value, (dict, list)):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in items:
            yield (*place, key)
            yield from places(item, (*place, key))


def changed(place: tuple[Any, ...], value: Any) -> dict[str, Any]:
    made = copy.deepcopy(TRACE)
    found: Any = made
    for key in place[:-1]:
        found = found[key]
    found[place[-1]] = value
    return made


def the_oracle_reads(trace: dict[str, Any]) -> bool:
    try:
        read_trace(canonical.dumps(trace), request(), GENERATION)
    except InvalidInput:
        return False
    return True


def the_audit_reads(trace: dict[str, Any]) -> bool:
    try:
        require_form(trace)
        size = len(trace["references"]) + 1
        rows = [*trace["log_likelihood"], trace["audible"]]
        units = {len(trace[key]) for key in ("draws", "log_likelihood", "frames_drawn")}
        in_range = all(0 <= draw < size for draw in trace["draws"])
        fits = len(units) == 1 and all(len(row) == size for row in rows) and in_range
        return fits and frames_heard(trace) == trace["frames_drawn"]
    except (Unreadable, LookupError):
        return False


PLACES = [place for place in places(TRACE) if place[0] not in OF_THE_ORDER]
VALUES = st.one_of(
    st.integers(-(2**40), 2**40), st.sampled_from([0, 1, 2, -1, 2**63, 65_536, 65_537, 22_050]),
    st.booleans(), st.none(), st.just("1"), st.just([]), st.just({}), st.just([0, 0]),
)  # fmt: skip


def test_both_read_an_honest_trace():
    assert the_oracle_reads(TRACE) and the_audit_reads(TRACE)
    assert set(TRACE) == KEYS


@given(st.sampled_from(PLACES), VALUES)
def test_both_read_the_same_traces(place, value):
    trace = changed(place, value)
    assert the_oracle_reads(trace) == the_audit_reads(trace), (place, value)


@pytest.mark.parametrize("key", sorted(KEYS))
def test_a_missing_field_is_named(key):
    trace = {name: value for name, value in TRACE.items() if name != key}
    if key == "refrain_trace":
        return
    with pytest.raises(Unreadable, match=f"trace.{key} is missing"):
        require_form(trace)


def test_version_1_still_has_its_form():
    references = [{"recording": 1, "audio": "a" * 64}]
    first = without_edits(first_trace(references, 7, [1_000_000]))
    require_form(first)
    assert first["refrain_trace"] in FORMS
    with pytest.raises(Unreadable, match=r"trace\.levels is not a known field"):
        require_form({**first, "levels": []})
    with pytest.raises(Unreadable, match=r"trace\.strength\[0\] is true"):
        require_form({**first, "strength": [True]})


def test_the_audit_counts_by_its_own_code():
    trace = {**TRACE, **laid(1, 1, 2)}
    trace["edits"][0]["length"] = 2 * 44_100
    del trace["edits"][2]
    assert played(trace) == [44_100] * 6
    trace["levels"] = [1, 10**12, 22_050_000_000, 22_049_999_999, 0, 0]
    assert frames_heard(trace) == [0, 22_050, 22_050, 0, 0, 0]
