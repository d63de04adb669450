"""Speech and effects are cut into phrases, and phrases play on at any tempo."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from generator.audio.decode import RATE, Decoded
from generator.audio.prepared import Prepared
from generator.engines.base import Generated, Source
from generator.engines.mosaic import Mosaic
from generator.engines.mosaic.analysis import analyse
from generator.engines.mosaic.analysis_record import Record, read_record
from generator.engines.mosaic.meter import Meter
from generator.engines.mosaic.phrases import FIXED, beginnings, fitted
from tests.support.speech import Speech, effects, speech
from tests.unit.generator.band import play
from tests.unit.generator.files_made import source, write

CLOSE = 30 * RATE // 1000


def record_of(samples: np.ndarray) -> Record:
    meter = Meter()
    signal = Prepared(Decoded(samples.astype(np.float32), RATE, "0" * 64), meter.listen)
    return read_record(analyse(signal, meter, np.zeros((2, len(signal), 2), dtype=np.int32)))


@pytest.fixture(scope="module")
def said() -> Speech:
    return speech(24, seed=3)


@pytest.fixture(scope="module")
def record(said: Speech) -> Record:
    return record_of(said.samples)


def test_a_phrase_begins_where_somebody_begins_to_speak(said: Speech, record: Record) -> None:
    assert not record.tracked
    starts = record.levels[2].starts
    found = starts[:-1][beginnings(starts)]
    near = [int(np.abs(found - begin).min()) for begin in said.begins[1:]]
    assert max(near) <= CLOSE
    assert len(found) == len(said.begins)


def test_grains_inside_a_phrase_are_half_a_second_apart(record: Record) -> None:
    starts = record.levels[2].starts
    lengths, opens = np.diff(starts), beginnings(starts)
    assert np.all(lengths[:-1][~opens[1:]] == FIXED)
    assert np.all((lengths[:-1][opens[1:]] > FIXED) & (lengths[:-1][opens[1:]] <= 2 * FIXED))


@pytest.mark.parametrize("bpm", [80, 97, 120, 159])
def test_phrases_begin_at_the_same_places_at_any_tempo(record: Record, bpm: int) -> None:
    beat = 60 * RATE // bpm
    level, opens = fitted(record.levels[2], beat)
    starts = record.levels[2].starts
    assert level.starts[:-1][opens].tolist() == starts[:-1][beginnings(starts)].tolist()
    assert np.all(np.diff(level.starts)[:-1][~opens[1:]] == beat)
    grains = len(level.starts) - 1
    assert level.powers.shape == (2, grains) and level.harmonic.shape == (grains, 36)
    assert np.all(level.ends <= level.starts[1:]) and np.all(level.ends > level.starts[:-1])


def test_a_long_sound_without_a_pause_is_cut_where_it_changes() -> None:
    time = np.arange(24 * RATE) / RATE
    hertz = np.array([220.0, 330.0, 262.0, 392.0])[np.minimum(3, (time // 6).astype(int))]
    phase = 2 * np.pi * np.cumsum(hertz) / RATE
    tone = 0.3 * (np.sin(phase) + np.sin(2 * phase) / 2)
    record = record_of(np.repeat(tone[:, None], 2, axis=1))
    starts = record.levels[2].starts
    found = starts[:-1][beginnings(starts)]
    assert not record.tracked
    assert [int(np.abs(found - change * RATE).min()) < RATE // 10 for change in (6, 12, 18)] == [
        True, True, True,
    ]  # fmt: skip


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory, said: Speech) -> dict[str, Source]:
    folder: Path = tmp_path_factory.mktemp("sounds")
    made = {
        "speech": said.samples, "other": speech(20, seed=9, pitch=190).samples,
        "effects": effects(20, seed=1), "music": play(100, 20, seed=5).samples,
    }  # fmt: skip
    return {
        name: source(number, write(folder / f"{name}.wav", samples))
        for number, (name, samples) in enumerate(made.items(), 1)
    }


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Mosaic:
    return Mosaic(tmp_path_factory.mktemp("cache"))


def made_of(engine: Mosaic, sources: dict[str, Source], names: tuple[str, ...]) -> Generated:
    chosen = [sources[name] for name in names]
    shares = [1_000_000 // len(names)] * (len(names) - 1)
    return engine.generate(chosen, [*shares, 1_000_000 - sum(shares)], 11, 20)


@pytest.mark.parametrize(
    "names", [("speech",), ("speech", "other"), ("effects",), ("speech", "effects", "music")]
)
def test_speech_and_effects_go_the_whole_way(
    engine: Mosaic, sources: dict[str, Source], names: tuple[str, ...]
) -> None:
    made = made_of(engine, sources, names)
    again = engine.replay(made.trace, [sources[name] for name in names])
    assert np.array_equal(again, made.track)
    counts = [0] * (len(names) + 1)
    for component, frames in zip(made.trace.draws, made.trace.frames_drawn, strict=True):
        counts[component] += frames
    shares = [count / sum(counts) for count in counts[1:]]
    assert shares == pytest.approx([1 / len(names)] * len(names), abs=0.06)
    level = np.sqrt(np.mean(np.square(made.track / 32_768)))
    assert 0.02 < level < 0.5


def test_speech_is_cut_at_its_phrases_only(engine: Mosaic, sources: dict[str, Source],
                                           said: Speech) -> None:  # fmt: skip
    edits = [edit for edit in made_of(engine, sources, ("speech",)).trace.edits
             if edit.layer == "harmonic"]  # fmt: skip
    begun = [edit.source + 441 for edit in edits]
    at_phrase = [min(abs(begin - start) for begin in said.begins) < CLOSE for start in begun]
    assert sum(at_phrase) >= 0.8 * len(begun)
