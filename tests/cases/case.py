"""A case: an input, a command that gets it, its exit status and the lines that it prints."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.cases.programs import Result, in_process
from tests.cases.recordings import write_audio

DATA = Path(__file__).with_name("data")
Place = Mapping[str, Any]
"""What runs while a case runs, by name: see `places.py`. Empty for a case that needs nothing."""
Make = Callable[[Path, Place], None]
Run = Callable[[list[str], Path], Result]


@dataclass(frozen=True)
class Case:
    """One input of one person.

    Args:
        name: unique in its file, such as ``percent_sign``.
        about: what is special about the input, in a few words for the report.
        make: writes the input into an empty folder.
        command: words with a blank between them. ``{folder}`` stands for the folder; other names
            in braces stand for what the place has under that name.
        status: exit status.
        says: whole lines that must be printed, in this order. The folder's path is left out of
            them, and so are the seconds at the beginning of a line. What the place names is
            written as its name in capitals, such as ``PAYEE``.
        run: how the words are run.
        place: name of the place that must run, from `places.PLACES`.
    """

    name: str
    about: str
    make: Make
    command: str
    status: int
    says: tuple[str, ...]
    run: Run = in_process
    place: str = ""

    def words(self, folder: Path, place: Place) -> list[str]:
        """The command as a list, with the folder and what the place has filled in."""
        names = {**place, "folder": folder}
        return [word.format_map(names) for word in self.command.split()]

    def outcome(self, folder: Path, place: Place) -> Result:
        """What the command does with the input, made in the empty `folder`."""
        self.make(folder, place)
        return self.run(self.words(folder, place), folder).without(folder, place)


def audited(mismatches: int = 0, unreadable: int = 0, verdict: str = "") -> str:
    """The last line of an audit, without how much it looked at."""
    word = verdict or ("does not agree" if mismatches else "money and content agree")
    return (f"audit: {mismatches} mismatches, {unreadable} unreadable, "
            f"N not checked of C checks; scope ..; {word}")  # fmt: skip


def copied(name: str, *audio: str) -> Make:
    """Copies a folder of `data`, and writes a valid recording under each name of `audio`."""

    def make(folder: Path, place: Place) -> None:
        shutil.copytree(DATA / name, folder, dirs_exist_ok=True)
        for number, file in enumerate(audio):
            write_audio(folder / file, number)

    return make


def written(table: bytes, *audio: str, name: str = "splits.csv") -> Make:
    """Writes a table of splits, and a valid recording under each name of `audio`."""

    def make(folder: Path, place: Place) -> None:
        (folder / name).write_bytes(table)
        for number, file in enumerate(audio):
            write_audio(folder / file, number)

    return make
