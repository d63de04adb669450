"""The form of a track: sections cover it, bars return, each component gets its quota of beats."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.engines.mosaic.arrangement import plan_of
from generator.engines.mosaic.form import Casting, blocks_of, chunks_of, phrases_of, shape
from generator.engines.mosaic.quota import largest_remainder
from generator.engines.mosaic.random_stream import Stream
from oracle.domain.plan import bars_of, plan_json, read_plan


@given(st.integers(1, 400))
def test_the_sections_cover_every_bar(beats: int) -> None:
    assert sum(bars for _, bars in shape(beats)) == bars_of(beats)
    assert all(bars > 0 for _, bars in shape(beats))
    plan = plan_of(beats, {}, drums_needed=False)
    assert read_plan(plan_json(plan), "plan", beats) == plan


@given(st.integers(1, 400))
def test_the_blocks_cover_every_beat_once(beats: int) -> None:
    plan = plan_of(beats, {}, drums_needed=False)
    filled = [
        place + beat
        for block in blocks_of(plan, beats)
        for place in block.places
        for beat in range(block.beats)
    ]
    assert sorted(filled) == list(range(beats))


@pytest.mark.parametrize("beats", [16, 24, 50, 61, 240])
def test_the_first_section_returns_bar_for_bar(beats: int) -> None:
    plan = plan_of(beats, {}, drums_needed=False)
    owners = cast(beats, [beats], seed=1)
    chunks = chunks_of(owners, blocks_of(plan, beats))
    first, again = (next(s for s in plan if s.name == name) for name in ("A", "A'"))
    at, sources = 0, {}
    for chunk in chunks:
        if chunk.again >= 0:
            sources[at] = chunk.again
        at += chunk.beats
    for bar in range(first.bars):
        source = sources[4 * (again.bar + bar)]
        assert source == 4 * (first.bar + bar) or source in sources.values()
    assert at == beats


def cast(beats: int, counts: list[int], seed: int) -> list[int]:
    blocks = blocks_of(plan_of(beats, {}, drums_needed=False), beats)
    return Casting(list(counts), [True] * beats).cast(phrases_of(blocks), Stream(seed))


@given(
    st.integers(1, 250),
    st.lists(st.integers(1, 1000), min_size=1, max_size=12),
    st.integers(0, 99),
)
def test_each_component_gets_its_beats_up_to_a_repeat(
    beats: int, weights: list[int], seed: int
) -> None:
    counts = largest_remainder(weights, beats)
    owners = cast(beats, counts, seed)
    most = max(len(b.places) for b in blocks_of(plan_of(beats, {}, drums_needed=False), beats))
    for component, count in enumerate(counts, 1):
        assert abs(owners.count(component) - count) <= most


def test_both_layers_change_together() -> None:
    beats, counts = 120, [60, 40, 20]
    blocks = blocks_of(plan_of(beats, {}, drums_needed=False), beats)
    stream = Stream(3)
    one = Casting(list(counts), [True] * beats).cast(phrases_of(blocks), stream)
    other = Casting(list(counts), [True] * beats, one).cast(phrases_of(blocks), stream)
    changes = [{b for b in range(1, beats) if row[b] != row[b - 1]} for row in (one, other)]
    assert len(changes[0] & changes[1]) >= 0.6 * max(map(len, changes))


def test_controls_change_the_plan() -> None:
    plain, built, bare = (
        plan_of(64, controls, drums_needed=False) for controls in ({}, {"build": 1}, {"drums": -1})
    )
    assert [section.level for section in built] == sorted(section.level for section in built)
    assert built[0].level < plain[0].level
    assert not any(section.drums for section in bare)
    assert all(section.drums for section in plain)
    thin = plan_of(64, {"density": -1}, drums_needed=False)
    full = plan_of(64, {"density": 1}, drums_needed=False)
    pairs = zip(thin, full, strict=True)
    assert all(sparse.density < dense.density for sparse, dense in pairs)


def test_a_reference_of_drums_only_plays_without_regard_to_controls() -> None:
    plan = plan_of(64, {"drums": -1, "density": -1}, drums_needed=True)
    assert all(section.drums == 1 and section.density == 1_000 for section in plan)
