"""`refrain consent show | set | floors | revoke`: what may be done with your recordings."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from oracle.cli import units
from oracle.cli.confirm import Change
from oracle.cli.output import facts
from oracle.cli.params import From, MaxShare, RecordingOption, Until, Uses
from oracle.cli.recordings import (
    consent_facts,
    consent_state,
    date_shown,
    done_json,
    known,
    owned,
    recording_json,
    share_shown,
    tier_name,
    uses_shown,
    watch,
)
from oracle.cli.session import Session, command, group
from oracle.cli.units import Malformed
from oracle.domain.errors import Inconsistent, Refused
from oracle.domain.fields import UINT64_MAX
from oracle.domain.recording import TIERS, Recording

app = group("What may be done with your recordings, and for how long.")

KEEP = "keep"


@command(app, "show")
def show(do: Session, recording: RecordingOption) -> None:
    """Show the consent in force and the floors of a recording."""
    found = known(do, units.number(recording, "--recording"))
    rows = [("owner", found.owner), *consent_facts(found, do)]
    do.out.result(recording_json(found, do), facts(rows, f"Recording {found.id}"))


@command(app, "set", changes=True)
def set_(
    do: Session,
    recording: RecordingOption,
    uses: Uses = "",
    max_share: MaxShare = "",
    start: From = "",
    until: Until = "",
) -> None:
    """Change the consent of a recording. Uses, share and end stay as they are unless you name them.

    The new consent begins with the next block, or at a later --from; the table shows the start.
    """
    number = units.number(recording, "--recording")
    if not (uses or max_share or start or until):
        raise Malformed("name at least one of --uses, --max-share, --from, --until")
    named = (
        units.uses(uses, "--uses", do.raw) if uses else None,
        units.most_of_track(max_share, "--max-share", do.raw) if max_share else None,
        units.moment(start, "--from", do.raw) if start else None,
        units.moment(until, "--until", do.raw) if until else None,
    )  # fmt: skip
    found = owned(do, number)
    now = do.connection.artist.time()
    before = (found.uses, found.max_share, found.consent_from, found.consent_until)
    mask, share, begins, ends = (b if n is None else n for b, n in zip(before, named, strict=True))
    chosen = (mask, share, begins, ends)
    changes = _changes(do, found, chosen, now)
    if not changes:
        do.out.result(recording_json(found, do) | {"transaction": None}, "Nothing changes.")
        return
    _check(chosen, now)
    watched = watch(do, found, lambda again: consent_state(again, do))
    do.change(f"Consent of recording {number}", changes, watched)
    try:
        receipt = do.connection.artist.amend(number, chosen[3], chosen[0], chosen[1], chosen[2])
    except Inconsistent as error:
        raise _changed_lately(error) or error from None
    listed = [change.to_json() for change in changes]
    do.out.result(done_json(receipt, recording=number, changes=listed),
                  f"Recording {number} has a new consent since block {receipt.block}.")  # fmt: skip


def _changes(
    do: Session, found: Recording, chosen: tuple[int, int, int, int], now: int
) -> list[Change]:
    """The fields that differ.

    The chain has a new consent begin with its block or later, so the start moves with any other
    field. A start alone, where both have passed, changes nothing.
    """
    uses, share, start, until = chosen
    others = (uses, share, until) != (found.uses, found.max_share, found.consent_until)
    named = start != found.consent_from and max(start, found.consent_from) > now
    moved = named or (others and found.consent_from <= now)
    first = date_shown(start, do) if start > now else "now"
    rows = [
        (uses != found.uses, "uses", uses_shown(found.uses, do), uses_shown(uses, do)),
        (share != found.max_share, "largest share of a track",
         share_shown(found.max_share, do), share_shown(share, do)),
        (moved, "takes effect from", date_shown(found.consent_from, do), first),
        (until != found.consent_until, "until",
         date_shown(found.consent_until, do), date_shown(until, do)),
    ]  # fmt: skip
    return [Change(*row) for differs, *row in rows if differs]


def _changed_lately(error: Inconsistent) -> Refused | None:
    """In words: a consent that took effect may not be replaced twice within the largest lag."""
    found = re.search(r"Catalogue_ChangedLately\(.*earliest=([0-9]+)", str(error))
    if not found:
        return None
    when = units.moment_text(int(found[1]))
    return Refused(
        f"this consent was changed lately and can be changed again from {when}; "
        "`refrain consent revoke` works at any time"
    )


def _check(chosen: tuple[int, int, int, int], now: int) -> None:
    """Refuses a consent that would end before it begins."""
    _, _, start, until = chosen
    if until <= max(start, now):
        begins = units.moment_text(max(start, now))
        detail = f"the consent would end at {units.moment_text(until)} and begin at {begins}"
        raise Refused(f"{detail}: name a later --until")


@command(app, "floors", changes=True)
def floors(
    do: Session,
    per_second: Annotated[
        list[str],
        typer.Argument(help="Personal, then commercial, such as 0.05 0.2; `keep` leaves one."),
    ],
    recording: RecordingOption,
) -> None:
    """Ask for a least royalty for each second of a track, by tier. 0 asks for none."""
    number = units.number(recording, "--recording")
    if len(per_second) > TIERS:
        raise Malformed(f"must be at most {TIERS}", field="PER_SECOND", value=len(per_second))
    for text in per_second:
        if text != KEEP:
            do.require_amount(text, "PER_SECOND")
    found = owned(do, number)
    named = [
        found.floors[place] if text == KEEP else _floor(do, text)
        for place, text in enumerate(per_second)
    ]
    chosen = (*named, *found.floors[len(named) :])
    changes = [
        Change(f"{tier_name(place)}, a second", do.money(before), do.money(after))
        for place, (before, after) in enumerate(zip(found.floors, chosen, strict=True))
        if before != after
    ]
    if not changes:
        do.out.result(recording_json(found, do) | {"transaction": None}, "Nothing changes.")
        return
    watched = watch(do, found, lambda again: consent_state(again, do))
    do.change(f"Floors of recording {number}", changes, watched)
    receipt = do.connection.artist.set_floors(number, chosen)
    listed = [change.to_json() for change in changes]
    do.out.result(done_json(receipt, recording=number, changes=listed),
                  f"Recording {number} has new floors since block {receipt.block}.")  # fmt: skip


def _floor(do: Session, text: str) -> int:
    amount = do.amount(text, "PER_SECOND")
    if amount > UINT64_MAX:
        raise Malformed("is more than the chain can keep", field="PER_SECOND", value=text)
    return amount


@command(app, "revoke", changes=True)
def revoke(do: Session, recording: RecordingOption) -> None:
    """End the consent of a recording now. What was made before may still be settled."""
    number = units.number(recording, "--recording")
    found = owned(do, number)
    now = do.connection.artist.time()
    if found.consent_until <= now:
        text = f"The consent ended at {date_shown(found.consent_until, do)} already."
        do.out.result(recording_json(found, do) | {"transaction": None}, text)
        return
    change = Change("consent ends", date_shown(found.consent_until, do), "now")
    watched = watch(do, found, lambda again: consent_state(again, do))
    do.change(f"Consent of recording {number}", [change], watched)
    receipt = do.connection.artist.revoke(number)
    text = f"Recording {number} may not be used any more since block {receipt.block}."
    do.out.result(done_json(receipt, recording=number, changes=[change.to_json()]), text)
