"""`refrain court challenge | rule | show`: disputes about settlements."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from oracle.cli import evidence, units
from oracle.cli.catalogue import pinner_of
from oracle.cli.confirm import Change
from oracle.cli.output import facts
from oracle.cli.params import Pin
from oracle.cli.recordings import date_shown, done_json
from oracle.cli.session import Session, command, group
from oracle.cli.units import Malformed
from oracle.domain.errors import Inconsistent, InvalidInput, Refused

if TYPE_CHECKING:
    from oracle.client.court import SettlementEvidence

app = group("Challenge a settlement, rule on it, and look at the case.")

Transaction = Annotated[str, typer.Argument(help="The transaction that settled it.")]
Generation = Annotated[
    str, typer.Option(metavar="ID", help="Id of the track, where the transaction settled several.")
]
MOST_GROUNDS = 1024 * 1024


@command(app, "challenge", changes=True)
def challenge(
    do: Session,
    transaction: Transaction,
    grounds: Annotated[
        Path, typer.Option(metavar="FILE", help="File that says why; it becomes public.")
    ],
    generation: Generation = "",
    pin: Pin = "",
) -> None:
    """Freeze the price of a settlement until the arbiter rules. Takes a bond from you.

    You lose the bond if the settlement is upheld; you have it back if it is reversed.
    """
    from oracle.client.song import require_no_key

    there = do.connection
    found = _evidence(do, transaction, generation)
    require_no_key(units.file(grounds, "--grounds"), "--grounds")
    data = grounds.read_bytes()
    if len(data) > MOST_GROUNDS:
        raise InvalidInput("must be at most 1 MiB", field="--grounds", value=len(data))
    bond = there.court.bond()
    held = int(there.reader.ask(there.contract("token"), "balanceOf", do.address))
    if held < bond:
        raise Refused(f"the bond is {do.money(bond)} and you have {do.money(held)}")
    do.change("Challenge a settlement", [
        Change("tokens", do.money(held), do.money(held - bond)),
        Change("price", do.money(found.attestation["price"]), "frozen until the arbiter rules"),
    ])  # fmt: skip
    there.court.preview_bond()
    if pinner := pinner_of(pin or there.profile.pin):
        pinner(data)
    else:
        do.out.note("The grounds are not published: no --pin, and none in the profile.")
    receipt = there.court.challenge(found, hashlib.sha256(data).digest())
    more = f"`refrain court show {transaction}` says until when the arbiter may rule."
    document = done_json(receipt, bond=do.money_json(bond))
    do.out.result(document, f"Challenged in block {receipt.block}.", more)


@command(app, "rule", changes=True)
def rule(
    do: Session,
    transaction: Transaction,
    generation: Generation = "",
    reverse: Annotated[
        bool, typer.Option("--reverse", help="The price goes back to the payer.")
    ] = False,
    uphold: Annotated[bool, typer.Option("--uphold", help="The settlement stays.")] = False,
) -> None:
    """End a case, as the arbiter: reverse the settlement or uphold it."""
    if reverse == uphold:
        raise Malformed("name either --reverse or --uphold")
    found = _evidence(do, transaction, generation)
    price = do.money(found.attestation["price"])
    after = "back to the payer's escrow" if reverse else "released to the holders"
    bond = "back to the challenger" if reverse else "to the training pool"
    do.change("Rule on a case", [
        Change(f"price, {price}", "frozen", after), Change("bond", "held by the court", bond),
    ])  # fmt: skip
    try:
        receipt = do.connection.court.rule(found, reverse)
    except Inconsistent as error:
        if "AccessManagedUnauthorized" in str(error):
            raise Refused(f"only an arbiter may rule; {do.address} is none") from None
        raise
    text = "Reversed" if reverse else "Upheld"
    do.out.result(done_json(receipt, reversed=reverse), f"{text} in block {receipt.block}.")


@command(app, "show")
def show(do: Session, transaction: Transaction, generation: Generation = "") -> None:
    """Show whether a settlement is challenged, by whom, and until when the arbiter may rule."""
    found = _evidence(do, transaction, generation)
    case = do.connection.court.case(found)
    bond = do.connection.court.bond()
    if int(case["challenger"], 16) == 0:
        text = f"Nobody has challenged it. A challenge takes a bond of {do.money(bond)}."
        do.out.result({"challenged": False, "bond": do.money_json(bond)}, text)
        return
    state = "open" if case["open"] else "ended"
    rows = [
        ("state", state), ("challenger", case["challenger"]), ("bond", do.money(case["bond"])),
        ("price", do.money(found.attestation["price"])),
        ("arbiter rules before", date_shown(case["deadline"], do)),
    ]  # fmt: skip
    document = {
        "challenged": True, "open": case["open"], "challenger": case["challenger"],
        "bond": do.money_json(case["bond"]), "deadline": case["deadline"],
        "price": do.money_json(found.attestation["price"]),
    }  # fmt: skip
    do.out.result(document, facts(rows, "Case"))


command(app, "check-evidence")(evidence.check)


def _evidence(do: Session, transaction: str, generation: str) -> SettlementEvidence:
    wanted = units.word(generation, "--generation") if generation else ""
    return do.connection.court.settled_by(units.word(transaction, "TRANSACTION"), wanted)
