"""Audio files whose headers, names, tags or content are unusual."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from unittest.mock import patch

import numpy as np

from tests.cases.case import Case, Make, Place
from tests.cases.programs import Result, in_process
from tests.cases.sounds import (
    RATE,
    coded,
    droning,
    files,
    frames_of,
    half,
    named,
    shared,
    sizes,
    stating,
    tone,
    variable,
    without_header,
    without_length,
)
from tests.support.containers_made import chunk, id3, wav

CHECK = "refrain up --catalogue {folder} --check"
NONE = "refrain up failed: CATALOGUE: no file in FOLDER is usable"
REGISTER = "refrain catalogue register --yes"
FORMATS = "must be WAV, AIFF, FLAC, MP3 or Ogg (Vorbis, Opus)"
TAG = (("TIT2", "Slow Ferry"), ("TPE1", "Ada"), ("TSRC", "us-s1z-99-00001"))


def read(name: str, about: str, make: Make, *shown: str) -> Case:
    """Files that are read; `shown` are their names as they are shown."""
    says = tuple(f"{file}: pays its owner alone" for file in shown)
    return Case(name, about, make, CHECK, 0, says)


def left_out(name: str, about: str, make: Make, says: str) -> Case:
    """A folder of one file that is named and left out."""
    return Case(name, about, make, CHECK, 1, (f"left out  {says}", NONE))


def one(ending: str, content: Callable[[], bytes]) -> Make:
    """One file called x."""
    return files(**{f"x_{ending}": content})


def artist(make: Make) -> Make:
    """The same files, and the profile of an artist."""

    def both(folder: Path, place: Place) -> None:
        make(folder, place)
        lines = [f'{name} = "{place[name]}"' for name in ("rpc", "deployment", "key")]
        text = "\n".join(['default = "mara"', "[profiles.mara]", *lines])
        (folder / "config.toml").write_text(text + "\n")

    return both


def as_artist(words: Sequence[str], folder: Path) -> Result:
    """Runs a command with the profile that `artist` wrote, and nothing else of the environment."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("REFRAIN_")}
    config = {"REFRAIN_CONFIG": str(folder / "config.toml")}
    with patch.dict(os.environ, kept | config, clear=True):
        return in_process(words, folder)


def registers(name: str, about: str, make: Make, words: str, status: int, *says: str) -> Case:
    """A registration by an artist."""
    command = f"{REGISTER} {words}"
    return Case(name, about, artist(make), command, status, says, as_artist, "registry")


SHARED = [
    read("streamed_unknown_len.flac", "a FLAC whose header states no length",
         shared("streamed_unknown_len.flac"), "streamed_unknown_len.flac"),
    left_out("chained.ogg", "two streams of 8 s, one after the other", shared("chained.ogg"),
             "chained.ogg: audio: holds 2 streams (Vorbis 8.000 s, Vorbis 8.000 s): "
             "save it as one"),
    read("not_utf8_name", "a name in Latin-1", named(b"caf\xe9.wav", wav), r"caf\udce9.wav"),
    read("brackets", "brackets in a name", named(b"Song [feat. Ada] [Live].wav", wav),
         "Song [feat. Ada] [Live].wav"),
    left_out("piped_zero", "a WAV whose sizes are 0, written into a pipe",
             one("wav", lambda: sizes(coded("WAV"), 0, 0)),
             "x.wav: audio: has a size of 0 for its samples, as programs write into a pipe, and "
             "4.000 s follow: save it as a file"),
    Case("drone", "a drone: no beat", one("wav", droning),
         "refrain node analyse {folder}/x.wav --cache {folder}/cache", 0,
         ('  "seconds": 6,', '  "bpm": 0')),
]  # fmt: skip

READ = [
    read("aiff", "AIFF and AIFF-C, written by a Mac",
         files(a_aiff=lambda: coded("AIFF"), b_aif=lambda: coded("AIFF", tone(3)),
               c_aifc=lambda: coded("AIFF", tone(5), subtype="FLOAT")),
         "a.aiff", "b.aif", "c.aifc"),
    read("opus", "Opus in Ogg, of a phone", one("opus", lambda: coded("OGG", rate=48_000,
                                                                     subtype="OPUS")), "x.opus"),
    read("piped_ones", "a WAV with the largest sizes, written into a pipe",
         one("wav", lambda: sizes(coded("WAV"), 2**32 - 1, 2**32 - 1)), "x.wav"),
    read("piped_sox", "a WAV with the sizes that sox writes into a pipe",
         one("wav", lambda: sizes(coded("WAV"), 0x7FFF_F024, 0x7FFF_F000)), "x.wav"),
    read("tag_before", "an ID3 tag before FLAC and WAV",
         files(a_flac=lambda: id3(*TAG) + coded("FLAC"), b_wav=lambda: id3(*TAG) + wav()),
         "a.flac", "b.wav"),
    read("tag_after", "an ID3v1 tag after FLAC and MP3",
         files(a_flac=lambda: coded("FLAC") + b"TAG".ljust(128, b"\0"),
               b_mp3=lambda: coded("MP3") + b"TAG".ljust(128, b"\0")), "a.flac", "b.mp3"),
    read("wrong_ending", "a FLAC called .wav", one("wav", lambda: coded("FLAC")), "x.wav"),
    read("cbr_bare", "an MP3 of constant bit rate without a header",
         one("mp3", lambda: without_header(coded("MP3", bitrate_mode="CONSTANT",
                                                 compression_level=0.5))), "x.mp3"),
    read("click", "one click in silence", one("wav", lambda: coded("WAV", np.where(
        np.arange(RATE * 4) == RATE, 0.9, 0.0))), "x.wav"),
    read("newline_name", "a line break and a mark that turns text around in a name",
         named("a\nb\u202egpj.wav".encode(), wav), r"a\nb\u202egpj.wav"),
]  # fmt: skip

REFUSED = [
    left_out("m4a", "an M4A called .wav", one("wav", lambda: b"\0\0\0\x20ftypM4A \0\0\0\0" * 9),
             f"x.wav: audio.format: {FORMATS} (found M4A or MP4)"),
    left_out("wma", "a WMA called .mp3", one("mp3", lambda: bytes.fromhex("3026b2758e66cf11") * 9),
             f"x.mp3: audio.format: {FORMATS} (found WMA)"),
    left_out("caf", "a CAF called .wav", one("wav", lambda: coded("CAF")),
             f"x.wav: audio.format: {FORMATS} (found CAF)"),
    left_out("cut_wav", "half of a WAV", one("wav", lambda: half(coded("WAV"))),
             "x.wav: audio.seconds: is cut: its header says 4.000 s (found 2.000 s)"),
    left_out("cut_aiff", "half of an AIFF", one("aiff", lambda: half(coded("AIFF"))),
             "x.aiff: audio.seconds: is cut: its header says 4.000 s (found 2.000 s)"),
    left_out("joined_wav", "two WAV files in one", one("wav", lambda: wav() * 2),
             "x.wav: audio: holds a second file after its end: two files were joined"),
    left_out("small_size", "a WAV whose header states half of its samples",
             one("wav", lambda: wav(stated=20_000)),
             "x.wav: audio: has 1.250 s of samples by its header, and 1.250 s follow in bytes that "
             "belong to no chunk"),
    left_out("joined_flac", "two FLAC files in one", one("flac", lambda: coded("FLAC") * 2),
             "x.flac: audio: holds 2 FLAC streams, one after the other: save it as one"),
    left_out("flac_goes_on", "a FLAC whose header states half of its samples",
             one("flac", lambda: stating(coded("FLAC"), 2 * RATE)),
             "x.flac: audio: has 2.000 s by its header, and 2.000 s follow, which only some "
             "decoders play: save it again"),
    left_out("flac_again", "the frames of a FLAC a second time",
             one("flac", lambda: coded("FLAC") + frames_of(coded("FLAC"))),
             "x.flac: audio: has 4.000 s by its header, and 4.000 s follow, which only some "
             "decoders play: save it again"),
    left_out("flac_and_wav", "a WAV behind a FLAC", one("flac", lambda: coded("FLAC") + wav()),
             "x.flac: audio: holds a file of another format after its end: two files were joined"),
    left_out("two_data", "a WAV with two chunks of samples",
             one("wav", lambda: wav(after=chunk(b"data", bytes(99), "<"))),
             "x.wav: audio: holds samples in two chunks, of which decoders read one: save it "
             "again"),
    left_out("two_formats", "a WAV with two formats",
             one("wav", lambda: wav()[:36] + wav()[12:]),
             "x.wav: audio: states two formats for its samples"),
    left_out("wide_frames", "a WAV whose frames are wider than its channels",
             one("wav", lambda: wav()[:32] + b"\x08" + wav()[33:]),
             "x.wav: audio: states frames of 8 bytes, where its channels and bits need 2"),
    left_out("chained_opus", "Vorbis, then Opus", one("ogg", lambda: coded("OGG") + coded(
        "OGG", rate=48_000, subtype="OPUS")),
             "x.ogg: audio: holds 2 streams (Vorbis 4.000 s, Opus 4.000 s): save it as one"),
    left_out("silent", "silence", one("wav", lambda: wav()[:44] + bytes(40_000)),
             "x.wav: audio.peak: silent (found 0.000000)"),
    left_out("brief", "1.5 s", one("wav", lambda: wav(1.5)),
             "x.wav: audio.seconds: must be at least 2 s (found 1.500)"),
    left_out("text", "a page of text called .flac", one("flac", lambda: b"It is lost.\n" * 9),
             f"x.flac: audio: is not audio: {FORMATS}"),
    left_out("tag_before_ogg", "an ID3 tag before Ogg",
             one("ogg", lambda: id3(*TAG) + coded("OGG")),
             "x.ogg: audio: has a tag before an Ogg stream, which no decoder expects: "
             "remove it"),
]  # fmt: skip

REGISTERED = [
    registers("tags", "title, artist and ISRC in the tags", one("wav", lambda: id3(*TAG) + wav()),
              "{folder}/x.wav", 0, "x.wav: from its tags: title, artist, ISRC"),
    registers("tag_differs", "another artist in the tags",
              one("wav", lambda: id3(*TAG) + wav(hertz=500)), "{folder}/x.wav --artist Bo", 0,
              "x.wav: from its tags: title, ISRC",
              "x.wav: its tags say artist Ada; Bo is registered, as you gave it"),
    registers("no_artist", "no artist in the tags", one("wav", wav), "{folder}/x.wav", 2,
              "Invalid input: --artist: must be given: the tags of the file name no artist "
              "(found x.wav)"),
    registers("empty_artist", "`--artist=`", one("wav", wav), "{folder}/x.wav --artist=", 2,
              "Invalid input: artist: must not be empty (found '')"),
    registers("bad_isrc", "an ISRC with a digit too few", one("wav", wav),
              "{folder}/x.wav --artist Ada --isrc US-S1Z-99-0001", 2,
              "Invalid input: --isrc: is no ISRC: must be two letters, three letters or digits, "
              "and seven digits, such as ZZ-XXX-26-00001 (found US-S1Z-99-0001)"),
    registers("tagged_no_isrc", "a barcode in the tag of the ISRC",
              one("wav", lambda: id3(("TPE1", "Ada"), ("TSRC", "4006381333931")) + wav(hertz=510)),
              "{folder}/x.wav", 0, "x.wav: from its tags: artist"),
    registers("same_isrc", "two files with one ISRC",
              files(a_wav=lambda: id3(*TAG) + wav(hertz=520), b_wav=lambda: id3(*TAG) + wav(
                  hertz=530)), "{folder}/a.wav {folder}/b.wav", 1,
              "Invalid input: FILES: a.wav and b.wav have the same ISRC USS1Z9900001: correct a "
              "tag, or register them one by one with --isrc"),
    registers("one_title", "one `--title` for two files", files(a_wav=wav, b_wav=wav),
              "{folder}/a.wav {folder}/b.wav --artist Ada --title Song", 2,
              "Invalid input: FILES: name one file with --title or --isrc (found 2)"),
    registers("vbr_bare", "an MP3 of variable bit rate without a header",
              one("mp3", lambda: without_header(variable())), "{folder}/x.mp3 --artist Ada", 1,
              "Invalid input: FILES: x.mp3: audio: has a variable bit rate and no header with its "
              "length: decoders read 3.169 s of 16.039 s; save it again"),
    registers("silent_file", "silence: no gas is paid",
              one("wav", lambda: wav()[:44] + bytes(40_000)),
              "{folder}/x.wav --artist Ada", 1,
              "Invalid input: FILES: x.wav: audio.peak: silent (found 0.000000)"),
    registers("cut_flac", "half of a FLAC that states no length: no gas is paid",
              one("flac", lambda: half(without_length(coded("FLAC")))),
              "{folder}/x.flac --artist Ada", 1,
              "Invalid input: FILES: x.flac: audio: cannot be decoded after 1.486 s: flac "
              "decoder lost sync (found error 158)"),
]  # fmt: skip

CASES = [*SHARED, *READ, *REFUSED, *REGISTERED]
