"""Loudness and true peak agree with other meters; masters reach the target below the ceiling."""

from __future__ import annotations

import math

import numpy as np
import pyloudnorm
import pytest
from scipy.signal import resample_poly

from generator.engines.mosaic import mastering, render
from generator.engines.mosaic.loudness import loudness, true_peaks, weight, weight_back
from tests.unit.generator.band import play

RATE = 44_100


def tone(hertz: float, seconds: float = 4, level: float = 1.0) -> np.ndarray:
    return level * np.sin(2 * np.pi * hertz * np.arange(int(seconds * RATE)) / RATE)


def both(left: np.ndarray, right: np.ndarray | None = None) -> np.ndarray:
    return np.stack([left, left if right is None else right], axis=1)


def music(seed: int = 1) -> np.ndarray:
    return play(100, 8, seed=seed).samples


def test_a_full_scale_tone_in_one_channel_is_minus_three() -> None:
    assert loudness(both(tone(997), np.zeros(4 * RATE))) == pytest.approx(-3.01, abs=0.02)


@pytest.mark.parametrize("hertz", [40, 100, 1000, 8000])
def test_the_weighting_equals_that_of_another_meter(hertz: float) -> None:
    there = pyloudnorm.Meter(RATE, filter_class="DeMan").integrated_loudness(both(tone(hertz)))
    assert loudness(both(tone(hertz))) == pytest.approx(there, abs=0.03)


def test_the_gates_equal_those_of_another_meter() -> None:
    samples = np.concatenate([music(), 0.05 * music(2), np.zeros((RATE, 2)), 0.5 * music(3)])
    there = pyloudnorm.Meter(RATE, filter_class="DeMan").integrated_loudness(samples)
    assert loudness(samples) == pytest.approx(there, abs=0.05)


def test_silence_has_no_loudness() -> None:
    assert loudness(np.zeros((RATE, 2))) == -math.inf
    assert loudness(both(tone(440, 4, 1e-5))) == -math.inf
    assert loudness(both(tone(440, 0.2))) == -math.inf


def test_weight_back_is_the_transpose_of_weight() -> None:
    x, y = music()[: 2 * RATE], music(2)[: 2 * RATE]
    assert np.vdot(weight(x), y) == pytest.approx(np.vdot(x, weight_back(y)), rel=1e-9)


def test_what_nobody_hears_has_no_part_in_the_energy_that_pays() -> None:
    high, middle = (np.sum(np.square(weight(both(tone(hertz))))) for hertz in (19_000, 1_000))
    assert high < middle / 50


def test_true_peaks_lie_between_samples() -> None:
    # A quarter of the sampling rate, sampled at 45 degrees: samples reach 0.707 of the wave.
    wave = np.sin(np.pi / 2 * np.arange(4000) + np.pi / 4)
    assert np.max(np.abs(wave)) == pytest.approx(0.7071, abs=1e-4)
    assert true_peaks(both(wave), 1000)[1:3] == pytest.approx([1, 1], abs=0.01)


def peak_of(track: np.ndarray) -> float:
    fine = resample_poly(track / 32_768, 8, 1, axis=0)
    return 20 * math.log10(float(np.max(np.abs(fine))))


@pytest.mark.parametrize("level", [0.02, 0.3, 3.0])
def test_music_reaches_minus_14_lufs_below_minus_1_dbtp(level: float) -> None:
    mix = music() * level
    found = mastering.find(mix)
    track = render.master(mix, found.gain, found.envelope)
    expected = min(-14.0, loudness(mix) + mastering.MOST_GAIN)
    heard = pyloudnorm.Meter(RATE).integrated_loudness(track / 32_768)
    assert heard == pytest.approx(expected, abs=0.3)
    assert peak_of(track) < -1.1


def test_a_track_of_clicks_stays_quieter_than_the_target() -> None:
    clicks = np.zeros((6 * RATE, 2))
    clicks[:: RATE // 2] = 0.5
    found = mastering.find(clicks)
    track = render.master(clicks, found.gain, found.envelope)
    assert min(value for _, value in found.envelope) >= 65_536 * 10 ** (-15.1 / 20)
    assert peak_of(track) < -1.0


def test_a_track_that_needs_no_limiter_has_a_flat_envelope() -> None:
    found = mastering.find(both(tone(300, 3, 0.1)))
    assert {value for _, value in found.envelope} == {65_536}


def test_the_envelope_begins_at_zero_and_covers_the_track() -> None:
    mix = music()
    envelope = mastering.find(mix).envelope
    frames = [frame for frame, _ in envelope]
    assert frames[0] == 0 and frames == sorted(set(frames)) and frames[-1] >= len(mix)
    assert all(0 < value <= 65_536 for _, value in envelope)


def test_a_silent_mix_stays_silent() -> None:
    found = mastering.find(np.zeros((RATE, 2)))
    assert not render.master(np.zeros((RATE, 2)), found.gain, found.envelope).any()
