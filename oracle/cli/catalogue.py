"""`refrain catalogue register | upload | list | show`: recordings and their files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from oracle.cli import units
from oracle.cli.output import facts, table
from oracle.cli.params import (
    From,
    MaxShare,
    PayOthers,
    Pin,
    RecordingArgument,
    RecordingOption,
    SplitOption,
    Until,
    Uses,
)
from oracle.cli.published import titles_of
from oracle.cli.recordings import (
    consent_facts,
    date_shown,
    holders_table,
    known,
    recording_json,
    split_json,
    split_of,
    uses_shown,
)
from oracle.cli.registering import announce, require_new, songs_of
from oracle.cli.session import Session, command, group
from oracle.cli.units import Malformed
from oracle.domain.consent import COMMERCIAL, CONDITIONING, VOICE
from oracle.domain.errors import InvalidInput
from oracle.domain.text import plain

if TYPE_CHECKING:
    from oracle.client.song import Pin as Pinner

app = group("Register recordings, upload their files, look at them.")

MOST_SHOWN = 100


@command(app, "register", changes=True)
def register(
    do: Session,
    files: Annotated[list[Path], typer.Argument(help="Audio files, exactly as you upload them.")],
    artist: Annotated[
        str | None, typer.Option(metavar="NAME", help="The artist. Default: the file's tag.")
    ] = None,
    title: Annotated[
        str, typer.Option(metavar="TEXT", help="Default: the file's tag or name. One file only.")
    ] = "",
    isrc: Annotated[
        str, typer.Option(metavar="CODE", help="ISRC. Default: the file's tag. One file only.")
    ] = "",
    split: SplitOption = "0",
    pay_others: PayOthers = False,
    uses: Uses = "",
    max_share: MaxShare = "",
    start: From = "",
    until: Until = "",
    licence: Annotated[
        str, typer.Option(metavar="TEXT", help="SPDX identifier, URL or CID of the text.")
    ] = "",
    kind: Annotated[
        str, typer.Option(metavar="KIND", help="music, voice or effect. A voice needs the use "
                          "voice, which it has without --uses.")
    ] = "music",
    pin: Pin = "",
    again: Annotated[
        bool, typer.Option("--again", help="Take a file that is registered already.")
    ] = False,
) -> None:
    """Register recordings as yours and state what may be done with them. Prints their numbers."""
    from oracle.client.song import Song

    if len(files) > 1 and (title or isrc):
        raise Malformed("name one file with --title or --isrc", field="FILES", value=len(files))
    if artist is not None and not artist.strip():
        raise Malformed("must not be empty", field="artist", value=repr(artist))
    given = Song(
        files[0], title, artist or "", isrc,
        split=units.number(split, "--split", 0),
        uses=units.uses(uses, "--uses", do.raw) if uses else usual_uses(kind),
        max_share=units.most_of_track(max_share, "--max-share", do.raw)
        if max_share else units.BASIS,
        consent_from=units.moment(start, "--from", do.raw) if start else 0,
        consent_until=units.moment(until, "--until", do.raw) if until else 0,
        licence=licence, kind=kind,
    )  # fmt: skip
    songs = songs_of(do, given, files)
    if not again:
        require_new(do, songs)
    announce(do, songs, pay_others)
    pinner = pinner_of(pin or do.connection.profile.pin)
    numbers = do.connection.artist.register(songs, pinner)
    if pinner is None:
        do.out.note("Title and artist are not published: no --pin, and none in the profile.")
    listed = [{"recording": n, "file": plain(s.path), "title": s.title}
              for n, s in zip(numbers, songs, strict=True)]  # fmt: skip
    rows = [(item["recording"], item["title"], item["file"]) for item in listed]
    do.out.result({"registered": listed}, table(("recording", "title", "file"), rows),
                  "Next: `refrain catalogue upload FILE --recording N`.")  # fmt: skip


def usual_uses(kind: str) -> int:
    """The uses of a recording whose owner names none; a voice may be used as a voice."""
    return CONDITIONING | COMMERCIAL | (VOICE if kind == "voice" else 0)


def pinner_of(where: str) -> Pinner | None:
    """What ``folder:PATH`` or ``kubo:ADDRESS`` names; None for nothing.

    Raises:
        InvalidInput: another word before the colon, or nothing after it.
    """
    if not where:
        return None
    from oracle.adapters.pinning import PINNERS
    from oracle.settings import Pinning

    kind, _, rest = where.partition(":")
    if kind not in PINNERS or not rest:
        known_ones = " or ".join(f"{name}:..." for name in sorted(PINNERS))
        raise Malformed(f"must be {known_ones}", field="--pin", value=where)
    return PINNERS[kind](Pinning(kind, units.path(Path(rest), "--pin"), rest)).pin


@command(app, "upload", measured=False)
def upload(
    do: Session,
    path: Annotated[Path, typer.Argument(help="The file that was registered.", metavar="FILE")],
    recording: RecordingOption,
    node: Annotated[
        list[str] | None, typer.Option(help="URL of a node; default: all of the profile.")
    ] = None,
) -> None:
    """Hand the file of a recording to the generation nodes, which keep it to themselves."""
    from oracle.client.audio_check import require_usable

    number = units.number(recording, "--recording")
    require_usable(units.file(path, "FILE"), "FILE", None)
    nodes = node or list(do.connection.profile.nodes)
    if not nodes:
        raise InvalidInput("is not set: name one, or run `refrain init --node`", field="--node")
    answers: dict[str, Any] = {}
    for url in nodes:
        do.out.note(f"uploading to {url}")
        answers[url] = dict(do.connection.artist.upload(url, number, path))
    rows = [(url, found.get("seconds", ""), tempo(found)) for url, found in answers.items()]
    do.out.result({"recording": number, "nodes": answers},
                  table(("node", "seconds", "beats a minute"), rows))  # fmt: skip


def tempo(found: Mapping[str, Any]) -> object:
    """The tempo that a node found, as it is shown; 0 is its word for none."""
    bpm = found.get("bpm", "")
    return "no beat found" if bpm == 0 else bpm


@command(app, "list")
def list_(
    do: Session,
    mine: Annotated[bool, typer.Option("--mine", help="Only what your key owns.")] = False,
    first: Annotated[str, typer.Option("--from", metavar="N", help="Begin with this one.")] = "1",
) -> None:
    """List registered recordings, 100 at most."""
    start = units.number(first, "--from")
    ledger = do.connection.ledger
    last = ledger.recording_count() if mine else start + MOST_SHOWN - 1
    found = [
        r for r in ledger.recordings(start, last) if not mine or r.owner == do.address
    ][:MOST_SHOWN]  # fmt: skip
    titles = titles_of(do, [each.metadata for each in found])
    rows = [
        (r.id, name.title or "", name.artist or "", uses_shown(r.uses, do),
         date_shown(r.consent_until, do), r.owner)
        for r, name in zip(found, titles, strict=True)
    ]  # fmt: skip
    listed = [
        recording_json(r, do) | {"title": name.title, "artist": name.artist}
        for r, name in zip(found, titles, strict=True)
    ]
    for reason in dict.fromkeys(name.reason for name in titles if name.reason):
        do.out.note(f"Titles that are missing here: {reason}.")
    columns = ("number", "title", "artist", "uses", "until", "owner")
    shown = table(columns, rows, right=["number"]) if rows else "No recordings."
    do.out.result({"recordings": listed}, shown)


@command(app, "show")
def show(do: Session, recording: RecordingArgument) -> None:
    """Show one recording: whose it is, what is permitted, who is paid, and what it earned."""
    found = known(do, units.number(recording, "RECORDING"))
    paid = split_of(do, found)
    (name,) = titles_of(do, [found.metadata])
    state = do.connection.reader.ask(do.connection.contract("ledger"), "recordings", found.id)
    ready, later = state["unclaimed"], state["disputable"]
    rows = [
        ("title", name.title or name.reason), ("artist", name.artist or name.reason),
        ("kind", name.kind or name.reason), ("ISRC", found.isrc or "none"),
        ("owner", found.owner), *consent_facts(found, do),
        ("can be withdrawn", do.money(ready)), ("still open to dispute", do.money(later)),
        ("sha256 of the file", found.audio),
    ]  # fmt: skip
    document = recording_json(found, do) | {
        "title": name.title, "artist": name.artist, "kind": name.kind, "paid": split_json(paid),
        "withdrawable": do.money_json(ready), "disputable": do.money_json(later),
    }  # fmt: skip
    heading = f"Paid through split {paid.id} ({paid.form})" if paid.id else "Paid"
    do.out.result(document, facts(rows, f"Recording {found.id}"), "",
                  holders_table(paid, do, heading))  # fmt: skip
