"""Checks of disputes: freezes, cases, rulings and bonds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from eth_utils import to_bytes

from .books import Books, read_call, same_view
from .calls import SETTLE_TYPES, selector
from .chain import Chain
from .events import Log, words


def find_courts(chain: Chain, ledger: str, authority: str, logs: Sequence[Log]) -> list[str]:
    """Every account that ever had a role that may freeze, or ever could, by the access manager."""
    freeze = selector("freeze", [SETTLE_TYPES[0], SETTLE_TYPES[2], "bytes32"])
    roles = {log.args["roleId"] for log in logs if log.name == "TargetFunctionRoleUpdated"
             and (log.args["target"], log.args["selector"]) == (ledger, "0x" + freeze.hex())}
    roles.add(chain.view(authority, "getTargetFunctionRole(address,bytes4)", "uint64", ledger,
                         freeze))
    return sorted({log.args["account"] for log in logs
                   if log.name == "RoleGranted" and log.args["roleId"] in roles})


def check_disputes(books: Books, token: str) -> None:
    """Every freeze opens a case, every release ends one, and every bond goes to the right owner."""
    history, report = books.history, books.report
    for log in [*history.named["Frozen"], *history.named["Released"]]:
        names = ("Challenged",) if log.name == "Frozen" else ("Ruled", "Lapsed")
        case = [history.within(log, name, attestation=log.args["attestation"]) for name in names]
        report.holds(f"{log.name.lower()} {log.args['attestation'][:10]}.. case", any(case),
                     log.transaction, f"a transaction with an event {' or '.join(names)}", "chain")
    for court in books.courts:
        with report.reading(f"court {court}"):
            check_court(books, court, token)


@dataclass
class Case:
    """One challenge: the challenger, the end of the time to rule, and the bond."""

    challenger: str
    deadline: int
    bond: int
    is_open: bool = True


def check_court(books: Books, court: str, token: str) -> None:
    """Cases and bonds by the events must be those of the court's views and its balance."""
    cases, owed = dict[str, Case](), Counter[str]()
    for log in books.history.logs:
        if log.source == court and log.name in ("Challenged", "Ruled", "Lapsed", "BondWithdrawn"):
            name = f"{words(log.name)} in {log.transaction[:10]}.."
            with books.report.reading(name):
                check_case(books, name, log, cases, owed)
    for key, case in cases.items():
        made = [case.challenger, case.deadline, case.bond, case.is_open]
        same_view(books, f"case {key}", "cases(bytes32)", "address,uint40,uint48,bool", made,
                  to_bytes(hexstr=key), of=court)
    for owner, amount in owed.items():
        same_view(books, f"bonds of {owner}", "owed(address)", "uint256", amount, owner, of=court)
    if cases:
        held = books.chain.view(token, "balanceOf(address)", "uint256", court)
        due = sum(owed.values()) + sum(case.bond for case in cases.values() if case.is_open)
        books.report.holds(f"court {court} balance", held >= due, held, f"at least {due}", "chain")


def check_case(books: Books, name: str, log: Log, cases: dict[str, Case],
               owed: Counter[str]) -> None:
    """One event of a court: a challenge, the end of a case, or a bond that is withdrawn."""
    a = log.args
    if log.name == "BondWithdrawn":
        books.report.equal(f"{name} amount", a["amount"], owed[a["owner"]])
        owed[a["owner"]] -= a["amount"]
    elif log.name == "Challenged":
        open_case(books, name, log, cases)
    else:
        end_case(books, name, log, cases[a["attestation"]])
        owed[a["bondTo"]] += a["bond"]


def open_case(books: Books, name: str, log: Log, cases: dict[str, Case]) -> None:
    """A challenge freezes the settlement, once, for the time to rule and a limited bond."""
    report, history, a, key = books.report, books.history, log.args, log.args["attestation"]
    frozen = history.within(log, "Frozen", attestation=key, order=a["order"])
    report.equal(f"{name} frozen", a["frozen"], frozen.args["amount"] if frozen else 0)
    report.equal(f"{name} again", key in cases, False)
    time = books.chain.view(log.source, "RULING_TIME()", "uint256")
    report.equal(f"{name} deadline", a["deadline"], history.time(log.block) + time)
    most = books.chain.view(log.source, "BOND()", "uint256")
    report.holds(f"{name} bond", a["bond"] <= most, a["bond"], f"at most {most}", "chain")
    cases[key] = Case(a["challenger"], a["deadline"], a["bond"])
    if a["order"] in history.settled:
        _, call = read_call(books, history.settled[a["order"]])
        report.equal(f"{name} set", a["set"], call.set)


def end_case(books: Books, name: str, log: Log, case: Case) -> None:
    """A ruling comes before the deadline, a lapse after it; the bond goes to the right owner."""
    report, history, a, now = books.report, books.history, log.args, books.history.time(log.block)
    report.equal(f"{name} open", True, case.is_open)
    ruled, receivers = log.name == "Ruled", history.last("ReceiversSet", log.place)
    said, due = f"at {now}", f"{'before' if ruled else 'from'} {case.deadline}"
    report.holds(f"{name} time", (now < case.deadline) == ruled, said, due, "chain")
    stands = ruled and not a["reversed"]
    receiver = receivers.args["pool"] if stands and receivers else case.challenger
    report.equal(f"{name} bond", [a["bondTo"], a["bond"]], [receiver, case.bond])
    released = history.within(log, "Released", attestation=a["attestation"], order=a["order"])
    ended = released.args["reversed"] if released else "never released"
    report.equal(f"{name} released", ended, ruled and a["reversed"])
    case.is_open = False
