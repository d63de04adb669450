"""What the tags of a file suggest for its registration, beside what the person gave."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING

from oracle.cli.session import Session
from oracle.cli.units import Malformed
from oracle.domain.errors import InvalidInput
from oracle.domain.text import plain

if TYPE_CHECKING:
    from oracle.client.song import Song
    from oracle.client.tags import Tags

TEXTS = ("title", "artist", "isrc")
SHOWN = {"title": "title", "artist": "artist", "isrc": "ISRC"}


def described(do: Session, given: Song) -> Song:
    """A song with title, artist and ISRC; what is empty in `given` comes from the file's tags.

    A file without a title in its tags has its name as the title. The notes say what came from the
    tags, and where the tags differ from what was given.

    Raises:
        Malformed: no artist is given, and the tags name none; or the given ISRC is none.
    """
    from oracle.client.tags import read_tags

    tags = read_tags(given.path)
    name = given.path.name
    if tags.fault:
        do.out.note(f"{name}: {tags.fault}")
    found = {"title": tags.title, "artist": tags.artist, "isrc": _tagged_isrc(do, name, tags)}
    asked = {"title": given.title, "artist": given.artist, "isrc": _given_isrc(given.isrc)}
    _say(do, name, asked, found)
    if not (asked["artist"] or found["artist"]):
        detail = "must be given: the tags of the file name no artist"
        raise Malformed(detail, field="--artist", value=name)
    title, artist, isrc = (asked[text] or found[text] for text in TEXTS)
    return replace(given, title=title or plain(given.path.stem), artist=artist, isrc=isrc)


def _say(do: Session, name: str, asked: dict[str, str], found: dict[str, str]) -> None:
    taken = [SHOWN[text] for text in TEXTS if found[text] and not asked[text]]
    if taken:
        do.out.note(f"{name}: from its tags: {', '.join(taken)}")
    for text in TEXTS:
        if asked[text] and found[text] and _folded(asked[text]) != _folded(found[text]):
            do.out.note(f"{name}: its tags say {SHOWN[text]} {found[text]}; "
                        f"{asked[text]} is registered, as you gave it")  # fmt: skip


def _folded(text: str) -> str:
    """Text without differences that nobody hears: case, spaces and the form of letters."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _given_isrc(text: str) -> str:
    from oracle.client.isrc import normalised

    try:
        return normalised(text, "--isrc")
    except InvalidInput as error:
        raise Malformed(error.detail, field=error.field, value=error.value) from None


def _tagged_isrc(do: Session, name: str, tags: Tags) -> str:
    from oracle.client.isrc import normalised

    try:
        return normalised(tags.isrc)
    except InvalidInput as error:
        do.out.note(f"{name}: the ISRC of its tags is left out: {error}")
        return ""
