"""Forged traces of a real track: each is refused by name, by the oracle or by another node.

A forgery is as coherent as its forger can make it: where samples or counts follow from what it
changes, it changes those too.
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.attribution.trace_json import trace_from_dict
from generator.engines.base import Claim
from generator.engines.mosaic import render
from generator.engines.mosaic.alignment import aligned
from generator.engines.mosaic.composition import compose
from oracle.domain import canonical
from oracle.domain.audio import CHANNELS
from oracle.domain.check import require_passed, required
from oracle.domain.errors import RefrainError
from oracle.domain.generation import seed_of
from oracle.domain.heard import FLOOR
from oracle.domain.request import parse_request
from oracle.domain.trace import read_trace
from scripts.auditor.edits import frames_heard
from scripts.auditor.report import BROKEN
from scripts.auditor.trace_form import require_form
from tests.support.samples import request_json
from tests.unit.generator.conftest import Studio

GENERATION = "0x" + "ab" * 32
WEIGHTS = {3: 500_000, 4: 300_000, 5: 200_000}
LENGTH = 5
REQUEST = parse_request(request_json(
    length=LENGTH,
    references=[{"recording": number, "weight": weight} for number, weight in WEIGHTS.items()],
))  # fmt: skip
MOST_GAIN_OFF, MOST_AUDIBLE_OFF = 5, 10
"""What `oracle.domain.check.REQUIRED` permits, in thousandths and in 1/100,000."""

Json = dict[str, Any]


class Claimed:
    """A trace and the samples that belong to it, to be changed."""

    def __init__(self, studio: Studio, trace: Json, pcm: bytes) -> None:
        self.studio, self.trace, self.pcm = studio, copy.deepcopy(trace), pcm
        self.records: Json = {}

    def refused(self) -> str:
        """Who refuses it and which field they name; empty if all accept it."""
        try:
            content = canonical.dumps(self.trace)
            engine = read_trace(content, REQUEST, GENERATION).engine
            trace = trace_from_dict(canonical.loads(content))
        except RefrainError as error:
            return f"oracle: {error.field}"
        try:
            claim = Claim(trace, self.pcm, LENGTH, self.records)
            required(engine)
            found = self.studio.engine.check(claim, self.studio.sources)
            require_passed(required(engine), found)
        except RefrainError as error:
            return f"node: {error.field}"
        return ""

    def audit_refuses(self) -> bool:
        """Whether the audit sees it without the references."""
        try:
            require_form(self.trace)
            return frames_heard(self.trace) != self.trace["frames_drawn"]
        except BROKEN:
            return True

    def render(self) -> None:
        """The samples that the changed trace renders to."""
        trace = trace_from_dict(self.trace)
        mixed = render.mix(render.pieces(trace.edits, self.studio.layers), trace.frames)
        self.pcm = render.master(mixed, trace.gain, trace.envelope).astype("<i2").tobytes()

    def count(self) -> None:
        """The counted frames that follow from the changed edits and levels."""
        self.trace["frames_drawn"] = frames_heard(self.trace)

    def edits_of(self, component: int) -> Iterator[Json]:
        yield from (edit for edit in self.trace["edits"] if edit["component"] == component)


@pytest.fixture(scope="module")
def honest(studio: Studio) -> tuple[Json, bytes]:
    seed = seed_of(GENERATION)
    made = studio.engine.generate(studio.sources, tuple(WEIGHTS.values()), seed, LENGTH)
    return made.trace.to_dict(), made.track.astype("<i2").tobytes()


@pytest.fixture
def claimed(studio: Studio, honest: tuple[Json, bytes]) -> Claimed:
    return Claimed(studio, *honest)


def test_an_honest_track_passes(claimed: Claimed) -> None:
    assert claimed.refused() == "" and not claimed.audit_refuses()


def each_edit(**changes: Any) -> Callable[[Claimed], None]:
    """Changes every edit of component 2, and plays them."""

    def forge(claimed: Claimed) -> None:
        for edit in claimed.edits_of(2):
            edit.update(changes)

    return forge


def uncounted(claimed: Claimed) -> None:
    for unit, draw in enumerate(claimed.trace["draws"]):
        if draw == 2:
            claimed.trace["frames_drawn"][unit] = 0


def quiet(claimed: Claimed) -> None:
    for unit, draw in enumerate(claimed.trace["draws"]):
        if draw == 2:
            claimed.trace["levels"][unit] = 0
    claimed.count()


def loud(claimed: Claimed) -> None:
    for unit, draw in enumerate(claimed.trace["draws"]):
        if draw == 2:
            claimed.trace["levels"][unit] = 10**15
    claimed.count()


def inaudible(claimed: Claimed) -> None:
    each_edit(gain=1)(claimed)
    claimed.render()


def from_silence(claimed: Claimed) -> None:
    next(claimed.edits_of(2))["source"] = -4_410
    claimed.render()


def moved(claimed: Claimed) -> None:
    for edit in claimed.edits_of(2):
        edit["source"] += 441
    claimed.render()


def after_the_end(claimed: Claimed) -> None:
    each_edit(source=52_000_000)(claimed)
    claimed.render()


def faster(claimed: Claimed) -> None:
    each_edit(step=1025)(claimed)
    claimed.render()


def all_of_one(claimed: Claimed) -> None:
    claimed.trace["draws"] = [1] * len(claimed.trace["draws"])
    for edit in claimed.trace["edits"]:
        edit["component"] = 1
    claimed.count()
    claimed.render()


def drawn_only(claimed: Claimed) -> None:
    claimed.trace["draws"] = [1] * len(claimed.trace["draws"])


def swapped(claimed: Claimed) -> None:
    other = {1: 2, 2: 1, 3: 3}
    claimed.trace["draws"] = [other[draw] for draw in claimed.trace["draws"]]
    for edit in claimed.trace["edits"]:
        edit["component"] = other[edit["component"]]
    claimed.count()
    claimed.render()


def hard_joins(claimed: Claimed) -> None:
    each_edit(fade_in=0)(claimed)
    claimed.render()


def fewer_edits(claimed: Claimed) -> None:
    claimed.trace["edits"].pop()
    claimed.count()
    claimed.render()


def one_edit_twice(claimed: Claimed) -> None:
    claimed.trace["edits"].append(dict(claimed.trace["edits"][-1]))


def shorter(claimed: Claimed) -> None:
    next(claimed.edits_of(2))["length"] -= 1
    claimed.count()
    claimed.render()


def other_layer(claimed: Claimed) -> None:
    names = {"harmonic": "percussive", "percussive": "harmonic"}
    for edit in claimed.trace["edits"]:
        edit["layer"] = names[edit["layer"]]


def half_gain(claimed: Claimed) -> None:
    claimed.trace["gain"] //= 2
    claimed.render()


def muted_part(claimed: Claimed) -> None:
    claimed.trace["envelope"] = [[0, 65_536], [44_100, 65_536], [44_101, 1], [88_200, 1]]
    claimed.render()


def more_audible(claimed: Claimed) -> None:
    heard = claimed.trace["audible"]
    heard[1], heard[2] = heard[1] + heard[2] // 10, heard[2] - heard[2] // 10


def all_to_one(claimed: Claimed) -> None:
    heard = claimed.trace["audible"]
    claimed.trace["audible"] = [0, sum(heard), *(0 for _ in heard[2:])]


def silent_track(claimed: Claimed) -> None:
    claimed.pcm = bytes(len(claimed.pcm))


def other_sample(claimed: Claimed) -> None:
    place = LENGTH * 44_100 * CHANNELS
    sample = int.from_bytes(claimed.pcm[place : place + 2], "little", signed=True)
    changed = (sample + (2 if sample < 0 else -2)).to_bytes(2, "little", signed=True)
    claimed.pcm = claimed.pcm[:place] + changed + claimed.pcm[place + 2 :]


def other_record(claimed: Claimed) -> None:
    claimed.trace["references"][0]["record"] = "0" * 64


def made_from(claimed: Claimed, number: int, record: Json) -> None:
    """The track that composing gives with another record of one reference."""
    digest = hashlib.sha256(canonical.dumps(record)).hexdigest()
    records = [*claimed.studio.records[:number], record, *claimed.studio.records[number + 1 :]]
    made = compose(records, tuple(WEIGHTS.values()), seed_of(GENERATION), LENGTH)
    trace = replace(
        trace_from_dict(claimed.trace), draws=made.draws, levels=made.levels,
        edits=aligned(made.edits, claimed.studio.layers),
        frames_drawn=made.frames_drawn, log_likelihood=made.log_likelihood, plan=made.plan,
    ).to_dict()  # fmt: skip
    trace["references"][number]["record"] = digest
    claimed.trace, claimed.records = trace, {digest: record}


def lying_record(claimed: Claimed) -> None:
    """The record says that recording 4 is much quieter than it is."""
    record = copy.deepcopy(claimed.studio.records[1])
    for level in record["levels"].values():
        level["powers"] = [[power - 400 for power in row] for row in level["powers"]]
    made_from(claimed, 1, record)


def put(*place: Any) -> Callable[[Claimed], None]:
    *path, last, value = place

    def forge(claimed: Claimed) -> None:
        found: Any = claimed.trace
        for key in path:
            found = found[key]
        found[last] = value

    return forge


FORGERIES: dict[str, tuple[Callable[[Claimed], None], str, bool]] = {
    "a component is not counted": (uncounted, "oracle: trace.frames_drawn", True),
    "a component is said to be quiet": (quiet, "node: trace.levels", False),
    "a component is said to be loud": (loud, "node: trace.levels", False),
    "its edits have gain 0": (each_edit(gain=0), "oracle: trace.edits[", True),
    "its edits have gain 1": (inaudible, "node: trace.edits.gain", False),
    "it is read before its start": (each_edit(source=-44_100), "oracle: trace.edits[", True),
    "it is read in silence": (from_silence, "node: trace.edits.source", False),
    "it is read elsewhere": (moved, "node: trace.edits.source", False),
    "it is read after its end": (after_the_end, "node: trace.edits.source", False),
    "it plays faster": (faster, "node: trace.edits.step", False),
    "all is played of one": (all_of_one, "node: trace.draws", False),
    "all is said to be of one": (drawn_only, "oracle: trace.edits[", True),
    "two components are swapped": (swapped, "node: trace.draws", False),
    "joins without fades": (hard_joins, "node: trace.edits.fade_in", False),
    "an edit is left out": (fewer_edits, "node: trace.frames_drawn", False),
    "an edit stands twice": (one_edit_twice, "oracle: trace.edits[", True),
    "an edit is a frame shorter": (shorter, "node: trace.edits.length", False),
    "the layers are swapped": (other_layer, "oracle: trace.edits[", True),
    "half the gain": (half_gain, "node: trace.gain", False),
    "a part is muted by the limiter": (muted_part, "node: trace.envelope", False),
    "energy of another one": (more_audible, "node: trace.audible", False),
    "a track that pays who is not heard": (all_to_one, "node: references[1].recording", False),
    "a silent track": (silent_track, "node: audio", False),
    "a sample two steps off": (other_sample, "node: audio", False),
    "a record that nobody has": (other_record, "node: trace.references.record", False),
    "a record that lies": (lying_record, "node: trace.references.record", False),
    "another shift": (put("references", 1, "shift", 3), "node: trace.references.shift", False),
    "another plan": (put("plan", 0, "level", 1), "node: trace.plan", False),
    "invented controls": (put("controls", "loud", 1), "oracle: trace.controls.loud", True),
    "other controls": (put("controls", "tempo", 1), "node: trace.", False),
    "invented groups": (put("groups", [[1, 2]]), "node: trace.groups", False),
    "another likelihood": (put("log_likelihood", 0, 1, -7), "node: trace.log_likelihood", False),
    "another seed": (put("seed", "7"), "oracle: trace.seed", False),
    "other weights": (put("prior", [0, 400_000, 400_000, 200_000]), "oracle: trace.prior", False),
    "another tempo": (put("bpm", 31), "oracle: trace.", True),
    "other constants": (put("separation", "hop", 256), "node: separation", False),
    "another version": (put("engine", "version", "1"), "node: trace.engine", False),
    "another file": (put("references", 0, "audio", "0" * 64), "node: references", False),
    "an unknown field": (put("mood", 1), "oracle: trace.mood", True),
    "an unknown field of an edit": (put("edits", 0, "pan", 1), "oracle: trace.edits[0].pan", True),
    "true for 1": (put("levels", 0, True), "oracle: trace.levels[0]", True),
    "a level below 0": (put("levels", 0, -1), "oracle: trace.levels[0]", True),
}  # fmt: skip
"""Each forgery, who refuses it and the field they name, and whether the audit sees it too."""


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_trace_is_refused_by_name(claimed: Claimed, name: str) -> None:
    forge, refusal, audited = FORGERIES[name]
    forge(claimed)
    assert claimed.refused().startswith(refusal)
    assert claimed.audit_refuses() == audited


def leaves(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The places of all whole numbers in JSON."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in items:
        if isinstance(item, (dict, list)):
            yield from leaves(item, (*place, key))
        elif type(item) is int:
            yield (*place, key)


def tolerated(honest: Json, changed: Json) -> bool:
    """Whether a change is within the tolerances for what floats lead to."""
    gain = abs(changed["gain"] - honest["gain"]) * 1000 <= MOST_GAIN_OFF * honest["gain"]
    likely = all(
        abs(a - b) <= 1
        for one, two in zip(changed["log_likelihood"], honest["log_likelihood"], strict=True)
        for a, b in zip(one, two, strict=True)
    )
    off = max(abs(a - b) for a, b in zip(changed["audible"], honest["audible"], strict=True))
    audible = off * 100_000 <= (MOST_AUDIBLE_OFF + 1) * sum(honest["audible"])
    same = {**changed, **{key: honest[key] for key in ("gain", "audible", "log_likelihood")}}
    points = zip(changed["envelope"], honest["envelope"], strict=True)
    envelope = all(abs(a[1] - b[1]) <= 328 and abs(a[0] - b[0]) <= 210 for a, b in points)
    return gain and likely and audible and envelope and {
        **same, "envelope": honest["envelope"]} == honest  # fmt: skip


@pytest.mark.long
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_trace_with_one_other_number_is_refused_or_tolerated(
    studio: Studio, honest: tuple[Json, bytes], data: st.DataObject
) -> None:
    claimed = Claimed(studio, *honest)
    field = data.draw(st.sampled_from(sorted(claimed.trace)))
    places = [place for place in leaves(claimed.trace) if place[0] == field]
    if not places:
        return
    *path, last = data.draw(st.sampled_from(places))
    found: Any = claimed.trace
    for key in path:
        found = found[key]
    found[last] = data.draw(
        st.sampled_from([found[last] + 1, found[last] - 1, 0, 2 * found[last], FLOOR])
        | st.integers(-(2**40), 2**40)
    )
    if claimed.trace != honest[0] and not claimed.refused():
        assert tolerated(honest[0], claimed.trace), (path, last)


def test_a_node_composes_from_the_makers_record_if_it_is_near_its_own(claimed: Claimed) -> None:
    """On the maker's processor one feature was rounded otherwise."""
    record = copy.deepcopy(claimed.studio.records[0])
    for level in record["levels"].values():
        for grain in level["harmonic"]:
            grain[0] += 1
    made_from(claimed, 0, record)
    assert claimed.refused() == ""
    claimed.records = {}
    assert claimed.refused() == "node: trace.references.record"
