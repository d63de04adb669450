"""Checks of the head and of the state at it: which block it is, and that nothing else is stored."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from eth_utils import keccak, to_bytes

from . import slots, stored
from .books import Books
from .chain import Chain
from .headers import header_hash
from .report import Report
from .rpc import Refused
from .splits import content
from .state import State


def check_head(chain: Chain, options: argparse.Namespace, report: Report) -> None:
    """The head is the block that the auditor names, or that a second RPC has too."""
    found = header_hash(chain.block(chain.head))
    report.equal("head", chain.block(chain.head)["hash"], found)
    good = []
    if options.head:
        good.append(report.equal("head of --head", options.head.lower(), found, "the auditor"))
    if chain.second is not None:
        with report.reading("head of --rpc2"):
            other = chain.second("eth_getBlockByNumber", hex(chain.head), False)
            said = other["hash"] if isinstance(other, dict) else "no such block"
            good.append(report.equal("head of --rpc2", said, found, "the second RPC"))
    if good and all(good):
        report.proven.add("fork")


def open_state(chain: Chain, ledger: str, proves: str, report: Report) -> None:
    """From now on the ledger's views are read from words that the state root proves."""
    state = State(chain.rpc, chain.head, to_bytes(hexstr=chain.block(chain.head)["stateRoot"]))
    why = "--prove none"
    try:
        if proves != "none":
            authority = stored.who(state.word(ledger, slots.AUTHORITY))
            chain.state = state
            chain.readers |= {ledger: stored.LEDGER, authority: stored.MANAGER}
            report.proven.add("state")
            return
    except Refused as error:
        why = str(error)
    report.skipped["state"] = f"the views are compared instead: {why}"
    report.skipped["list of events"] = "an event whose end state the RPC hides could be hidden too"


def read_ahead(books: Books) -> None:
    """Asks for every word that the events explain, many at once."""
    chain, state = books.chain, books.chain.state
    if state is not None:
        chain.readers[books.splits] = stored.SPLITS
        chain.readers |= dict.fromkeys(books.courts, stored.COURT)
        pools = {log.source for log in books.history.named["RoundOpened"]}
        chain.readers |= dict.fromkeys(pools, stored.POOL)
        state.prove(books.ledger, ledger_slots(books))
        for court in books.courts:
            state.prove(court, court_slots(books, court))


def ledger_slots(books: Books) -> Iterator[int]:
    """Every slot of the ledger that an event can have written.

    Anvil keeps a leaf for a word that was only read or that became zero, so there are more here
    than have to hold something.
    """
    history = books.history
    frozen = {whose for kind, whose in books.money.purses if kind == "frozen"}
    yield from (slots.COUNT, slots.ACTIVE, slots.RECEIVER, slots.FEES, slots.AUTHORITY)
    for number in (0, *history.recordings):
        yield from (slots.RECORDINGS + number, slots.OWNERS + number)
        yield from (slots.entry(place, "uint32", number) for place in (slots.OFFERS, slots.FLOORS))
        versions = len(history.consents(number, (books.chain.head + 1, 0))) - 1
        yield from (slots.past(number, version) for version in (255, *range(min(256, versions))))
    by_address = (slots.ACCOUNTS, slots.EXITS, slots.NODES, slots.PARKED, slots.ACCRUED,
                  slots.WITHDRAWALS)
    for who in books.everybody:
        yield from (slots.entry(place, "address", who) for place in by_address)
    for place, names in ((slots.SETS, history.sets()), (slots.FROZEN, frozen)):
        yield from (slots.entry(place, "bytes32", to_bytes(hexstr=name)) for name in names)
    yield from (slots.element(slots.ACTIVE, place)
                for place, _ in enumerate(history.named["SetActivated"]))


def active(books: Books) -> list[str]:
    """The active sets by the events, in no order."""
    return sorted(name for name, terms in books.history.sets().items() if terms[0])


def court_slots(books: Books, court: str) -> Iterator[int]:
    """Every slot of a court that an event can have written."""
    yield from (0, slots.STATUS)
    for log in books.history.logs:
        if log.source == court and log.name == "Challenged":
            key = to_bytes(hexstr=log.args["attestation"])
            yield slots.entry(slots.CASES, "bytes32", key)
    for who in books.everybody:
        yield slots.entry(slots.OWED, "address", who)


def check_contents(books: Books) -> None:
    """The contract of the splits has every split under the hash of its content."""
    splits, state = books.money.splits, books.chain.state
    if state is None:
        return
    for number, log in splits.created.items():
        with books.report.reading(f"split {number} content"):
            key = keccak(content(log, splits.rows[number]))
            slot = slots.entry(slots.SPLITS_IDS, "bytes32", key)
            books.report.equal(f"split {number} content", state.word(books.splits, slot), number,
                               "the state", "by its event")


def check_storage(books: Books) -> None:
    """Ledger and courts store nothing but the words that events explain, and the active sets."""
    state = books.chain.state
    if state is None:
        return
    with books.report.reading("active sets"):
        count = state.word(books.ledger, slots.ACTIVE)
        names = [f"0x{state.word(books.ledger, slots.element(slots.ACTIVE, place)):064x}"
                 for place in range(min(count, 64))]
        books.report.equal("active sets", sorted(names), active(books), "the state")
    for name, place in (("the ledger", books.ledger), *(("the court", c) for c in books.courts)):
        with books.report.reading(f"storage of {name}"):
            root, found = state.storage_of(place)
            books.report.holds(f"storage of {name} {place}", root == found, "0x" + root.hex(),
                               f"0x{found.hex()}, the words that the events explain", "the state")
