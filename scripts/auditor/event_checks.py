"""Checks that the events are those of the chain: headers back from the head, and receipts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from .books import Books
from .events import Log
from .generation import Generation
from .headers import header_hash
from .receipts import may_hold, proven_logs
from .report import Disproved

PROVES_EVENTS = ("named", "all")


def check_headers(books: Books) -> None:
    """Every header that the audit has read has the hash that the RPC names."""
    report, blocks = books.report, books.chain.blocks
    wrong = {number: found for number in sorted(blocks)
             if (found := header_hash(blocks[number])) != blocks[number]["hash"]}
    for number, found in wrong.items():
        report.equal(f"header of block {number}", blocks[number]["hash"], found)
    report.holds("headers", not wrong, f"{len(wrong)} of {len(blocks)} with another hash", "none")


def check_events(books: Books, generations: Sequence[Generation], proves: str) -> None:
    """Proves the events of the generations, or all of them, as --prove says."""
    if proves not in PROVES_EVENTS:
        return
    report, chain = books.report, books.chain
    before = len(report.verdicts) - report.count("ok")
    every = proves == "all"
    wanted = {gen.log.block for gen in generations}
    seen = {gen.manifest["block"]["number"] for gen in generations if gen.manifest}
    seen = {number for number in seen if books.first <= number <= chain.head}
    blocks = range(books.first, chain.head + 1) if every else sorted(wanted)
    with report.reading("headers"):
        link(books, {*blocks, *seen}, None if every else chain.second)
        told = by_place(chain.told)
        for number in blocks:
            if any(may_hold(chain.block(number), place) for place in chain.asked):
                with report.reading(f"receipts of block {number}"):
                    check_receipts(books, number, told)
    if every and len(report.verdicts) - report.count("ok") == before:
        report.proven |= {"receipts", "list of events"}
    report.skipped["receipts"] = f"only those of {len(wanted)} blocks are proven; --prove all"


def link(books: Books, numbers: Iterable[int], second: Callable[..., Any] | None) -> None:
    """Shows that blocks are ancestors of the head: each names its parent, or a second RPC agrees.

    Raises Disproved at the first block that is none.
    """
    chain, wanted = books.chain, sorted(numbers)
    if second is not None:
        for number in wanted:
            other = second("eth_getBlockByNumber", hex(number), False)
            said = other["hash"] if isinstance(other, dict) else "no such block"
            books.report.equal(f"block {number} of --rpc2", said, header_hash(chain.block(number)),
                               "the second RPC")
        return
    due = header_hash(chain.block(chain.head))
    for number in range(chain.head, wanted[0] - 1, -1) if wanted else ():
        if header_hash(chain.block(number)) != due:
            raise Disproved(f"block {number} is not the parent of block {number + 1}: {due} is due")
        due = chain.block(number)["parentHash"]
    books.report.holds("ancestors of the head", True, len(wanted), "linked by their parents")


def by_place(logs: Iterable[Log]) -> dict[tuple[int, str], list[Log]]:
    """Logs by block and contract."""
    found: dict[tuple[int, str], list[Log]] = defaultdict(list)
    for log in logs:
        found[log.block, log.source].append(log)
    return found


def check_receipts(books: Books, number: int, told: Mapping[tuple[int, str], list[Log]]) -> None:
    """The logs that were told of a block are those of its receipts, for every contract."""
    chain = books.chain
    raw = proven_logs(chain.rpc, chain.block(number))
    for place in sorted(chain.asked):
        said, due = told.get((number, place), []), chain.due(place, raw)
        if said or due:
            books.report.equal(f"events of {place} in block {number}", shown(said), shown(due),
                               "the RPC", "the receipts hold")


def shown(logs: Iterable[Log]) -> list[Any]:
    """Places, names and arguments of logs, in order; a log that was read twice counts once."""
    rows = [[log.index, log.transaction, log.name, log.args]
            for log in sorted(logs, key=lambda log: log.place)]
    return [row for place, row in enumerate(rows) if row not in rows[:place]]

