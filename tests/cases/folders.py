"""Folders of recordings: every file that is not offered is named with its reason."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from tests.cases.case import Case, Place
from tests.cases.recordings import write_audio
from tests.cases.splits import CHECK, FAILED, plain


def files(*names: str, audio: tuple[str, ...] = ("a.wav",)):
    """A folder with recordings, and other files with a few bytes in them."""

    def make(folder: Path, place: Place) -> None:
        for number, name in enumerate(audio):
            write_audio(folder / name, number)
        for name in names:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"bytes of " + os.fsencode(name))

    return make


def copies(folder: Path, place: Place) -> None:
    files()(folder, place)
    shutil.copy(folder / "a.wav", folder / "a (1).wav")
    (folder / "splits.csv").write_bytes(plain("a.wav,Ada,100"))


def two_forms(folder: Path, place: Place) -> None:
    files(audio=("Café.wav", "Cafe\u0301.wav"))(folder, place)
    (folder / "splits.csv").write_bytes(plain("Café.wav,Ada,100"))


def odd(folder: Path, place: Place) -> None:
    files()(folder, place)
    (folder / "gone.wav").symlink_to("nowhere.wav")
    (folder / "empty.flac").write_bytes(b"")
    os.mkfifo(folder / "pipe.wav")


CASES = [
    Case("no_folder", "`--check` without a folder", files(audio=()), "refrain up --check", 1,
         ("refrain up failed: --check needs --catalogue, a folder of your own audio",)),
    Case("cjk_files", "names in Japanese and in Russian: one owner each",
         files(audio=("夜.wav", "朝.wav", "Ночь.wav")), CHECK, 0,
         ("Ночь.wav: pays its owner alone", "夜.wav: pays its owner alone",
          "朝.wav: pays its owner alone", "3 recordings; left out: 0")),
    Case("aiff_m4a", "formats that are read, and two that are not",
         files("c.m4a", "f.wma", audio=("a.wav", "b.aiff", "d.opus", "e.aif")), CHECK, 0,
         ("left out  c.m4a: M4A is not read: must be WAV, AIFF, FLAC, MP3 or Ogg",
          "left out  f.wma: WMA is not read: must be WAV, AIFF, FLAC, MP3 or Ogg",
          "a.wav: pays its owner alone", "b.aiff: pays its owner alone",
          "d.opus: pays its owner alone", "e.aif: pays its owner alone",
          "4 recordings; left out: 2")),
    Case("near_splits", "what looks like the table of splits",
         files("splits.csv.txt", "splits (1).csv", "splits.xlsx", "Anteile.csv", "mix.csv"),
         CHECK, 0,
         ("left out  Anteile.csv: may be a table of splits, but only splits.csv is read",
          "left out  mix.csv: a table that is not read: only splits.csv is",
          "left out  splits (1).csv: may be a table of splits, but only splits.csv is read",
          "left out  splits.csv.txt: may be a table of splits, but only splits.csv is read",
          "left out  splits.xlsx: may be a table of splits, but only splits.csv is read",
          "a.wav: pays its owner alone")),
    Case("copies", "the same bytes under two names; the table names one", copies, CHECK, 0,
         ("left out  a (1).wav: holds the same bytes as a.wav", "a.wav: pays Ada 100%")),
    Case("two_forms", "two files whose names differ by Unicode form only", two_forms, CHECK, 1,
         (FAILED + "splits.csv line 2: file: two files have this name, in two Unicode forms "
          "(found 'Café.wav')",)),
    Case("hidden", "hidden files, and folders inside", files(".DS_Store", "._a.wav", "stems/b.wav"),
         CHECK, 0,
         ("left out  2 hidden files (.DS_Store, ._a.wav): hidden, so not read",
          "left out  1 folder (stems): a folder inside of the folder is not read")),
    Case("odd_files", "a link to nothing, an empty file, a pipe", odd, CHECK, 0,
         ("left out  empty.flac: is empty", "left out  gone.wav: a link that leads nowhere",
          "left out  pipe.wav: is not a plain file", "1 recording; left out: 3")),
    Case("other_files", "a cover and notes", files("cover.jpg", "notes.txt"), CHECK, 0,
         ("left out  cover.jpg: is not audio: must be WAV, AIFF, FLAC, MP3 or Ogg",
          "left out  notes.txt: is not audio: must be WAV, AIFF, FLAC, MP3 or Ogg")),
    Case("nothing", "no recording at all", files("notes.txt", audio=()), CHECK, 1,
         (FAILED + "no WAV, AIFF, FLAC, MP3 or Ogg file in FOLDER: notes.txt: is not audio: must "
          "be WAV, AIFF, FLAC, MP3 or Ogg",)),
]  # fmt: skip
