"""References meet at one tempo by varispeed, within what sounds natural."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from generator.engines.mosaic.local_key import ahead, distance, tonic_of, triad
from generator.engines.mosaic.musical_key import common_key
from generator.engines.mosaic.tempo import (
    NoCommonTempo,
    common_tempo,
    mismatch,
    speed_at,
)
from oracle.domain.tempi import FASTEST, SLOWEST, STEPS, fits, whole_bpm
from tests.unit.generator.band import play
from tests.unit.generator.conftest import Studio
from tests.unit.generator.files_made import source, write


def song(bpm: float, *, tracked: bool = True) -> Any:
    """What the functions read of a record."""
    return SimpleNamespace(millibpm=round(bpm * 1000), tracked=tracked)


def all_fit(records: Any, bpm: int) -> bool:
    """Whether all references can play at a tempo, by their rounded tempi."""
    return all(fits(whole_bpm(one.millibpm) if one.tracked else 0, bpm) for one in records)


def test_two_tempos_six_semitones_apart_meet_in_the_middle() -> None:
    records = [song(80), song(113)]
    bpm = common_tempo(records, [1, 1])
    assert [speed_at(record, bpm) for record in records] in ([2, -2], [-2, 2])
    assert all_fit(records, bpm)
    assert max(mismatch(record, bpm) for record in records) > 80_000


def test_a_small_mismatch_is_not_worth_a_varispeed() -> None:
    assert speed_at(song(100), 103) == 0
    assert speed_at(song(100), 107) == 1
    assert speed_at(song(100), 94) == -1
    assert all(abs(speed_at(song(bpm), 100)) <= max(STEPS) for bpm in range(60, 120))


def test_a_song_without_a_beat_keeps_its_speed_and_fits() -> None:
    assert speed_at(song(75, tracked=False), 97) == 0
    assert all_fit([song(75, tracked=False)], 97)


@pytest.mark.parametrize(("lean", "low", "high"), [(-1, 80, 112), (1, 113, 159)])
def test_slow_and_fast_choose_the_half_where_every_song_fits(
    lean: int, low: int, high: int
) -> None:
    assert low <= common_tempo([song(112), song(113)], [1, 1], lean) <= high
    assert low <= common_tempo([song(75, tracked=False)], [1], lean) <= high


def test_a_lean_gives_way_where_a_song_would_not_fit() -> None:
    songs = [song(65), song(70)]
    assert common_tempo(songs, [1, 1], -1) == common_tempo(songs, [1, 1]) > 112


def test_a_tempo_that_all_fit_is_chosen_where_the_best_by_weight_leaves_one_out() -> None:
    """A song of a hundredth decides nothing by its weight, and must fit all the same."""
    records, heavy = [song(100), song(91), song(61)], [98, 1, 1]
    costs = {bpm: mismatch(records[0], bpm) for bpm in range(SLOWEST, FASTEST)}
    assert min(costs, key=costs.__getitem__) == 100 and not all_fit(records, 100)
    bpm = common_tempo(records, heavy)
    assert bpm != 100 and all_fit(records, bpm)
    assert common_tempo(records[:2], heavy[:2]) == 100


@pytest.mark.parametrize("weights", [[1, 1, 1], [98, 1, 1], [1, 98, 1], [1, 1, 98]])
@pytest.mark.parametrize("lean", [-1, 0, 1])
def test_songs_without_a_common_tempo_are_refused_by_name(weights: list[int], lean: int) -> None:
    with pytest.raises(NoCommonTempo) as told:
        common_tempo([song(82), song(100), song(61)], weights, lean)
    assert (told.value.index, told.value.field) == (2, "references[2].recording")
    assert "has 122 bpm, which do not go together with 82 and 100 bpm" in told.value.detail
    assert all_fit([song(82), song(100)], common_tempo([song(82), song(100)], weights[:2], lean))


def test_a_song_without_a_beat_takes_no_part_in_the_choice() -> None:
    songs = [song(100), song(91), song(61)]
    without = [song(75, tracked=False), *songs]
    assert common_tempo(without, [97, 1, 1, 1]) == common_tempo(songs, [1, 1, 1])
    with pytest.raises(NoCommonTempo, match=r"references\[3\]\.recording"):
        common_tempo([song(75, tracked=False), song(82), song(100), song(61)], [1, 1, 1, 1])


def test_the_engine_names_the_recording_that_does_not_go_with_the_others(
    studio: Studio, tmp_path: Path
) -> None:
    tunes = {21: 82, 22: 100, 23: 122}
    paths = {n: write(tmp_path / f"{n}.wav", play(bpm, 8).samples) for n, bpm in tunes.items()}
    sources = [source(number, path) for number, path in paths.items()]
    assert [studio.engine.analyse(one).bpm for one in sources] == list(tunes.values())
    with pytest.raises(NoCommonTempo) as told:
        studio.engine.generate(sources, [500_000, 300_000, 200_000], 7, 5)
    assert (told.value.field, told.value.value) == ("references[2].recording", "23")
    assert studio.engine.generate(sources[:2], [500_000, 500_000], 7, 5).trace.bpm


def test_a_shift_keeps_the_varispeed_unless_the_key_gains() -> None:
    key = [100, 0, 50, 0, 80, 60, 0, 90, 0, 70, 0, 40]
    flat = [1] * 12
    assert common_key([key, flat], [600_000, 400_000], [0, 2])[1] == 2
    up = [key[(note + 1) % 12] for note in range(12)]
    assert common_key([key, up], [600_000, 400_000], [0, 2])[1] == 1


def test_a_triad_has_its_own_tonic() -> None:
    for root in range(12):
        for minor in (False, True):
            assert tonic_of(triad(root, minor=minor).tolist()) == (root, minor)


def test_distance_is_0_for_equal_keys_and_grows() -> None:
    rows = np.stack([triad(0, minor=False), triad(7, minor=False), triad(6, minor=False)])
    near = distance(rows, triad(0, minor=False))
    assert near[0] <= 2 and near[0] < near[1] < near[2] <= 2_000_000
    assert ahead(rows).shape == (3, 12)
    assert ahead(rows)[2].tolist() == (rows[2] * rows[2]).tolist()
