"""A prepared file gives the same samples in any parts, and measurements do not hear its start."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest

from generator.audio.decode import RATE, AudioError, Decoded
from generator.audio.prepared import Prepared
from generator.audio.resample import highpass, resample, stereo
from generator.engines.mosaic.loudness import loudness
from generator.engines.mosaic.meter import Meter


def decoded(samples: np.ndarray, rate: int = RATE) -> Decoded:
    return Decoded(samples.astype(np.float32), rate, "0" * 64)


def noise(frames: int, channels: int = 2) -> np.ndarray:
    return np.random.default_rng(frames).normal(0, 0.1, (frames, channels))


def measured(samples: np.ndarray) -> Meter:
    meter = Meter()
    signal = Prepared(decoded(samples), meter.listen)
    assert len(signal[0 : len(signal)]) == len(signal)
    return meter


@pytest.mark.parametrize(("rate", "channels"), [(44_100, 2), (48_000, 1), (22_050, 3)])
def test_parts_give_the_same_samples_as_the_whole(rate: int, channels: int) -> None:
    file = decoded(noise(7 * rate + 11, channels), rate)
    whole = highpass(resample(stereo(file.samples), rate))[0]
    signal = Prepared(file)
    assert len(signal) == len(whole)
    for first in range(0, len(whole), 50_000):
        assert np.array_equal(signal[first : first + 70_000], whole[first : first + 70_000])


def test_a_part_that_is_forgotten_is_an_error() -> None:
    signal = Prepared(decoded(noise(20_000)))
    assert len(signal[5_000:9_000]) == 4_000
    with pytest.raises(ValueError, match="forgotten, 4999 is asked"):
        signal[4_999:6_000]


def test_the_decoded_file_is_released_after_the_last_sample() -> None:
    file = decoded(noise(20_000))
    samples = weakref.ref(file.samples)
    signal = Prepared(file)
    del file
    assert samples() is not None
    signal[0:20_000]
    gc.collect()
    assert samples() is None


def test_a_meter_measures_what_a_whole_recording_measures() -> None:
    samples = noise(9 * RATE)
    heard = highpass(samples.astype(np.float32).astype(np.float64))[0]
    wanted = round(10 ** ((-14.0 - loudness(heard)) / 20) * 65_536)
    meter = measured(samples)
    meter.require_sound()
    assert meter.playing_gain() == pytest.approx(wanted, rel=5e-3)


@pytest.mark.parametrize("seconds", [0.0, 10.0])
def test_a_direct_current_is_silence(seconds: float) -> None:
    # From the start on, or faded in.
    ramp = np.minimum(1, np.arange(20 * RATE) / max(1.0, seconds * RATE))
    direct = np.full(20 * RATE, 0.5) if not seconds else 0.5 * ramp
    with pytest.raises(AudioError, match="silent above 25 Hz"):
        measured(np.stack([direct, -direct], axis=1)).require_sound()


def test_an_offset_does_not_make_music_quieter() -> None:
    samples = 0.01 * noise(6 * RATE)
    plain, moved = measured(samples), measured(samples + 0.5)
    assert moved.playing_gain() == pytest.approx(plain.playing_gain(), rel=0.01)


@pytest.mark.parametrize("hertz", [10, 20, 26])
def test_a_tone_that_nobody_hears_is_refused(hertz: int) -> None:
    tone = np.sin(2 * np.pi * hertz * np.arange(5 * RATE) / RATE)[:, None]
    with pytest.raises(AudioError, match="below 28 Hz") as caught:
        measured(tone).require_sound()
    assert caught.value.field == "audio.power"


@pytest.mark.parametrize("hertz", [31, 41, 60])
def test_a_low_tone_that_is_heard_is_accepted(hertz: int) -> None:
    tone = np.sin(2 * np.pi * hertz * np.arange(5 * RATE) / RATE)[:, None]
    measured(tone).require_sound()


def test_antiphase_stereo_is_not_silence() -> None:
    tone = 0.3 * np.sin(2 * np.pi * 440 * np.arange(3 * RATE) / RATE)
    measured(np.stack([tone, -tone], axis=1)).require_sound()
