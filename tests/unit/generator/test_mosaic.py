"""The whole engine: a trace renders its track again, stems sum to it, misuse is refused."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from generator.attribution.trace import MILLION
from generator.attribution.trace_json import read_trace
from generator.engines import ENGINES, engine
from generator.engines.base import Generated, Source
from generator.engines.mosaic import quality, render
from generator.engines.mosaic.audible import SCALE_BITS
from generator.engines.mosaic.constants import separation
from generator.engines.mosaic.loudness import weight
from oracle.domain.errors import InvalidInput
from tests.unit.generator.conftest import Studio

WEIGHTS = (500_000, 300_000, 200_000)


@pytest.fixture(scope="module")
def made(studio: Studio) -> Generated:
    return studio.engine.generate(studio.sources, WEIGHTS, 42, 10)


def test_the_trace_holds_the_request(studio: Studio, made: Generated) -> None:
    trace = made.trace
    assert made.track.shape == (441_000, 2) and made.track.dtype == np.int16
    assert (trace.engine, trace.seed, trace.frames, trace.rate) == ("mosaic", 42, 441_000, 44_100)
    assert trace.prior == (0, *WEIGHTS) and sum(trace.prior) == MILLION
    assert [r.recording for r in trace.references] == [3, 4, 5]
    assert [r.audio for r in trace.references] == [source.audio for source in studio.sources]
    digests = [studio.engine.analyse(source).digest for source in studio.sources]
    assert [r.record for r in trace.references] == digests
    assert trace.separation == separation()


def test_its_json_reads_back_and_holds_no_float(made: Generated) -> None:
    content = made.trace.to_json()
    assert read_trace(content) == made.trace
    json.loads(content, parse_float=lambda text: pytest.fail(f"a float: {text}"))


def test_a_replay_gives_the_same_track(studio: Studio, made: Generated, tmp_path: Path) -> None:
    trace = read_trace(made.trace.to_json())
    seen: list[int] = []
    assert np.array_equal(studio.engine.replay(trace, studio.sources, seen.append), made.track)
    assert seen == sorted(seen) and seen[-1] == 100
    elsewhere = engine("mosaic", tmp_path)
    assert np.array_equal(elsewhere.replay(trace, studio.sources), made.track)  # type: ignore[attr-defined]


def test_a_second_generation_gives_the_same_track(studio: Studio, made: Generated) -> None:
    again = studio.engine.generate(studio.sources, WEIGHTS, 42, 10)
    assert np.array_equal(again.track, made.track) and again.trace == made.trace


def test_stems_add_up_to_the_track(studio: Studio, made: Generated) -> None:
    trace = made.trace
    stems = studio.engine.render(trace.edits, studio.sources, trace.frames)
    assert set(stems) == {1, 2, 3}
    track = render.master(sum(stems.values()), trace.gain, trace.envelope)
    assert np.max(np.abs(track.astype(int) - made.track)) <= 1


def test_audible_energies_are_the_stems_shapley_values(studio: Studio, made: Generated) -> None:
    trace = made.trace
    stems = studio.engine.render(trace.edits, studio.sources, trace.frames)
    level = render.curve(trace.envelope, trace.frames)[:, None] * trace.gain / 65_536
    weighted = {component: weight(stem * level) for component, stem in stems.items()}
    whole = sum(weighted.values())
    energies = [float(np.vdot(weighted[component], whole)) for component in (1, 2, 3)]
    found = np.array(trace.audible[1:]) * 2.0 ** (SCALE_BITS - 30)
    assert trace.audible[0] == 0
    assert found == pytest.approx(energies, rel=1e-3)


def test_progress_only_rises(studio: Studio) -> None:
    seen: list[int] = []
    studio.engine.generate(studio.sources[:2], (600_000, 400_000), 1, 5, seen.append)
    assert seen == sorted(seen) and seen[-1] == 100 and len(seen) >= 5


def test_one_reference_is_enough(studio: Studio) -> None:
    trace = studio.engine.generate(studio.sources[:1], (MILLION,), 1, 5).trace
    assert set(trace.draws) == {1} and trace.audible[1] > 0


def test_joins_are_as_smooth_as_their_sources(studio: Studio, made: Generated) -> None:
    ratios = quality.join_ratios(made.trace, studio.layers)
    assert len(ratios) > 10 and max(ratios) < 2


def test_a_hard_cut_is_found(studio: Studio, made: Generated) -> None:
    hard = [replace(edit, fade_in=0, fade_out=0) for edit in made.trace.edits]
    shorter = [replace(edit, length=edit.length * 3 // 4) for edit in hard]
    ratios = quality.join_ratios(replace(made.trace, edits=tuple(shorter)), studio.layers)
    assert max(ratios) > 3


def test_attacks_are_on_the_grid_and_single(studio: Studio, made: Generated) -> None:
    report = quality.attack_report(made.trace, studio.layers)
    assert report.beats >= 12
    assert report.on_grid >= 0.9 * report.beats
    assert report.double <= 0.12 * report.beats


def test_moving_keys_makes_them_agree(studio: Studio, made: Generated) -> None:
    keys = [record["key"] for record in studio.records]
    moved = quality.key_agreement(keys, [r.shift for r in made.trace.references], WEIGHTS)
    assert moved > quality.key_agreement(keys, [0, 0, 0], WEIGHTS) + 100_000


def test_draws_follow_the_edits(made: Generated) -> None:
    drawn = Counter(made.trace.draws)
    assert all(made.trace.draws[edit.unit] == edit.component for edit in made.trace.edits)
    assert set(drawn) == {1, 2, 3}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"engine": "other"}, "engine"),
        ({"version": "0"}, "engine"),
        ({"separation": {}}, "separation"),
        ({"frames": 10**8}, "frames"),
        ({"references": ()}, "references"),
    ],
)
def test_a_trace_that_does_not_fit_the_engine_is_not_replayed(
    studio: Studio, made: Generated, change: dict, field: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        studio.engine.replay(replace(made.trace, **change), studio.sources)
    assert caught.value.field == field


def test_references_with_other_bytes_are_not_replayed(studio: Studio, made: Generated) -> None:
    swapped = [replace(studio.sources[0], audio="0" * 64), *studio.sources[1:]]
    with pytest.raises(InvalidInput):
        studio.engine.replay(made.trace, swapped)


@pytest.mark.parametrize(
    ("weights", "length", "field"),
    [
        ((), 10, "weights"),
        ((MILLION, 0, 0), 10, "weights"),
        ((500_000, 300_000, 200_001), 10, "weights"),
        (WEIGHTS, 0, "length"),
        (WEIGHTS, 601, "length"),
    ],
)
def test_a_wrong_argument_is_named(studio: Studio, weights: tuple, length: int, field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        studio.engine.generate(studio.sources, weights, 1, length)
    assert caught.value.field == field


def test_no_references_are_refused(studio: Studio) -> None:
    none: list[Source] = []
    with pytest.raises(InvalidInput):
        studio.engine.generate(none, (), 1, 10)


def test_engines_are_found_by_name(tmp_path: Path) -> None:
    assert all(engine(name, tmp_path).name == name for name in ENGINES)
    with pytest.raises(InvalidInput) as caught:
        engine("nothing", tmp_path)
    assert caught.value.field == "engine"
