"""Checks of batches: what they settle, skip and credit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from .books import Books, read_calls
from .calls import Call
from .events import Log
from .skips import SKIPS, reason_of


def check_batches(books: Books) -> None:
    """Every order of a batch is settled or skipped; the credited sums are those of the settled."""
    for credited, events in books.history.batches:
        name = f"batch in {credited.transaction[:10]}.."
        with books.report.reading(name):
            check_batch(books, name, credited, events)


def check_batch(books: Books, name: str, credited: Log, events: Sequence[Log]) -> None:
    """The events of one batch against its calldata and its credited sums."""
    report, totals = books.report, Counter[int]()
    settled = {log.args["order"] for log in events if log.name == "Settled"}
    for log in events:
        if log.name == "Skipped":
            order, reason = log.args["order"], log.args["reason"]
            report.holds(f"{name} skipped {order[:10]}..", reason in SKIPS, reason,
                         SKIPS.get(reason, "no reason to skip"), "chain", "which is")
            report.equal(f"{name} skipped {order[:10]}.. settled", order in settled, False)
        else:
            totals.update(dict(zip(log.args["recordings"], log.args["amounts"], strict=True)))
    listed = credited.args["recordings"]
    said = dict(zip(listed, credited.args["amounts"], strict=True))
    report.equal(f"{name} credited", said, {**dict.fromkeys(listed, 0), **totals})
    calls = calls_of(books, credited)
    orders = [log.args["order"] for log in events]
    report.equal(f"{name} orders", orders, [call.id for call in calls])
    if calls:
        report.equal(f"{name} set", credited.args["set"], calls[0].set)
    for log, call in zip(events, calls, strict=False):
        if log.name == "Skipped" and log.args["order"] == call.id:
            check_reason(books, f"{name} skipped {call.id[:10]}.. reason", log, call)


def check_reason(books: Books, name: str, log: Log, call: Call) -> None:
    """A generation is skipped for the first reason that the books give."""
    with books.report.reading(name):
        said = SKIPS.get(log.args["reason"], log.args["reason"])
        books.report.equal(name, said, reason_of(books, log, call))


def calls_of(books: Books, credited: Log) -> list[Call]:
    """The calls of one batch; its place among the batches of its transaction names it."""
    _, calls = read_calls(books, credited.transaction)
    turns = sorted({call.turn for call in calls if call.batch})
    before = sum(log.transaction == credited.transaction and log.place < credited.place
                 for log, _ in books.history.batches)
    return [call for call in calls if before < len(turns) and call.turn == turns[before]]
