"""A child process decodes files, or an error names what is wrong with them."""

from __future__ import annotations

import os
import struct
import wave
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from generator.audio.decode import LIMITS, RATE, AudioError, decode, samples_digest, wav_bytes
from tests.unit.generator.files_made import write


def noise(seconds: float = 2.5, channels: int = 2, rate: int = RATE) -> np.ndarray:
    shape = (int(seconds * rate), channels)
    return np.random.default_rng(1).normal(0, 0.1, shape).clip(-1, 1)


def refusal(path: Path, **limits: object) -> AudioError:
    with pytest.raises(AudioError) as caught:
        decode(path, {**LIMITS, **limits})
    return caught.value


@pytest.mark.parametrize(
    ("ending", "tolerance"),
    [("wav", 1e-4), ("flac", 1e-4), ("aiff", 1e-4), ("mp3", 0.5), ("ogg", 0.5)],
)
@pytest.mark.parametrize("channels", [1, 2])
def test_every_format_decodes(tmp_path: Path, ending: str, tolerance: float, channels: int) -> None:
    time = np.arange(3 * RATE) / RATE
    tone = np.repeat(0.4 * np.sin(2 * np.pi * 440 * time)[:, None], channels, axis=1)
    decoded = decode(write(tmp_path / f"tone.{ending}", tone))
    assert decoded.rate == RATE and decoded.samples.shape[1] == channels
    middle = decoded.samples[RATE : 2 * RATE]
    assert abs(len(decoded.samples) - len(tone)) < RATE / 10
    assert np.std(middle) == pytest.approx(np.std(tone), rel=max(tolerance, 0.01))


@pytest.mark.parametrize("rate", [8_000, 22_050, 48_000, 192_000])
def test_rates_are_kept(tmp_path: Path, rate: int) -> None:
    assert decode(write(tmp_path / "x.wav", noise(2.1, 1, rate), rate)).rate == rate


def test_the_digest_is_of_samples_not_of_the_file(tmp_path: Path) -> None:
    samples = np.rint(noise() * 32767).astype(np.int16)
    one = write(tmp_path / "one.wav", samples, subtype="PCM_16")
    two = write(tmp_path / "two.flac", samples, subtype="PCM_16")
    assert one.read_bytes() != two.read_bytes()
    assert decode(one).digest == decode(two).digest


def test_shorter_than_two_seconds_is_refused(tmp_path: Path) -> None:
    fault = refusal(write(tmp_path / "x.wav", noise(1.99)))
    assert (fault.field, fault.value) == ("audio.seconds", "1.990")


def test_a_file_without_samples_is_refused(tmp_path: Path) -> None:
    fault = refusal(write(tmp_path / "x.wav", np.zeros((0, 2))))
    assert (fault.field, fault.value) == ("audio.frames", "0")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_nan_and_infinite_samples_are_refused(tmp_path: Path, value: float) -> None:
    samples = noise()
    samples[100, 1] = value
    fault = refusal(write(tmp_path / "x.wav", samples, subtype="FLOAT"))
    assert (fault.field, fault.value) == ("audio.samples", "1")


def test_silence_is_refused(tmp_path: Path) -> None:
    assert refusal(write(tmp_path / "x.wav", noise() * 1e-6)).field == "audio.peak"


def test_levels_far_above_full_scale_are_refused(tmp_path: Path) -> None:
    assert refusal(write(tmp_path / "x.wav", noise() * 1e6, subtype="FLOAT")).field == "audio.peak"


def test_more_than_eight_channels_are_refused(tmp_path: Path) -> None:
    fault = refusal(write(tmp_path / "x.wav", noise(2.5, 9)))
    assert (fault.field, fault.value) == ("audio.channels", "9")


@pytest.mark.parametrize("rate", [1, 7_999, 192_001, 2**31 - 1])
def test_a_header_with_an_unlikely_rate_is_refused(tmp_path: Path, rate: int) -> None:
    content = bytearray(wav_bytes(np.zeros((RATE * 3, 2), dtype=np.int16) + 99))
    content[24:28] = struct.pack("<I", rate)
    path = tmp_path / "x.wav"
    path.write_bytes(content)
    fault = refusal(path)
    assert (fault.field, fault.value) == ("audio.rate", str(rate))


def test_a_decompression_bomb_is_refused_by_its_header(tmp_path: Path) -> None:
    path = write(tmp_path / "bomb.flac", np.zeros(8_000 * 1_300), 8_000, subtype="PCM_16")
    assert path.stat().st_size < 200_000
    assert refusal(path).field == "audio.seconds"
    assert refusal(path, seconds=10_000, values=1_000_000).field == "audio.frames"


def test_a_decoder_that_needs_too_much_memory_ends_alone(tmp_path: Path) -> None:
    path = write(tmp_path / "x.flac", noise())
    fault = refusal(path, memory=1 << 20)
    assert fault.field == "audio"


@pytest.mark.parametrize(
    "content",
    [b"", b"not audio at all" * 999, b"RIFF\xff\xff\xff\xffWAVEfmt ", b"fLaC" + b"\0" * 99],
)
def test_a_file_that_is_not_audio_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.wav"
    path.write_bytes(content)
    assert refusal(path).field == "audio"


@pytest.mark.parametrize(
    ("form", "subtype", "kind"),
    [("CAF", "ALAC_16", "CAF"), ("W64", "PCM_16", "Wave64"), ("AU", "PCM_16", "AU")],
)
def test_another_format_of_the_decoder_is_refused_by_name(
    tmp_path: Path, form: str, subtype: str, kind: str
) -> None:
    fault = refusal(write(tmp_path / "x.wav", noise(), format=form, subtype=subtype))
    assert (fault.field, fault.value) == ("audio.format", kind)


@pytest.mark.parametrize("rate", [48_000, 16_000])
def test_opus_in_ogg_decodes(tmp_path: Path, rate: int) -> None:
    """Its positions count 48,000 frames a second, whatever the rate after decoding."""
    path = write(tmp_path / "x.opus", noise(3, 2, rate), rate, format="OGG", subtype="OPUS")
    decoded = decode(path)
    assert len(decoded.samples) / decoded.rate == pytest.approx(3.0, abs=0.02)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    fault = refusal(tmp_path / "nothing.wav")
    assert str(fault) == "audio: cannot be opened: No such file or directory"


def test_a_folder_or_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.wav")
    for path in (tmp_path, tmp_path / "pipe.wav"):
        assert str(refusal(path)) == "audio: is not a plain file"


def test_a_written_wav_has_a_plain_header_and_reads_back(tmp_path: Path) -> None:
    track = np.random.default_rng(2).integers(-32768, 32767, (RATE * 2, 2)).astype(np.int16)
    content = wav_bytes(track)
    assert len(content) == 44 + track.nbytes
    with wave.open(BytesIO(content)) as file:
        assert file.getparams()[:4] == (2, 2, RATE, len(track))
        assert file.readframes(len(track)) == track.tobytes()
    path = tmp_path / "x.wav"
    path.write_bytes(content)
    assert np.array_equal(np.rint(decode(path).samples * 32768).astype(np.int16), track)


def test_the_digest_of_samples_is_over_little_endian_pcm() -> None:
    import hashlib

    track = np.array([[1, -2], [300, -400]], dtype=np.int16)
    assert samples_digest(track) == hashlib.sha256(struct.pack("<4h", 1, -2, 300, -400)).hexdigest()


def test_a_file_is_decoded_while_another_error_is_handled(tmp_path: Path) -> None:
    path = write(tmp_path / "x.wav", noise(2.1))
    try:
        raise KeyError
    except KeyError:
        assert len(decode(path).samples) > 0
