"""What is checked of a file and its words before it is registered."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from oracle.client.audio_check import installed_decoder, require_usable
from oracle.client.song import Song, metadata_of, require_words
from oracle.domain.errors import InvalidInput
from tests.support.containers_made import ogg, wav


def refusal(path: Path, decode: bool = False) -> str:
    with pytest.raises(InvalidInput) as caught:
        require_usable(path, "FILE", installed_decoder() if decode else None)
    assert str(path.parent) not in str(caught.value)
    return str(caught.value)


def test_a_key_is_named_as_one(tmp_path):
    path = tmp_path / "song.wav"
    path.write_bytes(b"0x" + b"aB" * 32 + b"\n")
    assert refusal(path) == "FILE: is a key file: give it to nobody (found song.wav)"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "FILE: song.wav: audio: is empty"),
        (b"%PDF-1.7" * 9, "FILE: song.wav: audio: is not audio: must be WAV, AIFF, FLAC"),
        (b"\0\0\0\x20ftypM4A \0\0", "(found M4A or MP4)"),
        (wav(1.5), "FILE: song.wav: audio.seconds: must be at least 2 s (found 1.500)"),
        (wav(3, rate=6_000), "audio.rate: between 8000 and 192000"),
        (wav()[:30_000], "is cut: its header says 2.500 s (found 1.872 s)"),
    ],
)
def test_headers_alone_tell_what_no_node_takes(tmp_path, data, said):
    path = tmp_path / "song.wav"
    path.write_bytes(data)
    assert said in refusal(path)


def test_a_file_that_is_too_large_for_every_node_is_refused(tmp_path):
    path = tmp_path / "song.wav"
    path.write_bytes(wav(stated=0xFFFF_FFFF))
    os.truncate(path, 100_000_001)
    assert "audio.bytes: must be at most 100000000 bytes" in refusal(path)


def test_a_file_that_cannot_be_read_is_named_without_its_folder(tmp_path):
    (tmp_path / "song.wav").mkdir()
    assert refusal(tmp_path / "song.wav") == "FILE: song.wav: cannot be read: Is a directory"
    assert "gone.wav: cannot be read: No such file" in refusal(tmp_path / "gone.wav")


def test_silence_is_found_by_decoding_only(tmp_path):
    path = tmp_path / "song.wav"
    path.write_bytes(wav()[:44] + bytes(40_000))
    require_usable(path, "FILE", None)
    assert refusal(path, decode=True) == "FILE: song.wav: audio.peak: silent (found 0.000000)"


def test_a_rate_that_no_engine_resamples_is_refused(tmp_path):
    path = tmp_path / "song.wav"
    path.write_bytes(wav(rate=191_999))
    assert "audio.rate: no small ratio to 44100" in refusal(path, decode=True)


def test_a_good_file_is_taken(tmp_path):
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9 [Live].wav"))
    path.write_bytes(wav())
    require_usable(path, "FILE", installed_decoder())


def test_a_file_that_is_only_a_part_is_taken_with_a_note(tmp_path):
    path = tmp_path / "song.ogg"
    path.write_bytes(ogg([35 * 44_100, 60 * 44_100], numbers=[800, 801]))
    assert require_usable(path, "FILE", None).startswith("song.ogg: its first 35.000 s are missing")
    path.write_bytes(wav())
    assert require_usable(path, "FILE", None) == ""


@pytest.mark.parametrize("text", ["a\x1b[31m", "a\nb", "a\u202eb", "a\u2067b", "\udce9"])
def test_words_that_a_reader_would_obey_are_refused(text):
    with pytest.raises(InvalidInput, match="title: must not hold control characters"):
        require_words(Song(Path("x.wav"), text, "Ada"))


@pytest.mark.parametrize("text", ["שיר \u200f(חי)", "Song [feat. Ada] [Live]", "夜 ♪"])
def test_words_in_every_script_are_taken(text):
    require_words(Song(Path("x.wav"), text, "Ada"))


@pytest.mark.parametrize(("kind", "uses"), [("voice", 13), ("effect", 5)])
def test_metadata_name_a_kind_that_is_not_music(kind, uses):
    made = json.loads(metadata_of(Song(Path("x"), "A", "B", uses=uses, kind=kind), b"abc"))
    assert made["kind"] == kind
    assert "kind" not in json.loads(metadata_of(Song(Path("x"), "A", "B"), b"abc"))


def test_a_voice_needs_the_use_voice():
    with pytest.raises(InvalidInput, match="uses: must include voice"):
        metadata_of(Song(Path("x"), "A", "B", uses=5, kind="voice"), b"abc")


def test_an_unknown_kind_is_refused():
    with pytest.raises(InvalidInput, match="kind: must be music, voice, effect"):
        metadata_of(Song(Path("x"), "A", "B", kind="poem"), b"abc")
