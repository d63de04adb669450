"""Headers of audio files: what they say, and each way in which the file does not hold it."""

from __future__ import annotations

import struct
import time
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oracle.domain.containers import Sound, kind_of, require_fit, survey
from oracle.domain.errors import InvalidInput
from tests.support.containers_made import aiff, chunk, flac_head, id3, mp3, ogg, page, wav

OPUS = b"OpusHead" + struct.pack("<BBHIHB", 1, 1, 312, 48_000, 0, 0)
TAG = id3(("TIT2", "Slow Ferry"), padding=700)


def found(data: bytes) -> Sound:
    return survey(BytesIO(data))


def refusal(data: bytes) -> str:
    with pytest.raises(InvalidInput) as caught:
        found(data)
    assert caught.value.field and caught.value.field.startswith("audio")
    return str(caught.value)


@pytest.mark.parametrize(
    ("data", "form", "rate", "channels", "seconds"),
    [
        (wav(), "WAV", 8_000, 1, 2.5),
        (wav(before=chunk(b"bext", b"x" * 301, "<"), after=chunk(b"LIST", b"INFO", "<")), "WAV",
         8_000, 1, 2.5),
        (aiff(), "AIFF", 8_000, 1, 2.5),
        (aiff(rate=44_100, compression=b"NONE\x00\x00"), "AIFF", 44_100, 1, 2.5),
        (flac_head(110_250), "FLAC", 44_100, 2, 2.5),
        (ogg([50_000, -1, 110_250]), "Ogg", 44_100, 2, 2.5),
        (ogg([120_312], head=OPUS), "Ogg", 48_000, 1, 2.5),
        (mp3(100), "MP3", 44_100, 2, 115_200 / 44_100),
        (mp3(100, (32, 320), xing=100), "MP3", 44_100, 2, 115_200 / 44_100),
        (mp3(100, (128, 160), xing=99), "MP3", 44_100, 2, 115_200 / 44_100),
    ],
)  # fmt: skip
def test_a_whole_file_says_what_it_holds(
    data: bytes, form: str, rate: int, channels: int, seconds: float
) -> None:
    sound = found(data)
    assert (sound.form, sound.rate, sound.channels) == (form, rate, channels)
    assert sound.seconds == pytest.approx(seconds)


@pytest.mark.parametrize("data", [wav(), aiff(), flac_head(99_000), mp3(100)])
@pytest.mark.parametrize("tags", [TAG, TAG + TAG, TAG + bytes(40)])
def test_tags_before_the_sound_are_passed_over(data: bytes, tags: bytes) -> None:
    assert found(tags + data) == found(data)


def test_junk_before_and_between_frames_is_passed_over() -> None:
    junk = b"\xff\xfb\x90 no frame" * 20
    assert found(TAG + junk + mp3(100)) == found(mp3(100))
    assert found(mp3(60) + junk + mp3(40)) == found(mp3(100))


def test_tags_between_and_after_frames_are_passed_over() -> None:
    ape = b"APETAGEX" + struct.pack("<IIII", 2_000, 90_032, 1, 1 << 31) + bytes(8 + 90_032)
    tags = id3(padding=99_000) + ape + b"TAG".ljust(128, b"x")
    assert found(mp3(100) + tags) == found(mp3(60) + tags + mp3(40)) == found(mp3(100))


def test_a_file_made_to_cost_time_costs_little() -> None:
    chance = (b"\xff\xfb\x90\0" * 16_000 + mp3(2)) * 60
    chunks = b"RIFF\0\0\0\0WAVE" + b"JUNK\0\0\0\0" * 1_000_001
    begun = time.process_time()
    for data in (mp3(2) + chance * 2, chunks):
        with pytest.raises(InvalidInput):
            found(data)
    assert time.process_time() - begun < 20


@pytest.mark.parametrize("data", [wav(), aiff(), ogg([110_250]), mp3(100)])
def test_a_tag_after_the_sound_changes_nothing(data: bytes) -> None:
    assert found(data + b"TAG".ljust(128, b"\0")) == found(data)


@pytest.mark.parametrize("size", [0xFFFF_FFFF, 0x7FFF_F000, 0x8000_0000])
def test_a_size_that_means_unknown_is_the_rest_of_the_file(size: int) -> None:
    assert found(wav(stated=size)) == found(wav())


def test_a_length_that_is_not_stated_is_not_known() -> None:
    assert found(flac_head(0)).frames is None
    assert found(ogg([9_000_000, 9_110_250])).seconds is None  # recorded from the middle on


def test_an_ogg_file_without_its_beginning_says_so() -> None:
    cut = found(ogg([35 * 44_100, 60 * 44_100], numbers=[800, 801]))
    assert cut.note == (
        "its first 35.000 s are missing, as in a part of a stream: only 25.000 s are used"
    )
    assert found(ogg([44_100, 60 * 44_100])).note == ""


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (wav(stated=0), "has a size of 0 for its samples, as programs write into a pipe, and"),
        (wav()[:20_044], "is cut: its header says 2.500 s (found 1.250 s)"),
        (wav(stated=80_000), "is cut: its header says 5.000 s (found 2.500 s)"),
        (wav(stated=20_000), "has 1.250 s of samples by its header, and 1.250 s follow in bytes"),
        (wav() * 2, "holds a second file after its end"),
        (wav()[:30], "ends within its header"), (wav()[:40], "ends before its samples"),
        (b"RIFF\0\0\0\0WAVEdata" + bytes(99), "has no format before its samples"),
        (aiff()[:20_000], "is cut: its header says 2.500 s (found 1.247 s)"),
        (aiff(frames=40_000), "is cut: its header says 5.000 s (found 2.500 s)"),
        (aiff(frames=8_000), "states 1.000 s in COMM, and holds 2.500 s"),
        (aiff(stated=0), "has a size of 0 for its samples, as programs write into a pipe"),
        (aiff()[:40], "is cut: its header says 2.500 s (found 0.000 s)"),
        (flac_head(9) + flac_head(9), "holds 2 FLAC streams, one after the other"),
        (b"fLaC" + b"\0" * 99, "ends within its header"),
        (b"fLaC\0", "ends within its header"),
        (ogg([352_800]) + ogg([352_800], 2), "holds 2 streams (Vorbis 8.000 s, Vorbis 8.000 s)"),
        (ogg([352_800]) * 2, "holds 2 streams (Vorbis 8.000 s, Vorbis 8.000 s)"),
        (ogg([352_800]) + ogg([96_312], 2, OPUS), "holds 2 streams (Vorbis 8.000 s, Opus 2.000 s)"),
        (ogg([50_000, 110_250], ends=False), "is cut: it has no last page, so what is missing is"),
        (ogg([50_000, 110_250])[:-9], "is cut: it has no last page, so what is missing is unknown "
         "(found 1.134 s)"),
        (ogg([50_000, 80_000, 110_250], numbers=[1, 4, 5]), "2 pages are missing after 1.134 s"),
        (ogg([50_000]) + b"??" + ogg([50_000], 2), "no page begins there"),
        (page(2, 0, 1, 0, b"\x80theora" + bytes(60)),
         "must be Vorbis or Opus in an Ogg file (found"),
        (page(0, 0, 1, 4, b"x" * 40), "holds no stream from its beginning"),
        (TAG + ogg([110_250]), "has a tag before an Ogg stream"),
        (mp3(400, xing=800), "is cut: its header says 20.898 s (found 10.449 s)"),
        (mp3(400, xing=400) * 2, "has 10.449 s by its header, and holds 20.9"),
        (mp3(400, (320, 128, 32)),
         "has a variable bit rate and no header with its length: decoders"),
        (mp3(300) + mp3(300, rate=48_000),
         "changes after 7.837 s from 2 channels at 44100 Hz to 2"),
        (b"", "is empty"),
        (b"import os\n" * 9, "is not audio: must be WAV, AIFF, FLAC, MP3 or Ogg"),
        (b"".join(ogg([9], serial) for serial in range(1_001)), "holds more than 1000 streams"),
        ((mp3(2) + b"junk" * 9) * 102, "is damaged: in more than 100 places no frame follows"),
        (mp3(90, xing=90) + id3(padding=200_000) + mp3(90), "2.351 s by its header, and holds 4.7"),
        (mp3(90) + b"x" * 70_000, "is damaged at byte 37530: 70000 bytes follow that are no"),
        (TAG, "ends within its tag"),
        (TAG + b"import os", "is not audio"),
    ],
)  # fmt: skip
def test_a_file_that_does_not_hold_what_it_says_is_refused(data: bytes, said: str) -> None:
    assert said in refusal(data)


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\0\0\0\x20ftypM4A ", "M4A or MP4"), (b"caff\0\1\0\0", "CAF"), (b"MThd\0\0\0\6", "MIDI"),
        (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6", "WMA"), (b"\x1a\x45\xdf\xa3\x9f",
         "Matroska or WebM"),
        (b"\xff\xf1\x50\x80", "AAC"), (b"wvpk\0\0", "WavPack"), (b".snd\0\0\0\x18", "AU"),
        (b"MAC \x96\x0f", "Monkey's Audio"), (b"RIFF\0\0\0\0AVI LIST", "AVI"), (b"DSD \x1c", "DSF"),
        (b"riff\x2e\x91\xcf\x11", "Wave64"), (b"BW64\xff\xff\xff\xffWAVE", "BW64"),
    ],
)  # fmt: skip
def test_another_format_is_refused_by_its_name(head: bytes, kind: str) -> None:
    said = refusal(head + bytes(64))
    wanted = "must be WAV, AIFF, FLAC, MP3 or Ogg (Vorbis, Opus)"
    assert said == f"audio.format: {wanted} (found {kind})"


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"RIFF\x24\0\0\0WAVEfmt ", "WAV"), (b"RF64\xff\xff\xff\xffWAVEds64", "WAV"),
        (b"FORM\0\0\0\0AIFFCOMM", "AIFF"), (b"FORM\0\0\0\0AIFCFVER", "AIFF"),
        (b"fLaC\0\0\0\x22", "FLAC"),
        (b"OggS\0\x02", "Ogg"), (b"\xff\xfb\x90\x64", "MP3"), (b"\xff\xf3\x44\xc4", "MP3"),
        (b"", None), (b"FORM\0\0\0\0ILBM", None), (b"import os", None), (b"%PDF-1.7", None),
        (b"\x89PNG\r\n\x1a\n", None), (b"\xff\xfe<\0h\0t\0m\0", None), (b"\xff\xd8\xff\xe0", None),
        (b"\xff\xff\xff\xff", None), (b"\xff\xfb", None), (b"ab" * 32, None),
    ],
)  # fmt: skip
def test_a_format_is_known_by_the_first_bytes(head: bytes, kind: str | None) -> None:
    assert kind_of(head) == kind


@pytest.mark.parametrize(
    ("sound", "said"),
    [
        (Sound("WAV", 44_101, 2, 60_000), "audio.seconds: must be at least 2 s (found 1.361)"),
        (Sound("WAV", 44_100, 2, 0), "audio.frames: holds no samples"),
        (Sound("WAV", 44_100, 9, 99_999), "audio.channels: at most 8 channels (found 9)"),
        (Sound("WAV", 44_100, 0, 99_999), "audio.channels"),
        (Sound("WAV", 7_999, 2, 99_999), "audio.rate: between 8000 and 192000 frames a second"),
        (Sound("FLAC", 0, 2, None), "audio.rate"),
        (Sound("FLAC", 8_000, 2, 9_600_001), "audio.seconds: at most 1200 s (found 1200.000)"),
        (Sound("FLAC", 192_000, 8, 15_000_001), "audio.frames: at most 120000000 samples"),
    ],
)
def test_a_sound_outside_of_the_limits_is_refused(sound: Sound, said: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        require_fit(sound)
    assert said in str(caught.value)


def test_a_sound_within_the_limits_is_taken() -> None:
    require_fit(found(wav(2.0)))
    require_fit(Sound("FLAC", 44_100, 2, None))


WHOLE = [wav(), aiff(), aiff(compression=b"sowt\0\0"), flac_head(9), ogg([9, 20]), TAG + mp3(9)]


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(WHOLE),
    st.lists(st.tuples(st.integers(0, 120), st.integers(0, 255)), max_size=9),
    st.integers(0, 4_000), st.binary(max_size=64),
)  # fmt: skip
def test_changed_bytes_give_a_sound_or_a_clear_error(
    data: bytes, changes: list[tuple[int, int]], kept: int, after: bytes
) -> None:
    changed = bytearray(data)
    for place, value in changes:
        changed[place % len(changed)] = value
    try:
        sound = found(bytes(changed[:kept]) + after)
    except InvalidInput as error:
        assert error.field and error.field.startswith("audio")
    else:
        assert sound.form in ("WAV", "AIFF", "FLAC", "Ogg", "MP3") and sound.slack >= 0


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([b"", b"RIFF0000WAVE", b"FORM0000AIFC", b"fLaC", b"OggS", b"ID3\4\0\0",
                        b"\xff\xfb\x90\0"]), st.binary(max_size=300))  # fmt: skip
def test_any_bytes_give_a_sound_or_a_clear_error(start: bytes, rest: bytes) -> None:
    try:
        assert found(start + rest).rate >= 0
    except InvalidInput as error:
        assert error.field and error.field.startswith("audio")
