"""Edit lists meet the weights, stay inside the references, and depend on their inputs only."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.attribution.trace import MILLION, Edit
from generator.engines.base import Composition, Steering
from generator.engines.mosaic.analysis_record import read_record
from generator.engines.mosaic.composition import compose
from generator.engines.mosaic.constants import STEPS
from generator.engines.mosaic.grain_choice import LONGEST_RUN, LONGEST_TOGETHER
from generator.engines.mosaic.musical_key import common_key, correlation
from generator.engines.mosaic.quota import divide, largest_remainder
from generator.engines.mosaic.random_stream import Stream
from generator.engines.mosaic.tempo import common_tempo, level_at, speed_at
from tests.unit.generator.conftest import Studio

RATE = 44_100
WEIGHTS = (500_000, 300_000, 200_000)


def of_layer(made: Composition, layer: str) -> list[Edit]:
    return [edit for edit in made.edits if edit.layer == layer]


def miss(made: Composition, weights: tuple[int, ...]) -> float:
    frames: Counter[int] = Counter()
    for component, count in zip(made.draws, made.frames_drawn, strict=True):
        frames[component] += count
    total = sum(frames.values())
    return sum(abs(frames[i] / total - w / MILLION) for i, w in enumerate(weights, 1)) / 2


@settings(max_examples=25)
@given(st.lists(st.integers(1, 1000), min_size=3, max_size=3), st.integers(0, 2**64 - 1))
def test_the_weights_are_met(shares: list[int], seed: int) -> None:
    weights = tuple(largest_remainder(shares, MILLION))
    assert miss(compose(STUDIO_RECORDS, weights, seed, 30), weights) <= 0.05


STUDIO_RECORDS: list[dict[str, Any]] = []


@pytest.fixture(autouse=True, scope="module")
def _records(studio: Studio) -> None:
    STUDIO_RECORDS[:] = studio.records


@pytest.mark.parametrize("length", [5, 10, 60, 120])
def test_lengths_are_exact_and_weights_met(length: int) -> None:
    made = compose(STUDIO_RECORDS, WEIGHTS, 7, length)
    assert made.frames == length * RATE
    assert miss(made, WEIGHTS) <= 0.05
    assert len(made.draws) == len(made.frames_drawn) == len(made.log_likelihood)
    assert sum(made.frames_drawn) <= made.frames


def test_twelve_references_in_half_a_minute() -> None:
    records = (STUDIO_RECORDS * 4)[:12]
    weights = tuple(largest_remainder([1] * 12, MILLION))
    assert miss(compose(records, weights, 3, 30), weights) <= 0.05


def test_the_same_inputs_give_the_same_edits_and_another_seed_others() -> None:
    one, again, other = (compose(STUDIO_RECORDS, WEIGHTS, seed, 20) for seed in (5, 5, 6))
    assert one == again
    assert one.edits != other.edits


def test_edits_lie_in_the_track_and_in_their_reference() -> None:
    made = compose(STUDIO_RECORDS, WEIGHTS, 1, 30)
    for edit in made.edits:
        frames = STUDIO_RECORDS[edit.component - 1]["frames"]
        assert edit.start >= 0 and edit.start + edit.length <= made.frames
        assert edit.source >= -441
        assert edit.source + edit.length * edit.step // 1024 <= frames
        assert edit.fade_in + edit.fade_out <= edit.length
        record = read_record(STUDIO_RECORDS[edit.component - 1])
        shift = made.shifts[edit.component - 1]
        assert edit.step == STEPS[shift if "harm" in edit.layer else speed_at(record, made.bpm)]
        assert made.draws[edit.unit] == edit.component


def test_the_harmonic_layer_has_no_gap_and_crosses_over() -> None:
    edits = of_layer(compose(STUDIO_RECORDS, WEIGHTS, 2, 30), "harmonic")
    assert edits[0].start == 0 and edits[-1].start + edits[-1].length == 30 * RATE
    for before, after in pairwise(edits):
        assert before.start + before.length == after.start + after.fade_in
        assert before.fade_out == after.fade_in == 1323


def test_a_cut_percussive_grain_ends_before_its_sources_next_beat() -> None:
    made = compose(STUDIO_RECORDS, WEIGHTS, 4, 30)
    records = [read_record(record) for record in STUDIO_RECORDS]
    for edit in of_layer(made, "percussive"):
        record = records[edit.component - 1]
        speed = speed_at(record, made.bpm)
        ends = record.levels[level_at(record, made.bpm, speed)].ends
        following = ends[ends > edit.source + 441]
        last = edit.source + edit.length * edit.step // 1024
        runs_on = any(abs(last - 176 - (end + 221 - 441)) < 353 * 8 for end in following)
        assert len(following) == 0 or last <= following[0] or runs_on


def test_verbatim_runs_are_capped() -> None:
    for seed in range(5):
        for weights in (WEIGHTS, (990_000, 5_000, 5_000)):
            made = compose(STUDIO_RECORDS, weights, seed, 40)
            for edit in made.edits:
                assert edit.length <= LONGEST_RUN + RATE
            assert together(made) <= LONGEST_TOGETHER == 2 * RATE


def test_the_first_section_returns_with_the_same_grains() -> None:
    made = compose(STUDIO_RECORDS, WEIGHTS, 12, 30)
    first, again = (next(s for s in made.plan if s.name == name) for name in ("A", "A'"))
    apart = 4 * (again.bar - first.bar)
    for beat in range(4 * first.bar, 4 * (first.bar + first.bars)):
        units, later = (made.draws[2 * b : 2 * b + 2] for b in (beat, beat + apart))
        assert units == later
    inside = range(8 * first.bar + 2, 8 * (first.bar + first.bars))
    sources = {edit.unit: edit.source for edit in made.edits}
    both = [unit for unit in inside if unit in sources and unit + 2 * apart in sources]
    assert len(both) > 8
    assert all(sources[unit] == sources[unit + 2 * apart] for unit in both)


def test_sections_have_their_levels() -> None:
    made = compose(STUDIO_RECORDS, WEIGHTS, 12, 30)
    gains: dict[tuple[str, int], set[int]] = {}
    for edit in made.edits:
        bar = edit.unit // 8
        section = next(s for s in made.plan if s.bar <= bar < s.bar + s.bars)
        gains.setdefault((section.name, edit.component), set()).add(edit.gain)
    assert all(len(found) == 1 for found in gains.values())
    for component in (1, 2, 3):
        if {("A", component), ("A'", component)} <= set(gains):
            quiet, loud = (next(iter(gains[name, component])) for name in ("A", "A'"))
            assert quiet / loud == pytest.approx(10 ** (-2 / 20), rel=0.01)


def test_a_track_without_drums_has_no_percussive_layer_and_meets_the_weights() -> None:
    made = compose(STUDIO_RECORDS, WEIGHTS, 3, 30, Steering({"drums": -1}))
    assert not of_layer(made, "percussive")
    assert set(made.draws[1::2]) == {0} and not any(made.levels[1::2])
    assert miss(made, WEIGHTS) <= 0.05


def test_bright_and_dark_tracks_differ_in_their_grains() -> None:
    tilts = []
    for control in (-1, 1):
        made = compose(STUDIO_RECORDS, WEIGHTS, 3, 30, Steering({"brightness": control}))
        tilts.append(tilt(made))
    assert tilts[0] + 30 < tilts[1]


def tilt(made: Composition) -> float:
    """Mean level of the upper bands over that of the lower ones, hundredths of a decibel."""
    found = []
    for edit in of_layer(made, "harmonic"):
        record = read_record(STUDIO_RECORDS[edit.component - 1])
        level = record.levels[level_at(record, made.bpm, speed_at(record, made.bpm))]
        grain = int(np.argmin(np.abs(level.starts[:-1] - edit.source)))
        bands = level.harmonic[grain][:24]
        found.append(bands[12:].mean() - bands[:12].mean())
    return float(np.mean(found))


def together(made: Composition) -> int:
    """Longest stretch in which both layers copy one place of one reference."""
    longest = 0
    for one in of_layer(made, "harmonic"):
        for other in of_layer(made, "percussive"):
            same = one.component == other.component and one.step == 1024
            if same and abs((one.source - one.start) - (other.source - other.start)) < 353:
                first = max(one.start, other.start)
                last = min(one.start + one.length, other.start + other.length)
                longest = max(longest, last - first)
    return longest


def test_units_are_beats_of_two_layers() -> None:
    made = compose(STUDIO_RECORDS, WEIGHTS, 8, 10)
    beats = len(made.draws) // 2
    assert beats == round(10 * made.bpm / 60)
    harmonic = made.frames_drawn[0::2]
    assert abs(2 * sum(harmonic) - made.frames) <= 2 * beats


def test_inaudible_grains_do_not_count() -> None:
    silent = [dict(record) for record in STUDIO_RECORDS]
    levels = silent[0]["levels"]
    silent[0]["levels"] = {
        name: {**level, "powers": [level["powers"][0], [-9_000] * len(level["powers"][1])]}
        for name, level in levels.items()
    }
    made = compose(silent, WEIGHTS, 9, 30)
    percussive = zip(made.draws[1::2], made.frames_drawn[1::2], strict=True)
    assert all(count == 0 for component, count in percussive if component == 1)
    assert miss(made, WEIGHTS) <= 0.05


def test_the_component_of_a_unit_is_its_likeliest_one() -> None:
    made = compose(STUDIO_RECORDS, WEIGHTS, 10, 30)
    right = [
        row.index(max(row)) == drawn
        for row, drawn in zip(made.log_likelihood, made.draws, strict=True)
    ]
    assert np.mean(right) > 0.9


def test_an_exact_copy_is_as_likely_as_the_original() -> None:
    made = compose([*STUDIO_RECORDS[:2], STUDIO_RECORDS[0]], WEIGHTS, 11, 10)
    assert all(row[1] == row[3] for row in made.log_likelihood)


def test_one_tempo_for_all() -> None:
    records = [read_record(record) for record in STUDIO_RECORDS]
    assert common_tempo(records, [MILLION, 1, 1]) == 100
    assert common_tempo(records, [1, 1, MILLION]) == 96
    assert 96 <= common_tempo(records, [1, 1, 1]) <= 104


def test_keys_are_brought_together() -> None:
    keys = [record["key"] for record in STUDIO_RECORDS]
    shifts = common_key(keys, WEIGHTS)
    assert all(-3 <= shift <= 3 for shift in shifts)
    assert shifts[1] - shifts[0] == -2
    assert correlation(keys[0], [keys[1][(note + 2) % 12] for note in range(12)]) > 900_000


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=12), st.integers(0, 300))
def test_largest_remainder_adds_up(shares: list[int], total: int) -> None:
    if sum(shares) == 0:
        shares[0] = 1
    counts = largest_remainder(shares, total)
    assert sum(counts) == total
    for share, count in zip(shares, counts, strict=True):
        assert abs(count * sum(shares) - share * total) <= sum(shares)


@given(
    st.lists(st.tuples(st.integers(1, 9), st.booleans(), st.booleans()), min_size=1, max_size=12),
    st.integers(1, 300),
)
def test_layers_are_always_filled(parts: list[tuple[int, bool, bool]], beats: int) -> None:
    weights = [weight for weight, _, _ in parts]
    able = [(one, other) for _, one, other in parts]
    harmonic, percussive = divide(weights, able, (beats, beats))
    assert sum(harmonic) == sum(percussive) == beats
    assert min(harmonic) >= 0 and min(percussive) >= 0


def test_a_reference_without_drums_gets_its_share_in_the_other_layer() -> None:
    harmonic, percussive = divide([30, 70], [(True, False), (True, True)], (100, 100))
    assert (harmonic, percussive) == ([60, 40], [0, 100])


def test_the_random_stream_has_not_changed() -> None:
    stream = Stream(2**64 - 1)
    assert [stream.below(1000) for _ in range(4)] == [268, 128, 508, 301]
    assert Stream(1).shuffled(range(6)) == [0, 3, 4, 1, 2, 5]
