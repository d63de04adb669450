"""Checks of the rounds of the training pool."""

from __future__ import annotations

from dataclasses import dataclass, field

from .books import Books
from .events import Log, words

TRAINING = 2


@dataclass
class Round:
    """A round of the training pool: the recordings that take part, and those that were paid."""

    members: list[int]
    amount: int
    share: int = 0
    paid: list[int] = field(default_factory=list)


def check_pool(books: Books) -> None:
    """Each round: who takes part, the share of each, and that each is paid once."""
    rounds: dict[tuple[str, int], Round] = {}
    for log in books.history.logs:
        if log.name in ("RoundOpened", "Counted", "Divided", "Paid", "RoundClosed"):
            number = log.args["round"]
            what = words(log.name).removeprefix("round ")
            name = f"pool round {number} {what} in {log.transaction[:10]}.."
            with books.report.reading(name):
                if log.name == "RoundOpened":
                    rounds[log.source, number] = open_round(books, name, log)
                else:
                    check_round(books, name, log, rounds[log.source, number])


def open_round(books: Books, name: str, log: Log) -> Round:
    """The consents one second before the opening decide who takes part."""
    history, a = books.history, log.args
    books.report.equal(f"{name} at", a["at"], history.time(log.block) - 1)
    members, known = [], 0
    for number in history.recordings:
        versions = history.consents(number, log.place)
        known += bool(versions)
        begun = [version for version in versions if version.since <= a["at"]]
        if begun and a["at"] < begun[-1].until and begun[-1].uses & TRAINING:
            members.append(number)
    books.report.equal(f"{name} last", a["last"], known)
    drawn = history.within(log, "Withdrawn", recording=0, payee=log.source)
    least = drawn.args["amount"] if drawn else 0
    books.report.holds(f"{name} amount", a["amount"] >= least, a["amount"],
                       f"at least {least}, drawn from the ledger", "chain")
    return Round(members, a["amount"])


def check_round(books: Books, name: str, log: Log, now: Round) -> None:
    """One step of a round: counting, dividing, paying or closing."""
    report, a = books.report, log.args
    if log.name == "Counted":
        counted = sum(number <= a["to"] for number in now.members)
        report.equal(f"{name} members", a["members"], counted)
    elif log.name == "Divided":
        count = len(now.members)
        now.share = min(now.amount // count, 2**56 - 1) if count else 0
        said = [a["members"], a["share"], a["rest"]]
        report.equal(name, said, [count, now.share, now.amount - now.share * count])
    elif log.name == "Paid":
        due = [number for number in now.members if a["from"] <= number <= a["to"]]
        gift = books.history.within(log, "Rewarded", **{"from": log.source, "recordings": due})
        each = gift.args["each"] if gift else 0
        report.equal(f"{name} number", a["number"], len(due))
        report.equal(f"{name} each", each, now.share if due else 0)
        now.paid += due
    else:
        report.equal(f"{name} paid", now.paid, now.members if now.share else [])
