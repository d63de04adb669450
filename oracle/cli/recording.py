"""`refrain recording offer | accept | copies | decide`: a new owner, and what sounds alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from oracle.cli import units
from oracle.cli.confirm import Change, State
from oracle.cli.params import PayOthers, RecordingArgument, SplitOption
from oracle.cli.payees import receiver
from oracle.cli.recordings import (
    done_json,
    holder_changes,
    known,
    owned,
    payment_state,
    split_json,
    split_of,
    split_that_pays,
    watch,
)
from oracle.cli.session import Session, command, group
from oracle.cli.units import Malformed
from oracle.domain.copies import BOTH, FIRST, SECOND, Decision, decision_json
from oracle.domain.errors import Refused
from oracle.domain.recording import Recording

app = group("Give a recording to a new owner; see and decide what sounds like it.")

NOBODY = "0x" + "0" * 40


@command(app, "offer", changes=True, measured=False)
def offer(
    do: Session,
    recording: RecordingArgument,
    to: Annotated[str, typer.Option(metavar="ADDRESS", help="The new owner.")] = "",
    cancel: Annotated[bool, typer.Option("--cancel", help="Take the offer back.")] = False,
) -> None:
    """Offer a recording to somebody. Nothing changes until they accept it."""
    number = units.number(recording, "RECORDING")
    if bool(to) == cancel:
        raise Malformed("name either --to or --cancel")
    found = owned(do, number)
    if not cancel and units.address(to, "--to") == NOBODY:
        raise Malformed("is nobody's address; --cancel takes an offer back", field="--to", value=to)
    wanted = NOBODY if cancel else receiver(do, to, "--to")
    before = _offered(do, number)
    if before == wanted:
        document = {"recording": number, "offered_to": _who(wanted), "transaction": None}
        do.out.result(document, "Nothing changes.")
        return
    change = Change("offered to", _who(before) or "nobody", _who(wanted) or "nobody")
    do.change(f"Offer of recording {number}", [change],
              watch(do, found, lambda again: _offer_state(do, again)))  # fmt: skip
    receipt = do.connection.artist.offer(number, wanted)
    text = "The offer is taken back." if cancel else (
        f"Offered. The new owner takes it with `refrain recording accept {number}`.")  # fmt: skip
    do.out.result(done_json(receipt, recording=number, offered_to=_who(wanted)), text)


@command(app, "accept", changes=True, measured=False)
def accept(
    do: Session,
    recording: RecordingArgument,
    split: SplitOption = "0",
    pay_others: PayOthers = False,
) -> None:
    """Take a recording that was offered to you.

    What it earned and is still open to dispute comes with it; what can be withdrawn now is paid to
    the holders of before.
    """
    number, wanted = units.number(recording, "RECORDING"), units.number(split, "--split", 0)
    found = known(do, number)
    if _offered(do, number) != do.address:
        raise Refused(f"recording {number} is not offered to you ({do.address})")
    after = split_that_pays(do, wanted, pay_others)
    watched = watch(
        do, found, lambda again: {**payment_state(again, do, after), **_offer_state(do, again)}
    )
    do.change(f"Recording {number}", [
        Change("owner", found.owner, f"{do.address} (you)"),
        *holder_changes(split_of(do, found), after, do),
    ], watched)  # fmt: skip
    receipt = do.connection.artist.accept(number, wanted)
    document = done_json(receipt, recording=number, owner=do.address, paid=split_json(after))
    do.out.result(document, f"Recording {number} is yours since block {receipt.block}.")


@command(app, "copies", measured=False)
def copies(do: Session, recording: RecordingArgument) -> None:
    """Show which recordings sound like this one, and whether that keeps it out of tracks."""
    number = units.number(recording, "RECORDING")
    found = do.connection.copies.of(number)
    state = "quarantined" if found["quarantined"] else "not quarantined"
    lines = [f"Recording {number} is {state}.", *(_alike(each) for each in found["copies"])]
    do.out.result(dict(found), "\n".join(lines))


@command(app, "decide", changes=True, measured=False)
def decide(
    do: Session,
    recording: RecordingArgument,
    other: Annotated[str, typer.Argument(metavar="OTHER", help="The one that sounds alike.")],
    keep: Annotated[
        str, typer.Option(metavar="WHICH", help="both, none, or the number that may be used.")
    ] = "both",
    paper: Annotated[
        str, typer.Option(metavar="PAPER", help="What the other owner's command printed.")
    ] = "",
    arbiter: Annotated[bool, typer.Option("--arbiter", help="Decide alone, as arbiter.")] = False,
) -> None:
    """Decide about two recordings that sound alike: both owners must, or an arbiter.

    The first owner's command prints a paper, which is good for an hour; the other owner's command
    takes it with --paper and hands both signatures to an oracle.
    """
    pair = sorted((units.number(recording, "RECORDING"), units.number(other, "OTHER")))
    time, theirs = read_paper(paper) if paper else (do.connection.artist.time(), "")
    made = Decision(pair[0], pair[1], kept(keep, pair), time)
    owners = [known(do, number).owner for number in pair]
    if not arbiter and do.address not in owners:
        raise Refused(f"recordings {pair[0]} and {pair[1]} are not yours ({do.address})")
    do.confirmation.announce(f"Decision about recordings {pair[0]} and {pair[1]}",
                             [Change("may be used", "not decided", keep)])  # fmt: skip
    do.confirmation.ask()
    own = do.connection.copies.sign(made)
    if not arbiter and not theirs and owners[0] != owners[1]:
        document = {**decision_json(made), "paper": f"{time}:{own}", "ruling": None}
        words = f"refrain recording decide {pair[0]} {pair[1]} --keep {keep} --paper {time}:{own}"
        do.out.result(document, f"Signed. The other owner runs, within an hour:\n{words}")
        return
    by_owner = {do.address: own} | (
        {do.connection.copies.signer(made, theirs): theirs} if theirs else {}
    )
    papers = [own] if arbiter else [by_owner.get(owner, own) for owner in owners]
    ruling = do.connection.copies.decide(made, papers)
    count = len(ruling["signatures"])
    do.out.result({"ruling": dict(ruling)}, f"Decided: {keep}. {count} oracles signed it.")


def read_paper(text: str) -> tuple[int, str]:
    """Time and signature of what the other owner's command printed."""
    time, _, signature = text.partition(":")
    if not time.isdecimal() or not signature:
        raise Malformed("must be what the other command printed", field="--paper", value=text)
    return int(time), signature


def kept(text: str, pair: list[int]) -> int:
    """The mask of the recordings of a pair that may be used."""
    masks = {"both": BOTH, "none": 0, str(pair[0]): FIRST, str(pair[1]): SECOND}
    if text not in masks:
        raise Malformed(f"must be {', '.join(masks)}", field="--keep", value=text)
    return masks[text]


def _alike(copy: Mapping[str, Any]) -> str:
    ruled = copy["ruling"]
    state = f"decided by {ruled['by']}, keep {ruled['keep']}" if ruled else "not decided"
    return f"sounds like {copy['other']}: score {copy['score']} of 1,000; {state}"


def _offered(do: Session, number: int) -> str:
    return str(do.connection.reader.ask(do.connection.contract("ledger"), "offeredTo", number))


def _offer_state(do: Session, found: Recording) -> State:
    return {"owner": found.owner, "offered to": _who(_offered(do, found.id)) or "nobody"}


def _who(address: str) -> str | None:
    return None if address == NOBODY else address
