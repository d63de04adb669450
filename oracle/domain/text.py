"""Text of files, of the chain and of services, as it is shown to people."""

from __future__ import annotations

import re
import unicodedata

_SEPARATORS = ("Cc", "Cs", "Zl", "Zp")
_TURNING = {*range(0x202A, 0x202F), *range(0x2066, 0x206A)}
"""Marks that turn the order of letters around."""
_MARKS = {0x061C, 0x200E, 0x200F}
"""Marks of direction that texts in Arabic and Hebrew need; they are invisible."""


def plain(text: object) -> str:
    """Text whose control characters are written as escapes, such as ``\\n`` or ``\\u202e``.

    A title could otherwise move the cursor, or turn the order of letters around. A byte of a file
    name that is not UTF-8 is written as an escape as well, ``\\udce9`` for the byte 0xE9, so that
    the result is always text that every encoding and every reader of JSON takes.
    """
    return "".join(_escaped(letter) for letter in str(text))


def visible(text: str) -> str:
    """Text on one line in which each character that nobody can see is an escape.

    For input that is refused: unlike `plain`, it also shows joiners and blanks of other widths.
    """
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)


def _escaped(letter: str) -> str:
    hidden = is_control(letter) or ord(letter) in _MARKS
    return ascii(letter)[1:-1] if hidden else letter


def is_control(letter: str) -> bool:
    """Whether a letter is not shown but obeyed, or is no letter at all."""
    return unicodedata.category(letter) in _SEPARATORS or ord(letter) in _TURNING


_FOLDERS = re.compile(r"(?<![\w:/.~])~?/(?:[^\s/'\":,]+/)+")


def without_folders(text: str) -> str:
    """A text in which each absolute path is only its last name; URLs stay as they are."""
    return _FOLDERS.sub("", text)
