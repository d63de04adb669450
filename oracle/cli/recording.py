"""`refrain recording offer | accept`: a recording changes hands."""

from __future__ import annotations

from typing import Annotated

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
from oracle.domain.errors import Refused
from oracle.domain.recording import Recording

app = group("Give a recording to a new owner, who has to accept it.")

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


def _offered(do: Session, number: int) -> str:
    return str(do.connection.reader.ask(do.connection.contract("ledger"), "offeredTo", number))


def _offer_state(do: Session, found: Recording) -> State:
    return {"owner": found.owner, "offered to": _who(_offered(do, found.id)) or "nobody"}


def _who(address: str) -> str | None:
    return None if address == NOBODY else address
