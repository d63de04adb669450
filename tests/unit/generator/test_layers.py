"""Layers sum to the signal, do not depend on chunks, and separate tones from clicks."""

from __future__ import annotations

import numpy as np
import pytest

from generator.engines.mosaic import layers
from generator.engines.mosaic.layers import frame_count, separate, soft_mask

RATE = 44_100


def separated(signal: np.ndarray) -> np.ndarray:
    into = np.zeros((2, len(signal), 2), dtype=np.int32)
    separate(signal, into, lambda harmonic, percussive: None)
    return into


def by_the_page(signal: np.ndarray) -> np.ndarray:
    """Section 4 of docs/formats/mosaic.md, computed step by step."""
    count = (len(signal) + 1535) // 512 + 1
    padded = np.zeros((512 * count + 1536, 2))
    padded[1536 : 1536 + len(signal)] = signal
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(2048) / 2048)
    x = np.stack(
        [np.fft.rfft(window[:, None] * padded[512 * m :][:2048], axis=0) for m in range(count)]
    )
    power = (np.abs(x) ** 2).sum(axis=2)
    time = np.pad(power, ((8, 8), (0, 0)))
    bins = np.pad(power, ((0, 0), (15, 15)), mode="reflect")
    h = np.median([time[k : k + count] for k in range(17)], axis=0)
    p = np.median([bins[:, k : k + 1025] for k in range(31)], axis=0)
    mask = (h + 1e-20) / (h + p + 2e-20)
    laid = np.zeros_like(padded)
    for m in range(count):
        laid[512 * m :][:2048] += window[:, None] * np.fft.irfft(mask[m][:, None] * x[m], axis=0)
    harmonic = np.rint(laid[1536 : 1536 + len(signal)] / 1.5 * 2**23)
    return np.stack([harmonic, np.rint(signal * 2**23) - harmonic])


def music(frames: int) -> np.ndarray:
    rng = np.random.default_rng(5)
    time = np.arange(frames) / RATE
    tone = 0.2 * np.sin(2 * np.pi * 440 * time)
    clicks = np.zeros(frames)
    clicks[:: RATE // 4] = 0.8
    return np.stack([tone + clicks, tone - 0.3 * clicks], axis=1) + rng.normal(0, 0.01, (frames, 2))


def test_layers_match_the_specification() -> None:
    signal = music(20_011)
    assert np.max(np.abs(separated(signal) - by_the_page(signal))) <= 1


def test_layers_add_up_to_the_signal_exactly() -> None:
    signal = music(30_000)
    assert np.array_equal(separated(signal).sum(axis=0), np.rint(signal * 2**23))


@pytest.mark.parametrize("frames", [4 * 512, 4 * 512 + 1, 70_000])
def test_every_frame_is_passed_on_once(frames: int) -> None:
    heard: list[int] = []
    into = np.zeros((2, frames, 2), dtype=np.int32)
    separate(music(frames), into, lambda harmonic, percussive: heard.append(len(harmonic)))
    assert sum(heard) == frame_count(frames)


def test_the_size_of_chunks_changes_nothing() -> None:
    # 70,000 samples are less than one chunk; 200,000 are two.
    signal = music(200_000)
    assert frame_count(len(signal)) > layers.CHUNK
    whole = separated(signal)
    assert np.array_equal(whole[:, :60_000], separated(signal[:70_000])[:, :60_000])


def test_a_tone_is_harmonic_and_a_click_is_percussive() -> None:
    time = np.arange(RATE) / RATE
    tone = np.repeat(np.sin(2 * np.pi * 440 * time)[:, None], 2, axis=1)
    click = np.zeros((RATE, 2))
    click[RATE // 2] = 1.0
    middle = slice(RATE // 4, -RATE // 4)
    assert energy(separated(tone)[1, middle]) < 0.01 * energy(separated(tone)[0, middle])
    assert energy(separated(click)[0]) < 0.01 * energy(separated(click)[1])


def energy(layer: np.ndarray) -> float:
    return float(np.sum(np.square(layer.astype(np.float64))))


def test_antiphase_stereo_is_separated_like_any_other() -> None:
    time = np.arange(RATE) / RATE
    tone = np.sin(2 * np.pi * 440 * time)
    split = separated(np.stack([tone, -tone], axis=1))
    assert np.array_equal(split[0, :, 0], -split[0, :, 1])
    assert energy(split[0]) > 100 * energy(split[1])


def test_the_mask_of_silence_is_one_half() -> None:
    assert np.all(soft_mask(np.zeros((20, 1025))) == 0.5)
