"""The benchmark of attribution: what is lost without a stem, and the requests that it measures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from generator.engines.base import Composition, Source
from scripts.bench.attribution import decoys
from scripts.bench.attribution.meter import RATE, left_out, variation
from scripts.bench.attribution.stems import difference
from scripts.bench.attribution.tracks import realised_miss, requests


def tone(first: float, last: float, level: float, hertz: float = 1_000) -> np.ndarray:
    """A tone between two seconds of four, (frames, 2)."""
    time = np.arange(4 * RATE) / RATE
    sound = np.where((time >= first) & (time < last), level * np.sin(2 * np.pi * hertz * time), 0)
    return np.stack([sound, sound], axis=1)


def test_what_is_lost_without_a_stem_is_its_energy() -> None:
    found = left_out(np.stack([tone(0, 2, 0.2), tone(2, 4, 0.1)]))
    assert found["energy"] == pytest.approx([0.8, 0.2], abs=0.01)
    # 6.02 LU less is 2^-0.602 of the loudness
    assert found["loudness"] == pytest.approx([0.603, 0.397], abs=0.01)


def test_a_stem_that_another_masks_is_worth_its_energy_only() -> None:
    found = left_out(np.stack([tone(0, 4, 0.2), tone(0, 4, 0.02, 2_000)]))
    assert found["energy"][1] < 0.02 < found["loudness"][1] + 0.02


def test_a_silent_stem_is_worth_nothing() -> None:
    found = left_out(np.stack([tone(0, 4, 0.2), tone(0, 4, 0.0)]))
    assert found["energy"] == pytest.approx([1, 0]) and found["loudness"] == pytest.approx([1, 0])


def test_stems_are_compared_with_the_track() -> None:
    laid = np.stack([tone(0, 2, 0.2), tone(2, 4, 0.1)])
    track = np.rint(laid.sum(axis=0) * 32_768).astype(np.int16)
    assert difference(laid, track) == 0
    track[50, 1] += 3
    assert difference(laid, track) == 3


def test_requests_name_each_reference_once_in_order() -> None:
    sources = [Source(number, "0" * 64, Path("x")) for number in range(1, 11)]
    made = requests(sources, 40)
    assert {len(one.sources) for one in made} == {2, 3, 4, 5, 6}
    for one in made:
        numbers = [source.recording for source in one.sources]
        assert numbers == sorted(set(numbers)) and sum(one.weights) == 1_000_000
    assert {s.recording for one in made for s in one.sources} == set(range(1, 11))


def test_misses_are_compared_with_what_whole_units_allow() -> None:
    made = Composition(
        frames=100, bpm=120, shifts=(0, 0), draws=(1, 1, 2, 2), levels=(1, 1, 1, 1),
        frames_drawn=(10, 10, 10, 0), log_likelihood=(), plan=(), edits=(),
    )  # fmt: skip
    assert decoys.frames_of(made, 2) == [20, 10]
    miss, best = realised_miss(made, (500_000, 500_000))
    assert miss == best == pytest.approx(1 / 6)


def test_variation_is_half_the_sum_of_differences() -> None:
    assert variation([0.5, 0.5], [0.25, 0.75]) == 0.25
