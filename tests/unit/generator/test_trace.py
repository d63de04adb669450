"""A trace reads back from its JSON, and the reader refuses every malformed one."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from generator.attribution.trace import Edit, Reference, Trace
from generator.attribution.trace_json import read_trace
from oracle.domain.errors import InvalidInput
from oracle.domain.plan import Section
from oracle.domain.trace import LARGEST

EDIT = Edit(
    layer="harmonic",
    start=0,
    component=1,
    source=-20,
    length=1000,
    step=861,
    gain=70_000,
    fade_in=100,
    fade_out=200,
    unit=1,
)
TRACE = Trace(
    engine="mosaic",
    version="2",
    seed=2**64 - 1,
    rate=44_100,
    frames=4410,
    bpm=120,
    references=(Reference(3, "a" * 64, "b" * 64, -3), Reference(9, "c" * 64, "d" * 64)),
    prior=(0, 400_000, 600_000),
    draws=(1, 2),
    levels=(2_205_000, 0),
    frames_drawn=(2205, 0),
    log_likelihood=((-5, -6, -7), (-8, -9, -1_000_000_000)),
    audible=(0, 5, 2**62),
    separation={"hop": 512, "resampler": {"taps": 32}},
    edits=(EDIT, replace(EDIT, layer="percussive", step=1024)),
    gain=65_000,
    envelope=((0, 65_536), (210, 3)),
    plan=(Section("whole", 0, 1),),
    groups=((1, 2),),
)


def test_json_and_back() -> None:
    content = TRACE.to_json()
    assert read_trace(content) == TRACE
    assert json.loads(content)["seed"] == str(2**64 - 1)
    assert (
        content
        == json.dumps(
            json.loads(content), sort_keys=True, separators=(",", ":"), ensure_ascii=False
        ).encode()
    )


def test_a_trace_is_named_by_its_bytes() -> None:
    assert TRACE.sha256 == read_trace(TRACE.to_json()).sha256
    assert TRACE.sha256 != replace(TRACE, gain=65_001).sha256


def test_a_float_cannot_be_written() -> None:
    with pytest.raises(InvalidInput):
        replace(TRACE, separation={"beta": 6.0}).to_json()


def at(*path: Any) -> Callable[[Any, Any], None]:
    def put(found: Any, value: Any) -> None:
        for key in path[:-1]:
            found = found[key]
        if value is None:
            del found[path[-1]]
        else:
            found[path[-1]] = value

    return put


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        (("refrain_trace",), 1, "refrain_trace"),
        (("refrain_trace",), True, "refrain_trace"),
        (("engine",), [], "engine"),
        (("engine", "name"), "", "engine.name"),
        (("gain",), None, "trace.gain"),
        (("new",), 1, "trace.new"),
        (("seed",), 5, "seed"),
        (("seed",), "-5", "seed"),
        (("seed",), str(2**64), "seed"),
        (("rate",), 0, "rate"),
        (("frames",), True, "frames"),
        (("frames",), 10**12, "frames"),
        (("references",), [], "draws[0]"),
        (("references", 0, "recording"), 9, "references"),
        (("references", 0, "recording"), 0, "references[0].recording"),
        (("references", 0, "audio"), "A" * 64, "references[0].audio"),
        (("references", 0, "shift"), 4, "references[0].shift"),
        (("prior",), [0, 1_000_000], "prior"),
        (("prior", 1), 400_001, "prior"),
        (("draws", 0), 3, "draws[0]"),
        (("draws",), [1] * 4, "frames_drawn"),
        (("frames_drawn", 0), -1, "frames_drawn[0]"),
        (("log_likelihood", 1), [0, 0], "log_likelihood[1]"),
        (("log_likelihood", 1), 7, "log_likelihood[1]"),
        (("log_likelihood", 0, 0), -1_000_000_001, "log_likelihood[0][0]"),
        (("levels",), [], "levels"),
        (("levels", 1), -1, "levels[1]"),
        (("levels", 1), True, "levels[1]"),
        (("audible", 0), -1, "audible[0]"),
        (("audible",), [1, 2], "audible"),
        (("separation",), 7, "separation"),
        (("edits", 0, "layer"), "bass", "edits[0].layer"),
        (("edits", 0, "component"), 0, "edits[0].component"),
        (("edits", 0, "component"), 3, "edits[0].component"),
        (("edits", 0, "start"), 4000, "edits[0].length"),
        (("edits", 0, "length"), 0, "edits[0].length"),
        (("edits", 0, "fade_in"), 801, "edits[0].fade_in"),
        (("edits", 0, "step"), 511, "edits[0].step"),
        (("edits", 0, "step"), 2049, "edits[0].step"),
        (("edits", 0, "source"), -4_411, "edits[0].source"),
        (("edits", 0, "semitones"), 0, "edits[0].semitones"),
        (("edits", 0, "gain"), 0, "edits[0].gain"),
        (("edits", 0, "unit"), 2, "edits[0].unit"),
        (("edits", 0, "unit"), None, "edits[0].unit"),
        (("edits",), {}, "edits"),
        (("gain",), 0, "gain"),
        (("envelope",), [], "envelope"),
        (("envelope", 0, 0), 1, "envelope[0][0]"),
        (("envelope", 1, 0), 0, "envelope[1][0]"),
        (("envelope", 1, 0), 4411, "envelope[1][0]"),
        (("envelope", 1, 1), 0, "envelope[1][1]"),
        (("envelope", 1, 1), 65_537, "envelope[1][1]"),
        (("envelope", 1), [210], "envelope[1]"),
        (("separation", "hop"), True, "separation.hop"),
        (("separation", "resampler", "taps"), [], "separation.resampler.taps"),
        (("plan",), [], "plan"),
        (("plan", 0, "bar"), 1, "plan[0].bar"),
        (("plan", 0, "bars"), 2, "plan"),
        (("plan", 0, "level"), 0, "plan[0].level"),
        (("plan", 0, "name"), "", "plan[0].name"),
        (("plan", 0, "hook"), 1, "plan[0].hook"),
        (("controls",), [], "controls"),
        (("controls", "loud"), 1, "controls.loud"),
        (("groups",), [[1]], "groups[0]"),
        (("groups",), [[2, 1]], "groups[0]"),
        (("groups",), [[1, 3]], "groups[0][1]"),
    ],
)
def test_a_malformed_field_is_named(path: tuple[Any, ...], value: Any, field: str) -> None:
    found = json.loads(TRACE.to_json())
    at(*path)(found, value)
    with pytest.raises(InvalidInput) as caught:
        read_trace(json.dumps(found).encode())
    assert caught.value.field == field


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"nonsense", b"\xff", b"[" * 100_000, b'{"a":1.5}', b'{"a":1,"a":1}']
)
def test_content_that_is_not_a_trace_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidInput):
        read_trace(content)


def test_a_huge_file_is_refused_before_parsing() -> None:
    with pytest.raises(InvalidInput) as caught:
        read_trace(b" " * (LARGEST + 1))
    assert caught.value.value == str(LARGEST + 1)
