"""How much an audit looked at: generations, blocks, the age of the head, the program itself."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from hashlib import sha256
from importlib.resources import files

from .books import Books
from .events import LEDGER_EVENTS
from .kinds import PARTS, WORDS, level
from .report import Report

SETTLES = tuple(kind for kind in LEDGER_EVENTS if kind.name in ("Settled", "SettledInBatch"))
NOT_OK = ("unreadable", "not checked")


def program_hash() -> str:
    """sha256 over name and content of every module of this package, 64 hex digits."""
    modules = [one for one in files(__package__).iterdir() if one.name.endswith(".py")]
    rows = (f"{sha256(one.read_bytes()).hexdigest()} {one.name}\n"
            for one in sorted(modules, key=lambda one: one.name))
    return sha256("".join(rows).encode()).hexdigest()


def check_scope(books: Books, names: Sequence[str], options: argparse.Namespace,
                now: float) -> None:
    """Names the blocks and generations that were left out; `now` in seconds since 1970."""
    report, chain, total = books.report, books.chain, len(books.history.settled)
    report.scope = f"{len(names)} of {total} generations, blocks {books.first} to {chain.head}"
    if not names:
        report.skip("nothing audited", "generations")
    with report.reading("head"):
        age = int(now) - chain.now
        if age > options.max_age:
            report.skip("old head", "head", f"block {chain.head} is {age} seconds old, more than "
                        f"--max-age {options.max_age}")
    if not options.generation and chain.head < chain.newest:
        with report.reading("newer blocks"):
            left = chain.logs(books.ledger, SETTLES, chain.head + 1, chain.newest)
            if left:
                report.skip("newer blocks", "generations", f"{len(left)} settled in the blocks "
                            f"{chain.head + 1} to {chain.newest}, which --confirmations leaves out")
            report.scope = report.scope.replace(f"of {total} ", f"of {total + len(left)} ", 1)


def reached(report: Report) -> int:
    """How many of PARTS agree, from the first on; 0 where something is wrong or not known."""
    if report.mismatches:
        return 0
    return level({one.part for one in report.verdicts if one.state in NOT_OK})


def last_line(report: Report) -> str:
    """What was found, what was not looked at, and what follows from both."""
    word = "does not agree" if report.mismatches else WORDS[reached(report)]
    return (f"audit: {report.mismatches} mismatches, {report.count('unreadable')} unreadable, "
            f"{report.count('not checked')} not checked of {report.checks} checks; "
            f"scope {report.scope or 'nothing'}; {word}")


def status(report: Report, required: str) -> int:
    """The exit status: 0 if the verdict reaches the part, 1 for a mismatch, 3 for an incomplete
    audit."""
    if report.mismatches:
        return 1
    return 0 if reached(report) > PARTS.index(required) else 3
