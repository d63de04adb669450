"""Powers and peaks of grains: K-weighted as a meter weighs them, in hundredths of a decibel."""

from __future__ import annotations

import numpy as np
import pyloudnorm
import pytest

from generator.engines.mosaic.layer_levels import QUIETEST, block_peaks, peaks, powers, weighted

RATE = 44_100
STARTS = np.array([0, RATE, 2 * RATE])


def layers_of(*sounds: np.ndarray) -> np.ndarray:
    return np.rint(np.stack(sounds) * 2**23).astype(np.int32)


def tone(hertz: float, level: float, seconds: int = 2) -> np.ndarray:
    time = np.arange(seconds * RATE) / RATE
    return np.stack([level * np.sin(2 * np.pi * hertz * time)] * 2, axis=1)


@pytest.mark.parametrize("hertz", [60, 1_000, 8_000])
def test_powers_are_what_a_loudness_meter_says(hertz: float) -> None:
    made = layers_of(tone(hertz, 0.1), tone(hertz, 0.01))
    found = powers(weighted(made), STARTS)
    meter = pyloudnorm.Meter(RATE)
    for layer, level in enumerate((0.1, 0.01)):
        lufs = meter.integrated_loudness(tone(hertz, level, 4))
        assert found[layer, 1] / 100 - 0.691 == pytest.approx(lufs, abs=0.15)


def test_silence_has_the_least_power_and_peak() -> None:
    made = np.zeros((2, 2 * RATE, 2), dtype=np.int32)
    assert np.all(powers(weighted(made), STARTS) == QUIETEST)
    assert np.all(peaks(block_peaks(made), STARTS) == QUIETEST)


def test_a_peak_belongs_to_its_grain_and_layer() -> None:
    made = layers_of(tone(100, 0.1), tone(100, 0.1))
    made[1, RATE + 500, 1] = -(2**25)
    found = peaks(block_peaks(made), STARTS)
    assert found[1, 1] == 1204 and found[0, 1] == found[1, 0] == found[0, 0] == -2000


def test_a_grain_at_the_end_is_measured_as_far_as_it_goes() -> None:
    made = layers_of(tone(1_000, 0.1, 1), tone(1_000, 0.1, 1))
    found = powers(weighted(made), np.array([0, RATE - 100, RATE]))
    assert found.shape == (2, 2) and found[0, 1] == pytest.approx(found[0, 0], abs=60)


def test_what_nobody_hears_has_no_power() -> None:
    made = layers_of(tone(19_000, 0.5), tone(1_000, 0.1))
    found = powers(weighted(made), STARTS)
    assert found[0, 1] < found[1, 1] - 700
