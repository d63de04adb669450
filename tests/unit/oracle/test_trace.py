"""Traces: only a trace of this order and its references is accepted."""

import pytest

from oracle.domain import canonical
from oracle.domain.errors import InvalidInput
from oracle.domain.trace import LARGEST, read_trace
from tests.support.samples import laid, request, trace_json

GENERATION = "0x" + "ab" * 32


def read(**changes):
    data = canonical.dumps(trace_json(request(), GENERATION, **changes))
    return read_trace(data, request(), GENERATION)


def test_a_trace_of_the_request_is_read():
    trace = read()
    assert trace.engine == ("mosaic", "2")
    assert trace.frames == 5 * 44_100
    assert trace.audio == {1: f"{1:064x}", 2: f"{2:064x}"}
    assert trace.vectors == {
        "declared": {1: 500_000, 2: 500_000}, "realised": {1: 600_000, 2: 400_000},
        "audible": {1: 500_000, 2: 500_000},
    }  # fmt: skip


def swapped(*numbers):
    return [{"recording": n, "audio": f"{n:064x}", "record": "0" * 64, "shift": 0} for n in numbers]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"refrain_trace": 1}, "trace.refrain_trace"),
        ({"engine": {"name": "radio", "version": "1"}}, "trace.engine.name"),
        ({"engine": {"name": "mosaic"}}, "trace.engine.version"),
        ({"seed": "1"}, "trace.seed"),
        ({"seed": 12_346_818_873_857_487_787}, "trace.seed"),
        ({"rate": 48_000}, "trace.rate"),
        ({"bpm": 0}, "trace.bpm"),
        ({"bpm": 1}, "trace.bpm"),
        ({"bpm": 120, "frames": 7 * 44_100 + 1}, "trace.frames"),
        ({"bpm": 120, "frames": 3 * 44_100 - 1}, "trace.frames"),
        ({"frames": 0}, "trace.frames"),
        ({"references": swapped(1, 3)}, r"trace.references\[1\].recording"),
        ({"references": swapped(1)}, "trace.references"),
        ({"references": swapped(1, 2, 3)}, "trace.references"),
        ({"references": [{"recording": 1}, {"recording": 2}]}, r"trace.references\[0\].audio"),
        ({"refrain_trace": True}, "trace.refrain_trace"),
        ({"strength": []}, "trace.strength"),
        ({"prior": [False, 500_000, 500_000]}, "trace.prior"),
        ({"levels": [1]}, "trace.levels"),
        ({"levels": [True] * 10}, r"trace.levels\[0\]"),
        ({"log_likelihood": [[0] * 3] * 9}, "trace.log_likelihood"),
        ({"log_likelihood": [[0] * 2] * 10}, r"trace.log_likelihood\[0\]"),
        ({"log_likelihood": [[0, 0, 10**9 + 1]] * 10}, r"trace.log_likelihood\[0\]\[2\]"),
        ({"audible": [0, 1]}, "trace.audible"),
        ({"audible": [0, 1, -1]}, r"trace.audible\[2\]"),
        ({"gain": 0}, "trace.gain"),
        ({"gain": 2**24 + 1}, "trace.gain"),
        ({"envelope": []}, "trace.envelope"),
        ({"envelope": [[1, 65_536]]}, r"trace.envelope\[0\]\[0\]"),
        ({"envelope": [[0, 0]]}, r"trace.envelope\[0\]\[1\]"),
        ({"envelope": [[0, 5], [0, 5]]}, r"trace.envelope\[1\]\[0\]"),
        ({"envelope": [[0, 5], [5 * 44_100 + 1, 5]]}, r"trace.envelope\[1\]\[0\]"),
        ({"separation": []}, "trace.separation"),
        ({"separation": {"deep": {"deep": {"deep": {"deep": {}}}}}}, r"trace.separation\.deep"),
        ({"plan": []}, "trace.plan"),
        ({"controls": {"loud": 1}}, "trace.controls.loud"),
        ({"groups": [[1, 2], [1, 2]]}, "trace.groups"),
        ({"groups": [[1, 3]]}, r"trace.groups\[0\]\[1\]"),
        ({"prior": [0, 400_000, 600_000]}, "trace.prior"),
        ({"prior": [500_000, 250_000, 250_000]}, "trace.prior"),
        ({"draws": [9] * 10}, "trace.draws"),
        ({"draws": [1] * 10}, "trace.edits"),
    ],
)
def test_a_trace_of_another_request_is_refused(changes, field):
    with pytest.raises(InvalidInput, match=field):
        read(**changes)


@pytest.mark.parametrize("seconds", [1, 9])
def test_the_length_may_differ_by_a_bar(seconds):
    assert read(**laid(*[1] * seconds)).frames == seconds * 44_100


@pytest.mark.parametrize("seconds", [10, 14])
def test_the_length_may_not_differ_by_more(seconds):
    with pytest.raises(InvalidInput, match="bar"):
        read(**laid(*[1] * seconds))


def test_a_text_that_is_not_canonical_is_refused():
    data = canonical.dumps(trace_json(request(), GENERATION))
    with pytest.raises(InvalidInput, match="canonical"):
        read_trace(data + b"\n", request(), GENERATION)


@pytest.mark.parametrize("data", [b"[]", b"null", b"{}"])
def test_json_that_is_not_a_trace_is_refused(data):
    with pytest.raises(InvalidInput, match="trace"):
        read_trace(data, request(), GENERATION)


def test_a_trace_too_large_to_read_is_refused():
    with pytest.raises(InvalidInput, match="at most"):
        read_trace(bytes(LARGEST + 1), request(), GENERATION)
