"""`refrain earn withdraw`: has what recordings earned paid to their holders."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from oracle.cli import units
from oracle.cli.confirm import Change
from oracle.cli.output import table
from oracle.cli.recordings import date_shown, known, split_of
from oracle.cli.session import Session, command, group

if TYPE_CHECKING:
    from oracle.client.payouts import Payout

app = group("Be paid what your recordings earned.")


@app.callback()
def about() -> None:
    """Be paid what your recordings earned."""


@command(app, "withdraw", changes=True)
def withdraw(
    do: Session,
    recordings: Annotated[
        list[str] | None,
        typer.Argument(metavar="[RECORDING]...", help="Default: all that pay you."),
    ] = None,
    parked: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Also what waits for this payee.")
    ] = "",
    claimed: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Also what waits for this claimed claim key.")
    ] = "",
) -> None:
    """Pay what recordings earned to all of their holders. Anybody may do this for them.

    What was earned can be withdrawn once it is no longer open to dispute: 7 to 14 days later where
    a window of dispute has 7 days. With nothing to withdraw, nothing is sent.
    """
    numbers = [units.number(text, "RECORDING") for text in recordings or ()]
    payee = units.address(parked, "--parked") if parked else ""
    key = units.address(claimed, "--claimed") if claimed else ""
    if not numbers and not (payee or key):
        numbers = _of(do)
    ready, later = _earned(do, numbers)
    waiting = {"parked for": (payee, _waits(do, "parked", payee)),
               "accrued for": (key, _waits(do, "accrued", key))}  # fmt: skip
    changes = [Change(f"recording {n}", do.money(a), do.money(0)) for n, a in ready.items()]
    changes += [
        Change(f"{name} {who}", do.money(amount), do.money(0))
        for name, (who, amount) in waiting.items() if amount
    ]  # fmt: skip
    if not changes:
        do.out.result(_json(do, Counter(), Counter(), later, []), *_nothing(do, numbers, later))
        return
    do.change("Pay out to the holders", changes)
    artist, paid = do.connection.artist, []
    if ready:
        paid.append(artist.pay_out(list(ready)))
    if waiting["parked for"][1]:
        paid.append(artist.collect(payee))
    if waiting["accrued for"][1]:
        paid.append(artist.collect_claimed(key))
    _tell(do, paid, later)


def _of(do: Session) -> list[int]:
    """The recordings that pay the key's address, as owner or through a split."""
    ledger = do.connection.ledger
    every = ledger.recordings(1, ledger.recording_count())
    named: dict[int, bool] = {}
    for found in every:
        if found.split and found.split not in named:
            named[found.split] = split_of(do, found).names(do.address)
    return [r.id for r in every if (named[r.split] if r.split else r.owner == do.address)]


def _earned(do: Session, numbers: Sequence[int]) -> tuple[dict[int, int], dict[int, Any]]:
    """What can be withdrawn by recording; and what is open to dispute, with when that ends."""
    there = do.connection
    ready: dict[int, int] = {}
    later: dict[int, Any] = {}
    for number in dict.fromkeys(numbers):
        known(do, number)
        state = there.reader.ask(there.contract("ledger"), "recordings", number)
        if state["unclaimed"]:
            ready[number] = state["unclaimed"]
        if state["disputable"]:
            first, last = there.reader.ask(there.contract("lens"), "maturesAt", number)
            later[number] = (state["disputable"], first, last)
    return ready, later


def _waits(do: Session, name: str, address: str) -> int:
    there = do.connection
    return int(there.reader.ask(there.contract("ledger"), name, address)) if address else 0


def _tell(do: Session, paid: Sequence[Payout], later: dict[int, Any]) -> None:
    """What you got and what the others got."""
    sent: Counter[str] = sum((each.paid for each in paid), Counter())
    kept: Counter[str] = sum((each.waiting for each in paid), Counter())
    others = {who: amount for who, amount in sent.items() if who != do.address}
    shown: list[Any] = [f"You got {do.money(sent[do.address])}."]
    if others:
        rows = [(do.money(amount), who) for who, amount in others.items()]
        title = f"The others got {do.money(sum(others.values()))}"
        shown.append(table(("amount", "holder"), rows, title, right=["amount"]))
    if kept:
        rows = [(do.money(amount), who) for who, amount in kept.items()]
        shown.append(table(("amount", "holder"), rows, "Waits in the ledger", right=["amount"]))
    document = _json(do, sent, kept, later, [each.transaction for each in paid])
    do.out.result(document, *shown, *_later(do, later))


def _nothing(do: Session, numbers: Sequence[int], later: dict[int, Any]) -> list[str]:
    named = f" for recording {', '.join(map(str, numbers))}" if numbers else ""
    return [f"There is nothing to withdraw{named}; nothing was sent.", *_later(do, later)]


def _later(do: Session, later: dict[int, Any]) -> list[str]:
    return [
        f"{do.money(amount)} of recording {number} is open to dispute: the first part can be "
        f"withdrawn from {date_shown(first, do)}, all of it from {date_shown(last, do)}."
        for number, (amount, first, last) in later.items()
    ]


def _json(
    do: Session, sent: Counter[str], kept: Counter[str], later: dict[int, Any], hashes: list[str]
) -> dict[str, Any]:
    return {
        "you": do.money_json(sent[do.address]),
        "paid": {who: do.money_json(amount) for who, amount in sent.items()},
        "waiting": {who: do.money_json(amount) for who, amount in kept.items()},
        "later": [
            {"recording": number, "amount": do.money_json(amount), "first": first, "last": last}
            for number, (amount, first, last) in later.items()
        ],
        "transactions": hashes,
    }
