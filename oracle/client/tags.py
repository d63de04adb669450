"""Title, artist and ISRC as the tags of an audio file state them: suggestions, never trusted."""

from __future__ import annotations

import json
import subprocess
import sys
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from oracle.domain.text import is_control

LONGEST = 300
"""Letters of a text that is suggested; a longer one is no title."""

_CHILD = Path(__file__).with_name("tags_child.py")
_PATIENCE = 20.0


@dataclass(frozen=True)
class Tags:
    """What a file says of itself; empty where it says nothing.

    Args:
        fault: why the tags, or some of them, are not read; empty if they are, or if there are none.
    """

    title: str = ""
    artist: str = ""
    isrc: str = ""
    fault: str = ""


def read_tags(path: Path) -> Tags:
    """The tags of a file in ID3, Vorbis comments, RIFF INFO or AIFF chunks.

    A child process reads them with bounded memory and time, because a tag may be made to need
    much of both. Control characters become blanks, and letters are in the form NFC.

    Raises:
        OSError: the file cannot be opened.
    """
    command = [sys.executable, "-I", str(_CHILD)]
    with path.open("rb") as file:
        try:
            done = subprocess.run(command, stdin=file, capture_output=True, timeout=_PATIENCE)
        except subprocess.TimeoutExpired:
            return Tags(fault="its tags take too long to read")
    if done.returncode:
        return Tags(fault="its tags cannot be read")
    found = json.loads(done.stdout)
    texts = {name: clean(found[name]) for name in ("title", "artist", "isrc")}
    long = " and ".join(name for name, text in texts.items() if len(text) > LONGEST)
    fault = f"its tag of {long} has more than {LONGEST} characters and is left out" if long else ""
    return Tags(**{name: text for name, text in texts.items() if len(text) <= LONGEST}, fault=fault)


def clean(text: Any) -> str:
    """Text in one line without control characters."""
    shown = "".join(" " if is_control(letter) else letter for letter in str(text))
    return " ".join(unicodedata.normalize("NFC", shown).split())
