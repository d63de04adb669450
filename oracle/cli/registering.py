"""Recordings that are about to be registered: what is checked, and what is shown before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from oracle.cli import units
from oracle.cli.confirm import Change
from oracle.cli.recordings import (
    date_shown,
    holder_changes,
    share_shown,
    split_that_pays,
    uses_shown,
)
from oracle.cli.session import Session
from oracle.cli.units import Malformed
from oracle.domain.errors import InvalidInput, Refused

if TYPE_CHECKING:
    from oracle.client.audio_check import Decoder
    from oracle.client.song import Song

DAY = 86_400
TEN_YEARS = 3_652 * DAY


def songs_of(do: Session, given: Song, files: Sequence[Path]) -> list[Song]:
    """The songs of some files under the same terms, with what their tags say of them.

    Args:
        given: the terms, and the title, artist and ISRC that the person gave; empty for none.

    Raises:
        Malformed: a text that is empty or holds control characters, or no ISRC.
        InvalidInput: a file that no node takes, or two files with one ISRC.
    """
    from oracle.client.audio_check import NOT_DECODED, installed_decoder

    now = do.connection.artist.time()
    until = given.consent_until or (now + TEN_YEARS) // DAY * DAY
    if until <= max(now, given.consent_from):
        detail = "must be later than now and than --from"
        raise Malformed(detail, field="--until", value=units.moment_text(until))
    given = replace(given, consent_until=until)
    decoder = installed_decoder()
    if decoder is None:
        do.out.note(f"The files are {NOT_DECODED}.")
    songs = [_song(do, replace(given, path=units.file(f, "FILES")), decoder) for f in files]
    _require_own_isrcs(songs)
    return songs


def _song(do: Session, given: Song, decoder: Decoder | None) -> Song:
    from oracle.cli.tagged import described
    from oracle.client.audio_check import require_usable
    from oracle.client.song import digests, require_kind, require_words

    if note := require_usable(given.path, "FILES", decoder):
        do.out.note(note)
    song = described(do, given)
    try:
        require_words(song)
        require_kind(song)
    except InvalidInput as error:
        raise Malformed(error.detail, field=error.field, value=error.value) from None
    digests(song)
    return song


def _require_own_isrcs(songs: Sequence[Song]) -> None:
    """Raises InvalidInput for two files with one ISRC, which names one recording."""
    known: dict[str, str] = {}
    for song in songs:
        name = song.path.name
        if song.isrc and song.isrc in known:
            detail = f"{known[song.isrc]} and {name} have the same ISRC {song.isrc}"
            raise InvalidInput(f"{detail}: correct a tag, or register them one by one with --isrc",
                               field="FILES")  # fmt: skip
        known[song.isrc] = name


def require_new(do: Session, songs: Sequence[Song]) -> None:
    """Raises Refused for a file that the ledger knows, or that is named twice."""
    from oracle.client.song import digests

    ledger = do.connection.ledger
    registered = ledger.recordings(1, ledger.recording_count())
    known = {
        found.audio: f"registered already as recording {found.id} of {found.owner}"
        for found in registered
    }
    codes = {found.isrc: found.id for found in registered if found.isrc}
    for song in songs:
        audio = digests(song)[0].hex()
        if audio in known:
            raise Refused(f"{song.path.name}: {known[audio]}. If this is meant, add --again",
                          field="FILES")  # fmt: skip
        known[audio] = f"the same as {song.path.name}"
        if song.isrc in codes:
            do.out.note(f"{song.path.name}: its ISRC {song.isrc} is that of recording "
                        f"{codes[song.isrc]}, whose file is another one")  # fmt: skip


def announce(do: Session, songs: Sequence[Song], pay_others: bool) -> None:
    """Shows what is registered, under which terms, and who is paid."""
    song = songs[0]
    paid = split_that_pays(do, song.split, pay_others)
    names, artists, isrcs = (
        "; ".join(dict.fromkeys(text for each in songs if (text := getattr(each, field))))
        for field in ("title", "artist", "isrc")
    )
    now = do.connection.artist.time()
    start = date_shown(song.consent_from, do) if song.consent_from > now else "now"
    rows = [
        ("title", names), ("artist", artists), ("ISRC", isrcs or "none"),
        ("kind", song.kind), ("owner", f"{do.address} (you)"),
        ("uses", uses_shown(song.uses, do)),
        ("largest share of a track", share_shown(song.max_share, do)),
        ("from", start), ("until", date_shown(song.consent_until, do)),
        ("licence", song.licence or "none"),
    ]  # fmt: skip
    title = "Register a recording" if len(songs) == 1 else f"Register {len(songs)} recordings"
    changes = [Change(name, "-", value) for name, value in rows]
    do.change(title, [*changes, *holder_changes(None, paid, do)])
