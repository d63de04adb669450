"""Recordings without a beat: each reader of a tempo knows that 0 means none."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from generator.engines.base import Source
from generator.engines.mosaic.engine import Mosaic
from generator.engines.mosaic.hearing import Unheard
from tests.support.odd_audio import drone, music
from tests.unit.generator.files_made import source, write

RATE, SECONDS = 44_100, 6


def click() -> np.ndarray:
    sound = np.zeros((RATE * SECONDS, 2))
    sound[RATE : RATE + 400] = 0.8 * np.hanning(400)[:, None]
    return sound


def noise() -> np.ndarray:
    return np.random.default_rng(4).normal(0, 0.1, (RATE * SECONDS, 2))


def burst() -> np.ndarray:
    sound = np.zeros((RATE * SECONDS, 2))
    sound[2 * RATE : 3 * RATE] = noise()[:RATE]
    return sound


SOUNDS = {"drone": lambda: drone(RATE, SECONDS), "click": click, "noise": noise, "burst": burst}


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Mosaic:
    return Mosaic(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Source]:
    folder: Path = tmp_path_factory.mktemp("sounds")
    made = {name: make() for name, make in SOUNDS.items()} | {"music": music(RATE, 2, SECONDS)}
    return {
        name: source(number, write(folder / f"{name}.wav", sound))
        for number, (name, sound) in enumerate(made.items(), 1)
    }


@pytest.mark.parametrize("name", SOUNDS)
def test_a_sound_without_a_beat_has_the_tempo_0_or_one_in_range(
    engine: Mosaic, sources: dict[str, Source], name: str
) -> None:
    found = engine.analyse(sources[name])
    assert found.bpm == 0 or 60 <= found.bpm <= 200
    assert (found.bpm == 0) == (not found.record["tracked"])


def test_a_drone_and_a_click_have_no_beat(engine: Mosaic, sources: dict[str, Source]) -> None:
    assert [engine.analyse(sources[name]).bpm for name in ("drone", "click")] == [0, 0]


@pytest.mark.parametrize(
    "names", [("drone",), ("click",), ("noise", "burst"), ("music", "drone")]
)
def test_a_track_is_made_of_them_and_renders_again(
    engine: Mosaic, sources: dict[str, Source], names: tuple[str, ...]
) -> None:
    chosen = [sources[name] for name in names]
    weights = [1_000_000 // len(names)] * len(names)
    made = engine.generate(chosen, weights, 7, 5)
    assert 60 <= made.trace.bpm <= 200
    assert abs(len(made.track) - 5 * RATE) <= 4 * RATE
    again = engine.replay(made.trace, chosen)
    digest = hashlib.sha256(made.track.tobytes()).digest()
    assert hashlib.sha256(again.tobytes()).digest() == digest
    assert json.loads(made.trace.to_json())["bpm"] == made.trace.bpm


def test_a_click_is_not_paid_half_of_a_track_with_a_drone(
    engine: Mosaic, sources: dict[str, Source]
) -> None:
    """A hundredth of a second in a track of five seconds is not half of what is heard."""
    with pytest.raises(Unheard) as told:
        engine.generate([sources["drone"], sources["click"]], [500_000, 500_000], 7, 5)
    assert told.value.value == "2"
