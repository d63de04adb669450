"""References meet at one tempo by varispeed, within what sounds natural."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from generator.engines.mosaic.local_key import ahead, distance, tonic_of, triad
from generator.engines.mosaic.musical_key import common_key
from generator.engines.mosaic.tempo import SPEEDS, common_tempo, fits, mismatch, speed_at


def song(bpm: float, *, tracked: bool = True) -> Any:
    """What the functions read of a record."""
    return SimpleNamespace(millibpm=round(bpm * 1000), tracked=tracked)


def test_two_tempos_six_semitones_apart_meet_in_the_middle() -> None:
    records = [song(80), song(113)]
    bpm = common_tempo(records, [1, 1])
    assert [speed_at(record, bpm) for record in records] in ([2, -2], [-2, 2])
    assert all(fits(record, bpm) for record in records)
    assert max(mismatch(record, bpm) for record in records) > 80_000


def test_a_small_mismatch_is_not_worth_a_varispeed() -> None:
    assert speed_at(song(100), 103) == 0
    assert speed_at(song(100), 107) == 1
    assert speed_at(song(100), 94) == -1
    assert all(abs(speed_at(song(bpm), 100)) <= max(SPEEDS) for bpm in range(60, 120))


def test_a_song_without_a_beat_keeps_its_speed_and_fits() -> None:
    assert speed_at(song(75, tracked=False), 97) == 0
    assert fits(song(75, tracked=False), 97)
    assert not fits(song(100), 84) or mismatch(song(100), 84, -2) <= 80_000


@pytest.mark.parametrize(("lean", "low", "high"), [(-1, 80, 112), (1, 113, 159)])
def test_slow_and_fast_choose_the_half_where_every_song_fits(
    lean: int, low: int, high: int
) -> None:
    assert low <= common_tempo([song(112), song(113)], [1, 1], lean) <= high
    assert low <= common_tempo([song(75, tracked=False)], [1], lean) <= high


def test_a_lean_gives_way_where_a_song_would_not_fit() -> None:
    songs = [song(65), song(70)]
    assert common_tempo(songs, [1, 1], -1) == common_tempo(songs, [1, 1]) > 112


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
