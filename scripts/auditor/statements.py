"""Checks of a payee's statement, row by row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any

from .amounts import MILLION
from .books import Books
from .events import Log
from .splits import TABLE, Splits
from .statement_file import change_of, payee_of, read_file, read_rows

COLUMNS = ("kind", "block", "log_index", "transaction", "recording", "order", "manifest",
           "share", "amount", "to")
PLACE = 5
"""The first columns, which say which movement a row is."""
CREDITS = {"Settled": "credited", "Rewarded": "rewarded", "Frozen": "frozen",
           "Released": "released"}


def named_in(splits: Splits, split: int) -> dict[str, Any]:
    """The payees of a split and of the splits inside it; with shares if it has payees only."""
    log, rows = splits.created[split], splits.rows[split]
    if all(kind != TABLE for kind, _, _ in rows):
        return {to: share for _, to, share in rows}
    found = [log.args["recipient"]] if log.name == "RecoupmentCreated" else []
    for kind, to, _ in rows:
        found += named_in(splits, to) if kind == TABLE else [to]
    return dict.fromkeys(found)


def share_of(books: Books, payee: str, recording: int, log: Log) -> tuple[bool, Any]:
    """Whether a payee had a part in a recording at that time, and the share if it is fixed."""
    if not books.history.owners[recording] or books.history.owners[recording][0][0] > log.place:
        return False, None
    owner, split = books.history.holder(recording, log.place)
    known = named_in(books.money.splits, split) if split else {owner: MILLION}
    claims = {c.args["holder"]: c.args["to"] for c in books.history.named["Claimed"]
              if c.place < log.place}
    shares = [share for name, share in known.items() if claims.get(name, name) == payee]
    return bool(shares), None if None in shares else sum(shares)


def credits(books: Books, log: Log) -> Iterator[tuple[int, int, Log | None]]:
    """Rows of (recording, whole amount, settlement) of an event that credits recordings."""
    a = log.args
    if log.name == "Rewarded":
        yield from ((number, a["each"], None) for number in sorted(a["recordings"]))
        return
    settled = books.history.settled.get(a["order"])
    if settled and settled.place <= log.place:
        pairs = zip(settled.args["recordings"], settled.args["amounts"], strict=True)
        yield from ((number, amount, settled) for number, amount in pairs if number)


def payments(log: Log) -> Iterator[tuple[str, Any, int, str]]:
    """Rows of (kind, recording, amount, receiver) of an event that names a payee."""
    a = log.args
    if log.name == "Withdrawn":
        yield "withdrawn", a["recording"], a["amount"], ""
    elif log.name == "WithdrawnMany":
        for number, amount in sorted(zip(a["recordings"], a["amounts"], strict=True)):
            yield "withdrawn", number, amount, ""
    elif log.name == "Parked":
        yield "parked", "", a["amount"], ""
    elif log.name == "Accrued":
        yield "accrued", "", a["amount"], ""
    elif log.name in ("ParkedWithdrawn", "ClaimedWithdrawn"):
        yield "collected", "", a["amount"], a["to"]


def movements(books: Books, payee: str) -> Iterator[tuple[str, ...]]:
    """The rows of a payee's statement, from the events alone."""
    for log in books.history.logs:
        place = (str(log.block), str(log.index), log.transaction)
        if log.name in CREDITS:
            kind = "reversed" if log.args.get("reversed") else CREDITS[log.name]
            for number, amount, settled in credits(books, log):
                mine, share = share_of(books, payee, number, log)
                order, manifest = (settled.args[key] if settled else ""
                                   for key in ("order", "manifest"))
                part = "" if share is None else str(share)
                if mine:
                    yield (kind, *place, str(number), order, manifest, part, str(amount), "")
        elif payee in (log.args.get("payee"), log.args.get("holder")):
            for kind, about, amount, to in payments(log):
                yield (kind, *place, str(about), "", "", "", str(amount), to)


def check_statement(books: Books, path: Path) -> None:
    """Compares a CSV file, named by its payee, with the rows from the events."""
    payee = payee_of(path)
    name = f"statement {payee}"

    def same(place: str, said: Any, due: Any, source: str = "file") -> bool:
        return books.report.equal(f"{name} {place}", said, due, source, "chain says")

    due = list(movements(books, payee))
    found = read_rows(read_file(path, len(due)), COLUMNS)
    rows = found[1:]
    same("header", found[:1], [COLUMNS])
    same("rows", len(rows), len(due))
    missing, extra = Counter(due) - Counter(rows), Counter(rows) - Counter(due)
    if len(rows) != len(due):
        for row in missing.elements():
            same("row missing", "nothing", row)
        for row in extra.elements():
            same("row too many", row, "nothing")
    else:
        check_order(rows, due, same)
        check_rows(rows, due, same)


def check_order(
    rows: list[tuple[str, ...]], due: list[tuple[str, ...]], same: Callable[..., bool]
) -> None:
    """Finds the first row that stands where another one belongs, if the file holds both."""
    known, wanted = [row[:PLACE] for row in rows], [row[:PLACE] for row in due]
    if known == wanted or Counter(known) != Counter(wanted):
        return
    pairs = enumerate(zip(known, wanted, strict=True), 1)
    number, (row, right) = next((n, pair) for n, pair in pairs if pair[0] != pair[1])
    same(f"order of rows, from row {number}", row[:3], right[:3])


def pairs_of(
    rows: list[tuple[str, ...]], due: list[tuple[str, ...]]
) -> Iterator[tuple[int, tuple[str, ...], tuple[str, ...]]]:
    """Each row with its number and the row from the events: of the same movement, if all are known.

    If the file names other movements than the chain, the rows are paired as they stand.
    """
    open_rows: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
    for right in due:
        open_rows.setdefault(right[:PLACE], []).append(right)
    moved = Counter(row[:PLACE] for row in rows) == Counter(row[:PLACE] for row in due)
    for number, (row, right) in enumerate(zip(rows, due, strict=True), 1):
        yield number, row, open_rows[row[:PLACE]].pop(0) if moved else right


def check_rows(
    rows: list[tuple[str, ...]], due: list[tuple[str, ...]], same: Callable[..., bool]
) -> None:
    """Compares cell by cell; where a spreadsheet wrote a number in another way, it says so."""
    for number, row, wanted in pairs_of(rows, due):
        names = (*COLUMNS, *(f"column {n}" for n in range(len(COLUMNS) + 1, len(row) + 1)))
        for column, said, right in zip_longest(names, row, wanted):
            change = change_of(said, right) if right is not None and said != right else ""
            same(f"row {number} {column}", said, right, f"file, {change}," if change else "file")
