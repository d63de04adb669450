"""What can be heard beside what: layers, refusals by name, and gains that meet the weights."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.attribution.trace import MILLION, NATIVE, UNITY
from generator.engines.base import Composition
from generator.engines.mosaic.analysis_record import read_record
from generator.engines.mosaic.composition import compose, miss
from generator.engines.mosaic.hearing import able, balance
from generator.engines.mosaic.reference_part import WILDEST, part_of
from generator.engines.mosaic.tempo import level_at
from oracle.domain.errors import InvalidInput
from oracle.domain.heard import FLOOR, LEAST_SHARE
from tests.unit.generator.conftest import Studio

HALF = (500_000, 500_000)


@pytest.fixture(scope="module")
def records(studio: Studio) -> list[dict[str, Any]]:
    return studio.records[:2]


def changed(record: dict[str, Any], **rows: Any) -> dict[str, Any]:
    """A record whose grains have other powers or peaks: a function of layer and grain."""
    levels = {
        name: {
            **level,
            **{
                key: [[make(layer, grain, value) for grain, value in enumerate(row)]
                      for layer, row in enumerate(level[key])]
                for key, make in rows.items()
            },
        }
        for name, level in record["levels"].items()
    }  # fmt: skip
    return {**record, "levels": levels}


def energies(made: Composition) -> list[int]:
    sums: Counter[int] = Counter()
    for component, level in zip(made.draws, made.levels, strict=True):
        sums[component] += level
    return [sums[component] for component in sorted(sums) if component]


def layers(records: list[dict[str, Any]]) -> list[tuple[bool, bool]]:
    parts = [part_of(read_record(record), n, 0, 100) for n, record in enumerate(records, 1)]
    return able(parts, HALF)


def test_loudness_is_divided_as_asked(records: list[dict[str, Any]]) -> None:
    loud = changed(records[1], powers=lambda layer, grain, value: value + 500)
    for weights in (HALF, (800_000, 200_000)):
        made = compose([records[0], loud], weights, 3, 30)
        assert miss(energies(made), weights) <= 20_000
        gains = {edit.component: edit.gain for edit in made.edits}
        assert len(gains) == 2 and gains[2] < records[1]["gain"]


def test_every_counted_unit_is_heard_in_its_own_beat(records: list[dict[str, Any]]) -> None:
    quiet = changed(
        records[1], powers=lambda layer, grain, value: value - 1_500 * (layer * (grain % 2))
    )
    made = compose([records[0], quiet], HALF, 4, 30)
    counts = made.frames_drawn
    for unit, (level, frames) in enumerate(zip(made.levels, counts, strict=True)):
        beat = sum(made.levels[unit - unit % 2 : unit - unit % 2 + 2])
        assert frames == 0 or (LEAST_SHARE * level >= beat and level >= 2 * FLOOR * frames)
    assert sum(count == 0 for count in counts) <= len(counts) // 20


def test_a_layer_that_the_other_would_drown_is_not_used(records: list[dict[str, Any]]) -> None:
    drowned = changed(records[1], powers=lambda layer, grain, value: value - 2_500 * layer)
    assert layers([records[0], drowned]) == [(True, True), (True, False)]
    made = compose([records[0], drowned], HALF, 5, 30)
    assert 2 not in made.draws[1::2]


def test_a_reference_that_is_heard_nowhere_is_refused_by_name(
    records: list[dict[str, Any]],
) -> None:
    silent = changed(records[1], powers=lambda layer, grain, value: -9_000)
    with pytest.raises(InvalidInput, match="has no beat that could be heard") as caught:
        compose([records[0], silent], HALF, 1, 10)
    assert caught.value.field == "references[1].recording"


def test_a_reference_that_stays_far_quieter_is_refused_by_name(
    records: list[dict[str, Any]],
) -> None:
    def lower(by: int) -> dict[str, Any]:
        return changed(records[0], powers=lambda layer, grain, value: value - by)

    compose([lower(400), records[1]], HALF, 1, 10)
    with pytest.raises(InvalidInput, match="6 dB quieter") as caught:
        compose([lower(1_000), records[1]], HALF, 1, 10)
    assert caught.value.field == "references[0].recording"


def test_a_recording_alone_is_never_too_quiet(records: list[dict[str, Any]]) -> None:
    quiet = changed(records[0], powers=lambda layer, grain, value: value - 1_000)
    assert compose([quiet], (MILLION,), 1, 10).frames > 0


def test_a_grain_with_a_wild_peak_is_not_played(records: list[dict[str, Any]]) -> None:
    wild = WILDEST - records[1]["gain_centibels"] + 1
    spiked = changed(
        records[1], peaks=lambda layer, grain, value: wild if grain in (5, 6) else value
    )
    made = compose([records[0], spiked], HALF, 6, 60)
    level = spiked["levels"][str(level_at(read_record(spiked), made.bpm))]
    low, high = level["starts"][5] + 2_000, level["starts"][7] - 2_000
    played = [edit for edit in made.edits if edit.component == 2]
    assert len(played) > 10
    for edit in played:
        assert edit.source + edit.length * edit.step // NATIVE < low or edit.source > high


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 10**12)), min_size=1, max_size=12))
def test_balance_never_moves_a_gain_by_more_than_6_db(pairs: list[tuple[int, int]]) -> None:
    total = sum(weight for weight, _ in pairs)
    weights = [weight * MILLION // total for weight, _ in pairs]
    found = balance([energy for _, energy in pairs], weights)
    assert all(UNITY // 2 <= factor <= 2 * UNITY for factor in found)
    assert all(
        factor == UNITY for factor, (_, energy) in zip(found, pairs, strict=True) if not energy
    )


def test_balance_makes_energies_follow_the_weights() -> None:
    factors = balance([4_000, 1_000], [500_000, 500_000])
    louder = [
        energy * factor * factor for energy, factor in zip((4_000, 1_000), factors, strict=True)
    ]
    assert louder[0] == pytest.approx(louder[1], rel=1e-3)
