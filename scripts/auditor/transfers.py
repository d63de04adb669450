"""Checks of the token's own transfers: each must be one that the events of the ledger call for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from .books import Books
from .events import EventType, Log

TRANSFER = EventType.parse("Transfer(address indexed from, address indexed to, uint256 value)")
Key = tuple[str, str]
"""A transaction and the account at the other end."""


def paid_out(a: Mapping[str, Any], name: str) -> tuple[str, int]:
    """Who gets how much from the ledger or a court by one event; negative: it stays there."""
    match name:
        case "Exited":
            return a["payer"], a["amount"]
        case "Withdrawn":
            return a["payee"], a["amount"]
        case "WithdrawnMany":
            return a["payee"], sum(a["amounts"])
        case "NodeWithdrawn":
            return a["node"], a["amount"]
        case "ParkedWithdrawn" | "ClaimedWithdrawn" | "BondWithdrawn":
            return a["to"], a["amount"]
        case "Parked":
            return a["payee"], -a["amount"]
        case "Accrued":
            return a["holder"], -a["amount"]
    return "", 0


def paid_in(a: Mapping[str, Any], name: str) -> tuple[str, int]:
    """Who has to send how much to the ledger or a court for one event."""
    match name:
        case "Funded":
            return a["from"], a["amount"]
        case "Rewarded":
            return a["from"], a["each"] * len(a["recordings"])
        case "Challenged":
            return a["challenger"], a["bond"]
    return "", 0


def due(books: Books, holder: str, rule: Callable[..., tuple[str, int]]) -> Counter[Key]:
    """The amounts that a rule gives for the events of one contract."""
    found = Counter[Key]()
    for log in books.history.logs:
        who, amount = rule(log.args, log.name) if log.source == holder else ("", 0)
        found[log.transaction, who] += amount if who else 0
    if rule is paid_out and holder == books.ledger:
        found.update(books.money.returned)
    return found


def check_transfers(books: Books, token: str) -> None:
    """What left the ledger and its courts is exactly what events say; what came is at least that.

    Anybody may send a token to a contract, so more than an event calls for is no mismatch.
    """
    for holder in (books.ledger, *books.courts):
        with books.report.reading(f"transfers of {holder}"):
            check_holder(books, token, holder)


def check_holder(books: Books, token: str, holder: str) -> None:
    """The transfers of one contract, by transaction and the account at the other end."""
    name = "ledger" if holder == books.ledger else f"court {holder}"
    out, came = (moved(books, token, holder, side) for side in ("from", "to"))
    for rule, found, way, exact in ((paid_out, out, "to", True), (paid_in, came, "from", False)):
        wanted = due(books, holder, rule)
        for key in sorted({*wanted, *(found if exact else ())} - {("", "")}):
            said, amount = found[key], wanted[key]
            if key[1] and (said or amount):
                books.report.holds(f"{name} transfer {way} {key[1]} in {key[0][:10]}..",
                                   said == amount if exact else said >= amount, said,
                                   amount if exact else f"at least {amount}", "token")


def moved(books: Books, token: str, holder: str, side: str) -> Counter[Key]:
    """The token's transfers from or to a contract."""
    word, found = "0x" + holder[2:].lower().zfill(64), Counter[Key]()
    topics = [TRANSFER.topic, *([word] if side == "from" else [None, word])]
    for log in books.chain.logs(token, [TRANSFER], books.first, topics=topics):
        require_side(log, side, holder)
        found[log.transaction, log.args["to" if side == "from" else "from"]] += log.args["value"]
    return found


def require_side(log: Log, side: str, holder: str) -> None:
    """The RPC answered what it was asked."""
    if log.args[side] != holder:
        raise ValueError(f"a transfer {side} {log.args[side]}, who was not asked about")
