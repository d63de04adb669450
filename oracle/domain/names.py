"""Names of people as identities: when two names are the same one, and which only look the same.

Two names are the same if they are equal in Unicode form NFC, with each run of blanks as one blank
and without blanks at the ends. Everything else counts: case, accents, width. So ``René`` and
``Rene`` are two people, and `look_alikes` points them out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from itertools import pairwise

from oracle.domain.errors import InvalidInput
from oracle.domain.look_alikes import LATIN, SAME

LONGEST = 200
"""Characters of a name."""

_JOINERS = "\u200c\u200d"
"""Scripts of India and Persia, and emoji, need them inside a word."""
_BLANK = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
"""Letters and signs that are drawn as nothing."""
_LAST_EUROPEAN = 0x0590
"""The scripts below it have no use for joiners and variants of letters."""
_LOST = "\ufffd"
"""What programs write for bytes that they cannot read."""
_FORMULA = re.compile(
    r"#(n/?[avd]|nv|[\w/]+[!?])|err:\d{3}|#{2,}|[-+]?\d+([.,]\d+)?e[-+]\d+", re.IGNORECASE
)
"""What spreadsheets write for a formula that failed, or for a number that is too long."""
_ADDRESS = re.compile(
    r"\W*0[xхχ×].*|\W*[oо][xхχ×][0-9a-f]{8,}|.*[0-9a-f]{30,}.*|.*[.。]eth", re.DOTALL
)
_ACCENTS = range(0x0300, 0x0370)


def name_of(text: str, field: str) -> str:
    """A name in its one form.

    Raises:
        InvalidInput: empty, longer than 200 characters, with characters that nobody can see or
            that were lost, or what a spreadsheet writes for a formula or a number.
    """
    name = unicodedata.normalize("NFC", " ".join(text.split()))
    if not name:
        raise InvalidInput("must not be empty", field=field)
    for before, letter in pairwise(" " + name):
        if _is_invisible(letter, before):
            detail = f"holds the invisible character U+{ord(letter):04X}"
            raise InvalidInput(detail, field=field, value=ascii(name)[1:-1])
    if _LOST in name:
        detail = "holds U+FFFD, which stands for a letter that was lost: write the name again"
        raise InvalidInput(detail, field=field, value=name)
    if _FORMULA.fullmatch(name):
        detail = "is what a spreadsheet writes for a formula or a number, not a name"
        raise InvalidInput(detail, field=field, value=name)
    if len(name) > LONGEST:
        detail = f"must have at most {LONGEST} characters"
        raise InvalidInput(detail, field=field, value=len(name))
    return name


def looks_like_address(text: str) -> bool:
    """Whether a text was meant as an address: ``0X...``, a piece of one, or a name of ENS."""
    return bool(_ADDRESS.fullmatch(unicodedata.normalize("NFKC", text.strip()).casefold()))


def look_alikes(names: Iterable[str]) -> list[list[str]]:
    """Groups of different names that people take for one.

    They differ by case, accent, width, blanks or signs only, or by letters of another script that
    look the same, such as the Cyrillic ``а``.
    """
    groups: dict[str, list[str]] = {}
    for name in sorted(set(names)):
        groups.setdefault(outline(name), []).append(name)
    return [group for group in groups.values() if len(group) > 1]


def mistaken_for(name: str) -> str:
    """The name whose UTF-8 was read as Windows-1252: ``Zoé`` for ``ZoÃ©``; empty if none was."""
    try:
        meant = name.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return ""
    return meant if meant != name and meant.isprintable() else ""


def outline(name: str) -> str:
    """What is left of a name without case, accents, width, blanks, signs and scripts."""
    folded = unicodedata.normalize("NFKD", name.translate(LATIN)).casefold().translate(SAME)
    bare = (letter for letter in folded if ord(letter) not in _ACCENTS and letter not in _JOINERS)
    letters = "".join(letter for letter in bare if unicodedata.category(letter)[0] in "LMNS")
    return letters or name


def _is_invisible(letter: str, before: str) -> bool:
    """Whether nobody sees a letter; joiners and variants count by the letter before them."""
    if letter in _JOINERS or unicodedata.name(letter, "").startswith("VARIATION SELECTOR"):
        return ord(before) < _LAST_EUROPEAN and (before.isalpha() or before.isspace())
    kinds = ("Cc", "Cf", "Cs", "Zl", "Zp")
    return letter in _BLANK or unicodedata.category(letter) in kinds
