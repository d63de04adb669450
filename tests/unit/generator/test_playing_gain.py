"""The gain of a recording: to -14 LUFS, whatever a few wild samples say."""

from __future__ import annotations

import numpy as np
import pytest

from generator.audio.decode import AudioError
from generator.engines.mosaic.loudness import loudness
from generator.engines.mosaic.playing_gain import LEVEL, MOST_PEAK, playing_gain, usual_peak
from tests.unit.generator.band import play

RATE = 44_100
SONG = play(100, 8).samples


def decibels(gain: int) -> float:
    return float(20 * np.log10(gain / 65_536))


def test_a_song_is_brought_to_the_level() -> None:
    assert loudness(SONG * playing_gain(SONG) / 65_536) == pytest.approx(LEVEL, abs=0.3)


@pytest.mark.parametrize("wild", [1.0, 63.0, -1e4])
def test_one_wild_sample_changes_no_gain(wild: float) -> None:
    one = SONG.copy()
    one[3 * RATE + 77] = wild
    assert decibels(playing_gain(one)) == pytest.approx(decibels(playing_gain(SONG)), abs=0.3)


def test_noise_that_is_barely_there_is_brought_up() -> None:
    noise = np.random.default_rng(0).uniform(-1e-3, 1e-3, (4 * RATE, 2))
    assert loudness(noise * playing_gain(noise) / 65_536) == pytest.approx(LEVEL, abs=0.3)


def test_clicks_stay_clicks() -> None:
    clicks = np.zeros((6 * RATE, 2))
    clicks[:: RATE // 2] = 0.05
    assert decibels(playing_gain(clicks)) == pytest.approx(MOST_PEAK - 20 * np.log10(0.05), abs=0.1)
    assert usual_peak(clicks) == 0.05


def test_a_recording_that_is_one_click_has_a_gain() -> None:
    click = np.zeros((6 * RATE, 2))
    click[RATE : RATE + 400] = 0.8 * np.hanning(400)[:, None]
    assert decibels(playing_gain(click)) < 20


def test_what_is_below_the_gate_is_refused_by_name() -> None:
    with pytest.raises(AudioError) as caught:
        playing_gain(np.random.default_rng(3).normal(0, 1e-4, (3 * RATE, 2)))
    assert caught.value.field == "audio.loudness"
