"""Stereo, rate and rumble, compared with docs/formats/mosaic.md, sections 1 to 3."""

from __future__ import annotations

import math

import numpy as np
import pytest

from generator.audio.decode import RATE, AudioError
from generator.audio.resample import highpass, resample, stereo


def by_the_page(x: np.ndarray, rate: int, outputs: list[int]) -> np.ndarray:
    """Single output samples of docs/formats/mosaic.md, section 2."""
    g = math.gcd(rate, RATE)
    o, n = rate // g, RATE // g
    base = min(o, n) * 0.95
    width = math.ceil(24 * o / base)
    found = []
    for output in outputs:
        m, p = divmod(output, n)
        i = np.arange(2 * width + o)
        t = np.clip((-p / n + (i - width) / o) * base, -24, 24)
        kernel = np.sinc(t) * np.cos(np.pi * t / 48) ** 2 * base / o
        at = m * o + i - width
        inside = (at >= 0) & (at < len(x))
        found.append(kernel[inside] @ x[at[inside]])
    return np.array(found)


@pytest.mark.parametrize("rate", [8_000, 22_050, 48_000, 96_000])
def test_resampling_matches_the_specification(rate: int) -> None:
    x = np.random.default_rng(3).normal(0, 0.1, (rate // 2, 2))
    y = resample(x, rate)
    assert len(y) == math.ceil(RATE * len(x) / rate)
    outputs = [0, 1, 7, 100, 5_001, len(y) - 1]
    assert np.allclose(y[outputs], by_the_page(x, rate, outputs), atol=1e-12)


def test_pieces_join_without_a_difference() -> None:
    from torch import from_numpy
    from torchaudio.functional import resample as whole

    x = np.random.default_rng(4).normal(0, 0.1, (300_000, 2))
    there = whole(from_numpy(x.T.copy()), 48_000, RATE, lowpass_filter_width=24, rolloff=0.95)
    assert np.allclose(resample(x, 48_000), there.numpy().T, atol=1e-13)


def test_samples_at_the_target_rate_do_not_change() -> None:
    x = np.ones((10, 2))
    assert resample(x, RATE) is x


@pytest.mark.parametrize("rate", [44_101, 44_056])
def test_rates_without_a_small_ratio_are_refused(rate: int) -> None:
    with pytest.raises(AudioError) as caught:
        resample(np.zeros((rate, 2)), rate)
    assert (caught.value.field, caught.value.value) == ("audio.rate", str(rate))


def test_channels_become_two() -> None:
    one = np.array([[1.0], [2.0]], dtype=np.float32)
    assert stereo(one).tolist() == [[1, 1], [2, 2]]
    two = np.array([[1.0, 2.0]], dtype=np.float32)
    assert stereo(two).tolist() == [[1, 2]]
    four = np.array([[1.0, 2.0, 3.0, 5.0]], dtype=np.float32)
    assert stereo(four).tolist() == [[2.5, 3.0]]


def test_the_high_pass_removes_an_offset_and_keeps_a_bass() -> None:
    time = np.arange(3 * RATE) / RATE
    bass = np.sin(2 * np.pi * 60 * time)
    left = highpass(np.stack([bass + 5, bass], axis=1))[0][RATE:]
    assert np.mean(left, axis=0) == pytest.approx([0, 0], abs=1e-3)
    assert np.std(left, axis=0) == pytest.approx([np.std(bass)] * 2, rel=0.03)
