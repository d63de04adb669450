"""Rendering gives exactly the samples that docs/formats/mosaic.md specifies, sections 5 and 6."""

from __future__ import annotations

import numpy as np
import pytest

from generator.attribution.trace import Edit
from generator.engines.mosaic.constants import STEPS
from generator.engines.mosaic.render import curve, fades, master, mix, pieces, ramp
from generator.engines.mosaic.resampler import grain


def layer(frames: int = 4000) -> np.ndarray:
    values = np.random.default_rng(6).normal(0, 0.2, (frames, 2))
    return np.rint(values * 2**23).astype(np.int32)


def by_the_page(x: np.ndarray, source: int, length: int, step: int) -> np.ndarray:
    """Section 5 of docs/formats/mosaic.md, frame by frame."""
    c = 0.9 * min(1, 1024 / step)
    out = np.zeros((length, 2))
    for k in range(length):
        q, phase = divmod(k * step, 1024)
        for j in range(-15, 17):
            t, at = j - phase / 1024, source + q + j
            if abs(t) < 16 and 0 <= at < len(x):
                g = c * np.sinc(c * t) * np.i0(6 * np.sqrt(1 - (t / 16) ** 2)) / np.i0(6)
                out[k] += x[at] * np.rint(g * 2**22)
    return out / 2**45


@pytest.mark.parametrize("step", [512, 861, 967, 1023, 1025, 1218, 2048])
@pytest.mark.parametrize(("source", "length"), [(-9, 60), (500, 61), (3970, 50), (9000, 20)])
def test_the_resampler_is_exact(step: int, source: int, length: int) -> None:
    x = layer()
    found = grain(x, source, length, step)
    assert np.array_equal(found, by_the_page(x, source, length, step))


def test_at_its_own_speed_samples_are_copied() -> None:
    x = layer()
    assert np.array_equal(grain(x, 7, 100, 1024), x[7:107] / 2**23)
    assert np.array_equal(grain(x, -5, 10, 1024)[:5], np.zeros((5, 2)))
    assert np.array_equal(grain(x, 3995, 10, 1024)[5:], np.zeros((5, 2)))


@pytest.mark.parametrize("semitones", [-3, 2, 3])
def test_a_tone_moves_by_its_semitones_and_stays_a_tone(semitones: int) -> None:
    time = np.arange(60_000) / 44_100
    tone = np.rint(np.sin(2 * np.pi * 1000 * time) * 2**22)
    both = np.stack([tone, tone], axis=1).astype(np.int32)
    moved = grain(both, 1000, 44_100, STEPS[semitones])[:, 0]
    spectrum = np.abs(np.fft.rfft(moved * np.hanning(len(moved))))
    peak = int(np.argmax(spectrum))
    assert 1200 * np.log2(peak / 1000 / 2 ** (semitones / 12)) == pytest.approx(0, abs=2)
    rest = np.delete(spectrum, range(peak - 100, peak + 101))
    assert np.max(rest) < 10 ** (-70 / 20) * spectrum[peak]


def test_crossing_fades_keep_the_level_of_sounds_that_half_correlate() -> None:
    up = ramp(1323)
    power = up**2 + up[::-1] ** 2 + 2 * 0.5 * up * up[::-1]
    assert np.max(np.abs(10 * np.log10(power))) <= 0.4
    assert np.all(np.diff(up) >= 0)
    shape = fades(500, 100, 50)
    assert np.array_equal(shape[:100], ramp(100)) and np.array_equal(shape[-50:], ramp(50)[::-1])
    assert np.all(shape[100:450] == 1)


def edit(**how: object) -> Edit:
    values = {
        "layer": "harmonic",
        "start": 0,
        "component": 1,
        "source": 100,
        "length": 300,
        "step": 1024,
        "gain": 65_536,
        "fade_in": 0,
        "fade_out": 0,
        "unit": 0,
    }
    return Edit(**{**values, **how})  # type: ignore[arg-type]


def test_edits_are_faded_and_summed() -> None:
    layers = {1: np.stack([layer(), 2 * layer()]), 2: np.stack([3 * layer(), layer()])}
    edits = [
        edit(fade_out=100, gain=32_768),
        edit(layer="percussive", start=200, component=2, fade_in=100),
    ]
    track = mix(pieces(edits, layers), 600)
    expected = np.zeros((600, 2))
    expected[:300] += (layers[1][0][100:400] / 2**23 * fades(300, 0, 100)[:, None]) * 0.5
    expected[200:500] += layers[2][1][100:400] / 2**23 * fades(300, 100, 0)[:, None]
    assert np.array_equal(track, expected)


def test_master_rounds_to_even_and_clips() -> None:
    values = np.array([[0.5, 1.5], [-0.5, 2.5], [40_000, -40_000]]) / 32_768
    found = master(values, 65_536, ((0, 65_536),))
    assert found.dtype == np.int16
    assert found.tolist() == [[0, 2], [0, 2], [32_767, -32_768]]


def test_gain_and_envelope_multiply() -> None:
    steady = np.full((400, 2), 0.25)
    found = master(steady, 131_072, ((0, 65_536), (100, 65_536), (200, 32_768)))
    assert found[50, 0] == 16_384 and found[150, 0] == 12_288 and found[399, 0] == 8192


def test_the_envelope_is_linear_between_points_and_constant_after_them() -> None:
    values = curve(((0, 0), (10, 65_536)), 15)
    assert values[5] == 0.5 and values[-1] == 1.0
