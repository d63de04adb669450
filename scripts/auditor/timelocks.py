"""Checks of the timelocks that may change roles: what they queued, how long it waited, what ran."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from eth_abi import encode
from eth_utils import keccak, to_bytes

from .access import ADMIN
from .books import Books, same_view
from .events import TIMELOCK_EVENTS, Log, words
from .report import Report, Unanswered, Unreadable

DONE = 1
"""What a timelock stores for an operation that ran, in place of its time."""
CALL = ("address", "uint256", "bytes")


@dataclass
class Operation:
    """Calls that were queued together; `ready` in seconds since 1970, 0 once it is cancelled."""

    ready: int
    predecessor: str
    calls: list[tuple[Any, ...]] = field(default_factory=list)
    salt: str = "0x" + "00" * 32
    ran: int = 0

    @property
    def names(self) -> list[str]:
        """The name of the operation as a single call and as a list of calls."""
        tail = [to_bytes(hexstr=self.predecessor), to_bytes(hexstr=self.salt)]
        rows = [(to, value, to_bytes(hexstr=data)) for to, value, data in self.calls]
        columns = [list(column) for column in zip(*rows, strict=True)]
        single = encode([*CALL, "bytes32", "bytes32"], [*rows[0], *tail])
        listed = encode([*(f"{kind}[]" for kind in CALL), "bytes32", "bytes32"], [*columns, *tail])
        return ["0x" + keccak(one).hex() for one in ([single, listed] if len(rows) == 1
                                                     else [listed])]


def check_timelocks(books: Books) -> None:
    """Every account that ever was an admin of the access manager and is a timelock."""
    admins = {log.args["account"] for log in books.access
              if log.name == "RoleGranted" and log.args["roleId"] == ADMIN}
    for place in sorted(admins):
        with books.report.reading(f"timelock {place}"):
            if is_timelock(books, place):
                check_timelock(books, place)


def is_timelock(books: Books, place: str) -> bool:
    """Whether an account answers as a timelock does."""
    try:
        books.chain.view(place, "getMinDelay()", "uint256")
    except Unanswered:
        raise
    except Unreadable:
        return False
    return True


def check_timelock(books: Books, place: str) -> None:
    """Replays the events of one timelock and compares the end with its views."""
    delay, operations = 0, dict[str, Operation]()
    for log in sorted(books.chain.logs(place, TIMELOCK_EVENTS, books.first), key=lambda x: x.place):
        name = f"timelock {words(log.name)} in {log.transaction[:10]}.."
        if log.name == "MinDelayChange":
            books.report.equal(f"{name} before", log.args["oldDuration"], delay)
            delay = log.args["newDuration"]
        else:
            learn(books.report, name, log, operations, delay, books.history.time(log.block))
    for key, one in operations.items():
        books.report.holds(f"operation {key} name", key in one.names, key, " or ".join(one.names))
        found = DONE if one.ran and one.ran == len(one.calls) else one.ready
        same_view(books, f"operation {key} time", "getTimestamp(bytes32)", "uint256", found,
                  to_bytes(hexstr=key), of=place)
    same_view(books, f"timelock {place} delay", "getMinDelay()", "uint256", delay, of=place)


def learn(report: Report, name: str, log: Log, operations: dict[str, Operation], delay: int,
          now: int) -> None:
    """One event of an operation; `delay` is the least delay at that time, `now` its block's."""
    a = log.args
    if log.name == "CallScheduled":
        report.holds(f"{name} delay", a["delay"] >= delay, a["delay"], f"at least {delay}")
        if a["index"] == 0:  # a cancelled operation may be queued again
            operations[a["id"]] = Operation(now + a["delay"], a["predecessor"])
        operations[a["id"]].calls.append(call_of(a))
        said = [a["index"], now + a["delay"], a["predecessor"]]
        one = operations[a["id"]]
        report.equal(f"{name} place", said, [len(one.calls) - 1, one.ready, one.predecessor])
    elif log.name == "CallSalt":
        operations[a["id"]].salt = a["salt"]
    elif log.name == "Cancelled":
        operations[a["id"]].ready = 0
    else:
        run(report, name, a, operations[a["id"]], now)


def run(report: Report, name: str, a: Mapping[str, Any], one: Operation, now: int) -> None:
    """A call runs as it was queued, once, and not before its time."""
    report.holds(f"{name} time", 0 < one.ready <= now, now, f"at least {one.ready}, as queued")
    due = [one.ran, *one.calls[one.ran]] if one.ran < len(one.calls) else "nothing more"
    report.equal(f"{name} call", [a["index"], *call_of(a)], due)
    one.ran += 1


def call_of(a: Mapping[str, Any]) -> tuple[Any, ...]:
    return a["target"], a["value"], a["data"]
