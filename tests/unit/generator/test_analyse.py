"""Analysis records hold the beats, the key and the levels, as integers only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from generator.audio.decode import AudioError, Decoded
from generator.audio.prepared import Prepared
from generator.engines.mosaic import Mosaic
from generator.engines.mosaic.analysis import analyse
from generator.engines.mosaic.analysis_record import read_record
from generator.engines.mosaic.likelihood import distances
from generator.engines.mosaic.meter import Meter
from generator.engines.mosaic.musical_key import correlation, moved
from oracle.domain.errors import InvalidInput
from tests.unit.generator.band import play
from tests.unit.generator.conftest import Studio
from tests.unit.generator.files_made import source, write

RATE = 44_100


def record_of(samples: np.ndarray) -> dict[str, Any]:
    meter = Meter()
    signal = Prepared(Decoded(samples.astype(np.float32), RATE, "0" * 64), meter.listen)
    return analyse(signal, meter, np.zeros((2, len(signal), 2), dtype=np.int32))


def numbers(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [leaf for item in value.values() for leaf in numbers(item)]
    if isinstance(value, list):
        return [leaf for item in value for leaf in numbers(item)]
    return [value]


@pytest.mark.parametrize("bpm", [72, 97.3, 120, 155])
def test_beats_lie_on_the_attacks(bpm: float) -> None:
    tune = play(bpm, 10, seed=int(bpm))
    record = read_record(record_of(tune.samples))
    ratio = record.millibpm / 1000 / bpm
    assert min(abs(ratio - octave) for octave in (0.5, 1, 2)) < 0.005
    starts = record.levels[2 if bpm >= 120 else 1].starts
    misses = [np.min(np.abs(starts - beat)) for beat in tune.beats[1:]]
    assert np.median(misses) < 0.004 * RATE
    assert max(misses) < 0.03 * RATE


def test_bars_begin_where_the_chord_changes() -> None:
    tune = play(100, 12)
    level = read_record(record_of(tune.samples)).levels[1]
    first = int(np.argmin(np.abs(tune.beats - level.starts[level.phase])))
    assert first % 4 == 0


def test_records_hold_integers_only(studio: Studio) -> None:
    for record in studio.records:
        for value in numbers(record):
            assert isinstance(value, int | str) and not isinstance(value, bool)


def test_every_level_has_features_for_each_of_its_grains(studio: Studio) -> None:
    for record in map(read_record, studio.records):
        for level in record.levels.values():
            grains = len(level.starts) - 1
            assert np.all(np.diff(level.starts) > 0) and level.starts[0] >= 441
            assert level.starts[-1] < record.frames
            assert level.harmonic.shape == (grains, 36) and level.percussive.shape == (grains, 32)
            assert level.powers.shape == (2, grains) and level.ends.shape == (grains,)
            assert np.all(level.ends <= level.starts[1:] - 221) and 0 <= level.phase < 4
        assert len(record.levels[2].starts) >= 2 * len(record.levels[1].starts) - 2


def test_the_key_is_found_and_moves_with_the_music() -> None:
    in_c, in_d = (record_of(play(100, 10, key).samples)["key"] for key in (0, 2))
    assert sum(in_c) == pytest.approx(1_000_000, abs=12)
    assert correlation(moved(in_c, 2), in_d) > 950_000
    assert correlation(in_c, in_d) < 700_000


def test_a_quieter_copy_has_the_same_features() -> None:
    samples = play(100, 10).samples
    loud, quiet = (read_record(record_of(samples * factor)) for factor in (1, 0.25))
    assert loud.gain_centibels == pytest.approx(quiet.gain_centibels - 1204, abs=1)
    for level in (1, 2):
        one, other = loud.levels[level], quiet.levels[level]
        assert np.array_equal(one.starts, other.starts)
        assert np.max(np.abs(one.harmonic - other.harmonic)) <= 1


def test_features_of_copies_are_near_and_of_other_tunes_far() -> None:
    samples = play(100, 10).samples
    noisy = samples + np.random.default_rng(1).normal(0, 3e-4, samples.shape)
    one, copy = (read_record(record_of(x)).levels[1] for x in (samples, noisy))
    other = read_record(record_of(play(100, 10, 5, seed=9).samples)).levels[1]
    near = distances(one.harmonic, copy.harmonic).min(axis=1)
    far = distances(one.harmonic, other.harmonic).min(axis=1)
    assert np.median(near) < 0.75 < 1.0 < np.median(far)


def test_noise_without_a_beat_gets_a_lattice_of_about_half_seconds() -> None:
    noise = np.random.default_rng(2).normal(0, 0.1, (6 * RATE, 2))
    record = record_of(noise)
    assert record["tracked"] == 0 and record["confidence"] < 150_000
    lengths = np.diff(record["levels"]["2"]["starts"])
    assert lengths.min() >= RATE // 4 and lengths.max() <= RATE


def test_make_up_gain_is_limited_by_the_peak() -> None:
    clicks = np.zeros((6 * RATE, 2))
    clicks[:: RATE // 2] = 0.05
    record = record_of(clicks)
    assert record["gain_centibels"] == pytest.approx(3802, abs=2)
    assert 0.05 * record["gain"] / 65_536 <= 10 ** (12.1 / 20)


def test_a_recording_below_the_loudness_gate_is_refused() -> None:
    with pytest.raises(AudioError) as caught:
        record_of(np.random.default_rng(3).normal(0, 1e-4, (3 * RATE, 2)))
    assert caught.value.field == "audio.loudness"


@pytest.mark.parametrize("seconds", [2.0, 2.3])
def test_two_seconds_are_enough(seconds: float) -> None:
    record = read_record(record_of(play(100, seconds).samples))
    assert all(len(level.starts) >= 2 for level in record.levels.values())


def test_a_second_analysis_reads_the_cache(tmp_path: Path) -> None:
    made = write(tmp_path / "x.wav", play(110, 4).samples)
    one = source(1, made)
    seen: list[int] = []
    first = Mosaic(tmp_path / "cache").analyse(one, seen.append)
    assert seen == sorted(seen) and seen[-1] == 100 and len(seen) > 4
    made.unlink()
    again = Mosaic(tmp_path / "cache").analyse(one)
    assert again == first and (again.seconds, again.bpm) == (4, 110)
    assert not list((tmp_path / "cache").glob(".making-*"))


def test_a_refused_file_leaves_nothing_in_the_cache(tmp_path: Path) -> None:
    one = source(1, write(tmp_path / "x.wav", play(110, 1.5).samples))
    with pytest.raises(AudioError):
        Mosaic(tmp_path / "cache").analyse(one)
    assert not (tmp_path / "cache").exists()


def test_a_record_of_another_engine_is_refused(studio: Studio) -> None:
    with pytest.raises(InvalidInput):
        read_record({**studio.records[0], "version": "1"})
