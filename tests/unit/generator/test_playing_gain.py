"""The gain of a recording: to -14 LUFS, whatever a few wild samples say."""

from __future__ import annotations

import numpy as np
import pytest

from generator.audio.decode import AudioError
from generator.engines.mosaic.loudness import loudness
from generator.engines.mosaic.meter import Meter
from generator.engines.mosaic.playing_gain import LEVEL, MOST_PEAK, usual_peak
from tests.unit.generator.band import play

RATE = 44_100
SONG = play(100, 8).samples


def gain_of(samples: np.ndarray) -> int:
    meter = Meter()
    for first in range(0, len(samples), 100_000):
        meter.listen(samples[first : first + 100_000])
    return meter.playing_gain()


def decibels(gain: int) -> float:
    return float(20 * np.log10(gain / 65_536))


def test_a_song_is_brought_to_the_level() -> None:
    assert loudness(SONG * gain_of(SONG) / 65_536) == pytest.approx(LEVEL, abs=0.3)


@pytest.mark.parametrize("wild", [1.0, 63.0, -1e4])
def test_one_wild_sample_changes_no_gain(wild: float) -> None:
    one = SONG.copy()
    one[3 * RATE + 77] = wild
    assert decibels(gain_of(one)) == pytest.approx(decibels(gain_of(SONG)), abs=0.3)


def test_noise_that_is_barely_there_is_brought_up() -> None:
    noise = np.random.default_rng(0).uniform(-1e-3, 1e-3, (4 * RATE, 2))
    assert loudness(noise * gain_of(noise) / 65_536) == pytest.approx(LEVEL, abs=0.3)


def test_clicks_stay_clicks() -> None:
    clicks = np.zeros((6 * RATE, 2))
    clicks[:: RATE // 2] = 0.05
    assert decibels(gain_of(clicks)) == pytest.approx(MOST_PEAK - 20 * np.log10(0.05), abs=0.1)
    assert usual_peak(np.abs(clicks).max(axis=1)[::100]) == 0.05


def test_a_recording_that_is_one_click_has_a_gain() -> None:
    click = np.zeros((6 * RATE, 2))
    click[RATE : RATE + 400] = 0.8 * np.hanning(400)[:, None]
    assert decibels(gain_of(click)) < 20


def test_what_is_below_the_gate_is_refused_by_name() -> None:
    with pytest.raises(AudioError) as caught:
        gain_of(np.random.default_rng(3).normal(0, 1e-4, (3 * RATE, 2)))
    assert caught.value.field == "audio.loudness"
