"""Reads the history of a ledger and runs every check."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from typing import Any

from eth_utils import to_checksum_address

from .accounts import check_money
from .batches import check_batches
from .books import Books
from .chain import Chain
from .code_checks import check_codes
from .content import Content
from .disputes import check_disputes, find_courts
from .event_checks import check_events, check_headers
from .events import COURT_EVENTS, LEDGER_EVENTS, POOL_EVENTS, SPLIT_EVENTS
from .generation import Generation
from .history import History
from .kinds import STANDING
from .known import check_known
from .registry import check_registry, check_sets, check_splits
from .report import Report
from .rpc import Rpc
from .scope import check_scope, program_hash
from .state_checks import check_contents, check_head, check_storage, open_state, read_ahead
from .statements import check_statement
from .steps import audit_generation
from .training_pool import check_pool
from .transfers import check_transfers

Connect = Callable[[str], Any]
"""From a URL to a function of a method and its parameters, as Rpc is one."""


def open_books(options: argparse.Namespace, report: Report,
               connect: Connect) -> tuple[Books, str]:
    """Reads the whole history, which every check needs, and returns it with the token."""
    given = json.loads(options.deployment.read_text("utf-8")) if options.deployment else {}
    ledger = to_checksum_address(options.ledger or given["ledger"])
    chain = Chain(connect(options.rpc), options.confirmations, options.head or "")
    first = int(given.get("block", 0))
    report.line(f"chain {chain.id}, ledger {ledger}, blocks {first} to {chain.head}")
    chain.second = connect(options.rpc2) if options.rpc2 else None
    with report.reading("head"):
        check_head(chain, options, report)
        open_state(chain, ledger, options.prove, report)
    token, splits = (chain.view(ledger, f"{name}()", "address") for name in ("token", "splits"))
    authority = chain.view(ledger, "authority()", "address")
    chain.window = window = chain.view(ledger, "window()", "uint256")
    courts = find_courts(chain, ledger, authority, first)
    court = courts[0] if given.get("court") not in courts and courts else given.get("court")
    for name, found in (("chainId", chain.id), ("ledger", ledger), ("token", token),
                        ("splits", splits), ("authority", authority), ("window", window),
                        ("court", court)):
        if name in given:
            report.equal(f"deployment {name}", given[name], found, "the file")
    logs = chain.logs(ledger, LEDGER_EVENTS, first) + chain.logs(splits, SPLIT_EVENTS, first)
    pools = {log.args["pool"] for log in logs if log.name == "ReceiversSet"}
    for places, kinds in ((courts, COURT_EVENTS), (sorted(pools), POOL_EVENTS)):
        logs += [log for place in places for log in chain.logs(place, kinds, first)]
    content, history = Content(options.ipfs), History(logs, chain.time)
    return Books(chain, ledger, splits, window, history, content, report, options.references,
                 first, courts, given), token


def chosen(books: Books, named: Sequence[str]) -> list[str]:
    """The generations to audit: all, or those that are named and the originals they upgrade."""
    settled, found = books.history.settled, list[str]()
    for name in [one.lower() for one in named] or list(settled):
        if name not in settled:
            books.report.unread(f"generation {name}", "no Settled event up to this block")
        while name in settled and name not in found:
            found.append(name)
            upgrade = books.history.last("Upgraded", (2**64, 0), order=name) if named else None
            name = upgrade.args["original"] if upgrade else name
    return found


def audit(options: argparse.Namespace, report: Report, now: float,
          connect: Connect = Rpc) -> None:
    """Runs every check, from the generations to the statements; `now` in seconds since 1970."""
    report.line(f"audit {program_hash()}")
    with report.reading("history"):
        books, token = open_books(options, report, connect)
        names = chosen(books, options.generation)
        generations = [Generation(books, books.history.settled[name]) for name in names]
        for one in generations:
            audit_generation(one)
        audit_ledger(books, token)
        for path in options.statement:
            report.begin("", f"statement {path.name}")
            with report.reading(f"statement {path.name}"):
                check_statement(books, path)
        report.begin("", "the chain")
        with report.reading("headers"):
            check_headers(books)
        check_events(books, generations, options.prove)
        report.begin("", "not checked")
        check_scope(books, names, options, now)
    for kind in STANDING:
        if kind not in report.proven:
            report.skip(kind, "trust", report.skipped.get(kind, ""))


def audit_ledger(books: Books, token: str) -> None:
    """The checks of the ledger as a whole."""
    books.report.begin("", "the ledger")
    with books.report.reading("state"):
        read_ahead(books)
    for name, check in (("code", check_codes), ("registry", check_registry), ("sets", check_sets),
                        ("splits", check_splits), ("batches", check_batches),
                        ("pool", check_pool)):
        with books.report.reading(name):
            check(books)
    with books.report.reading("known"):
        check_known(books)
    with books.report.reading("transfers"):
        check_transfers(books, token)
    with books.report.reading("disputes"):
        check_disputes(books, token)
    with books.report.reading("money"):
        check_money(books, token)
    with books.report.reading("storage"):
        check_contents(books)
        check_storage(books)
