"""Files whose headers and content differ: decoded whole, or refused with the reason."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.audio.decode import LIMITS, AudioError, decode
from tests.support.containers_made import aiff, id3, sine, wav
from tests.unit.generator.files_made import write

RATE = 44_100
TONE = np.array(sine(6, RATE), dtype=np.int16)


def made(folder: Path, ending: str, **how: object) -> bytes:
    """A file of 6 s in one channel, in the format of that ending."""
    return write(folder / f"made.{ending}", TONE / 32_768, RATE, **how).read_bytes()


def decoded(folder: Path, content: bytes) -> tuple[int, str]:
    """Frames and digest of a file with that content."""
    (folder / "given").write_bytes(content)
    found = decode(folder / "given")
    return len(found.samples), found.digest


def refusal(folder: Path, content: bytes) -> str:
    with pytest.raises(AudioError) as caught:
        decoded(folder, content)
    assert str(folder) not in str(caught.value)
    return str(caught.value)


def without_length(flac: bytes) -> bytes:
    """A FLAC as it is written into a pipe: the number of samples is 0."""
    return flac[:21] + bytes([flac[21] & 0xF0]) + bytes(4) + flac[26:]


def after_first_frame(mp3: bytes) -> bytes:
    """An MP3 without the frame in which the header with its length lies."""
    return mp3[mp3.index(b"\xff\xfb", 4) :]


@pytest.mark.parametrize(
    ("make", "digest"),
    [
        (lambda path: path.write_bytes(wav()), "139244f32521380dc9cc2635"),
        (lambda path: path.write_bytes(wav(stated=0xFFFF_FFFF)), "139244f32521380dc9cc2635"),
        (lambda path: write(path, np.stack([TONE[:110_250], -TONE[:110_250]], 1), format="FLAC",
                            subtype="PCM_24"), "29db075c8b08ba4b4cd74544"),
        (lambda path: write(path, np.stack([TONE[:110_250] / 32_768] * 3, 1), 48_000, format="WAV",
                            subtype="FLOAT"), "d7564c392ec033b7a7cab973"),
    ],
)  # fmt: skip
def test_digests_of_earlier_versions_stay(
    tmp_path: Path, make: Callable[[Path], object], digest: str
) -> None:
    make(tmp_path / "x")
    assert decode(tmp_path / "x").digest.startswith(digest)


def test_a_flac_of_unknown_length_decodes(tmp_path: Path) -> None:
    whole = made(tmp_path, "flac", subtype="PCM_16")
    assert decoded(tmp_path, without_length(whole)) == decoded(tmp_path, whole)


def test_a_flac_of_unknown_length_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "long.flac"
    path.write_bytes(without_length(made(tmp_path, "flac", subtype="PCM_16")))
    for limit in ({"seconds": 5}, {"values": 200_000}):
        with pytest.raises(AudioError, match="seconds: at most"):
            decode(path, {**LIMITS, **limit})


@pytest.mark.parametrize("ending", ["wav", "flac", "aiff", "mp3"])
def test_a_tag_before_or_after_the_sound_changes_no_sample(tmp_path: Path, ending: str) -> None:
    whole = made(tmp_path, ending)
    tag = id3(("TIT2", "Slow Ferry"), padding=300)
    assert decoded(tmp_path, tag + whole) == decoded(tmp_path, whole)
    assert decoded(tmp_path, whole + b"TAG".ljust(128, b"\0")) == decoded(tmp_path, whole)


@pytest.mark.parametrize(
    ("ending", "said"),
    [
        ("wav", "is cut: its header says 6.000 s (found "),
        ("aiff", "is cut: its header says 6.000 s (found "),
        ("mp3", "is cut: its header says 6.034 s (found "),
        ("ogg", "is cut: it has no last page, so what is missing is unknown (found "),
        ("flac", " s of 6.000 s: "),
    ],
)
def test_a_file_that_was_cut_is_refused_with_both_lengths(
    tmp_path: Path, ending: str, said: str
) -> None:
    whole = made(tmp_path, ending)
    assert said in refusal(tmp_path, whole[: len(whole) // 2])


def test_a_cut_flac_of_unknown_length_is_refused(tmp_path: Path) -> None:
    whole = without_length(made(tmp_path, "flac", subtype="PCM_16"))
    assert "cannot be decoded after" in refusal(tmp_path, whole[: len(whole) * 3 // 4])


@pytest.mark.parametrize("ending", ["wav", "flac", "ogg", "mp3"])
def test_two_files_in_one_are_never_taken_for_the_first(tmp_path: Path, ending: str) -> None:
    said = refusal(tmp_path, made(tmp_path, ending) * 2)
    assert "streams" in said or "joined" in said


def test_an_mp3_of_constant_bit_rate_needs_no_header(tmp_path: Path) -> None:
    whole = made(tmp_path, "mp3", bitrate_mode="CONSTANT", compression_level=0.5)
    bare = after_first_frame(whole)
    frames, _ = decoded(tmp_path, bare)
    assert frames == pytest.approx(6 * RATE, abs=3_000)
    assert decoded(tmp_path, bare * 2)[0] > 2 * frames - 1_200


def test_an_mp3_of_variable_bit_rate_without_a_header_is_refused(tmp_path: Path) -> None:
    loud = np.concatenate([TONE / 32_768 + noise(6 * RATE), np.zeros(24 * RATE)])
    path = tmp_path / "vbr.mp3"
    write(path, loud, RATE, bitrate_mode="VARIABLE", compression_level=0.1)
    assert len(decode(path).samples) == len(loud)
    assert "variable bit rate" in refusal(tmp_path, after_first_frame(path.read_bytes()))


def noise(frames: int) -> np.ndarray:
    return np.random.default_rng(3).normal(0, 0.1, frames)


def test_a_damaged_part_that_the_decoder_drops_is_named(tmp_path: Path) -> None:
    whole = bytearray(write(tmp_path / "x.ogg", noise(6 * RATE), RATE).read_bytes())
    place = whole.index(b"OggS", len(whole) // 2) + 60
    whole[place : place + 40] = bytes(40)  # the page's check sum is wrong now
    assert "is damaged: its headers say 6.000 s" in refusal(tmp_path, bytes(whole))


@pytest.mark.parametrize("name", [b"caf\xe9.wav", b"a\nb [Live].wav", b"\x1b[31m.wav", b"-i.wav"])
def test_a_name_that_is_not_utf_8_does_not_matter(tmp_path: Path, name: bytes) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name))
    path.write_bytes(wav())
    assert decode(path).digest == decode(plain_named(tmp_path)).digest
    path.write_bytes(b"RIFF")
    with pytest.raises(AudioError) as caught:
        decode(path)
    assert str(caught.value).isascii() and "\n" not in str(caught.value)


def plain_named(folder: Path) -> Path:
    (folder / "plain.wav").write_bytes(wav())
    return folder / "plain.wav"


def originals(folder: Path) -> list[bytes]:
    files = [made(folder, ending) for ending in ("flac", "ogg", "mp3")]
    return [wav(), aiff(), *files, without_length(files[0])]


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_changed_files_decode_or_are_refused(tmp_path: Path, data: st.DataObject) -> None:
    content = bytearray(data.draw(st.sampled_from(originals(tmp_path)), "file"))
    place = st.integers(0, len(content) - 1)
    for at, value in data.draw(st.lists(st.tuples(place, st.integers(0, 255)), max_size=12)):
        content[at] = value
    kept = data.draw(st.integers(len(content) // 2, len(content)), "kept")
    (tmp_path / "x").write_bytes(content[:kept] + data.draw(st.binary(max_size=40)))
    try:
        assert len(decode(tmp_path / "x").samples) > 0
    except AudioError as error:
        assert error.field and error.field.startswith("audio")
        assert str(tmp_path) not in str(error)
