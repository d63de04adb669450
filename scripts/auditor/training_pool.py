"""Checks of the rounds of the training pool."""

from __future__ import annotations

from dataclasses import dataclass, field

from .books import Books, same_view
from .events import Log, words

TRAINING = 2
CLOSED, COUNTING, PAYING = range(3)
STATE = "(uint40,uint40,uint32,uint32,uint32,uint8,uint256,uint256)"


@dataclass
class Round:
    """A round of the training pool: the recordings that take part, and those that were paid."""

    members: list[int]
    amount: int
    at: int
    last: int
    share: int = 0
    paid: list[int] = field(default_factory=list)
    next: int = 1
    counted: int = 0
    stage: int = COUNTING
    closed: int = 0

    def page(self, until: int, stage: int) -> None:
        """Goes on to the recording after `until`; past the last one the stage ends."""
        self.next = until + 1
        if self.next > self.last:
            self.stage = stage


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
    check_latest(books, rounds)


def check_latest(books: Books, rounds: dict[tuple[str, int], Round]) -> None:
    """The state of the newest round of each pool, and that every round that ended says so."""
    for source in sorted({log.args["pool"] for log in books.history.named["ReceiversSet"]}):
        own = {number: one for (pool, number), one in rounds.items() if pool == source}
        for number, one in own.items():
            books.report.equal(f"pool {source} round {number} closed", one.closed,
                               int(one.stage == CLOSED))
        if own:
            number, one = max(own.items())
            state = [one.at, one.at + 1, one.last, one.next, one.counted, one.stage, one.amount,
                     one.share]
            same_view(books, f"pool {source} latest", "latest()", f"uint256,{STATE}",
                      [number, state], of=source)


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
    return Round(members, a["amount"], a["at"], a["last"])


def check_round(books: Books, name: str, log: Log, now: Round) -> None:
    """One step of a round: counting, dividing, paying or closing."""
    report, a = books.report, log.args
    if log.name == "Counted":
        counted = sum(number <= a["to"] for number in now.members)
        report.equal(f"{name} members", a["members"], counted)
        report.equal(f"{name} from", a["from"], now.next)
        now.counted = counted
        now.page(a["to"], now.stage)
    elif log.name == "Divided":
        count = len(now.members)
        now.share = min(now.amount // count, 2**56 - 1) if count else 0
        said = [a["members"], a["share"], a["rest"]]
        report.equal(name, said, [count, now.share, now.amount - now.share * count])
        report.equal(f"{name} after", now.next, now.last + 1)
        now.next, now.stage = 1, PAYING if now.share else CLOSED
    elif log.name == "Paid":
        due = [number for number in now.members if a["from"] <= number <= a["to"]]
        gift = books.history.within(log, "Rewarded", **{"from": log.source, "recordings": due})
        each = gift.args["each"] if gift else 0
        report.equal(f"{name} number", a["number"], len(due))
        report.equal(f"{name} each", each, now.share if due else 0)
        report.equal(f"{name} from", a["from"], now.next)
        now.page(a["to"], CLOSED)
        now.paid += due
    else:
        now.closed += 1
        report.equal(f"{name} paid", now.paid, now.members if now.share else [])
