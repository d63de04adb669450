"""The statements of all payees; a question reads new blocks only.

Rows of closed blocks are kept by payee. The newest blocks may still change, so their events are
processed again, on top of the kept books.
"""

from __future__ import annotations

from collections.abc import Iterable

from oracle.adapters.chain.batches import BATCHES, Fee, with_batches_expanded
from oracle.adapters.chain.contract import Contract
from oracle.adapters.chain.event_scan import Event, Scan, event_of
from oracle.adapters.chain.heads import Head, Heads
from oracle.adapters.chain.rpc import Rpc
from oracle.adapters.chain.rpc_types import Log
from oracle.adapters.chain.settlement_index import SettlementReader
from oracle.adapters.chain.statement import Books
from oracle.domain.block import Block
from oracle.domain.errors import Unavailable
from oracle.domain.statement import Movement, sorted_rows

MONEY = (
    "Registered", "Assigned", "Settled", "Rewarded", "Frozen", "Released", "Withdrawn",
    "WithdrawnMany", "Parked", "ParkedWithdrawn", "Accrued", "ClaimedWithdrawn", *BATCHES,
)  # fmt: skip
TABLES = ("SplitCreated", "TableCreated", "PiesCreated", "RecoupmentCreated", "Claimed")
"""`MONEY` and `TABLES`: the events of ledger and splits from which statements follow."""


class LedgerAndSplits:
    """Implements event_scan.Source: the two contracts whose events make a statement."""

    def __init__(self, ledger: Contract, splits: Contract) -> None:
        self.address = [ledger.address, splits.address]
        money = {name: ledger.topic(name) for name in MONEY}
        tables = {name: splits.topic(name) for name in TABLES}
        if set(money.values()) & set(tables.values()):
            raise RuntimeError("an event of the splits has the topic of an event of the ledger")
        self._topics = money | tables
        self._contracts = dict.fromkeys(money.values(), ledger)
        self._contracts |= dict.fromkeys(tables.values(), splits)

    def topic(self, event: str) -> str:
        """The first topic of an event, 0x-hex."""
        return self._topics[event]

    def event(self, log: Log) -> Event:
        """A decoded log of either contract."""
        return event_of(self._contracts["0x" + log.topics[0].hex()], log)


class MoneyIndex:
    """Events in the order of the chain, and the rows of those that are worked through."""

    def __init__(self, source: LedgerAndSplits) -> None:
        self._source = source
        self._waiting: list[Event] = []
        self._rows: dict[str, list[Movement]] = {}
        self._books = Books()

    def add(self, log: Log) -> None:
        """Adds a log, after those before it on the chain."""
        self._waiting.append(self._source.event(log))

    def work_through(self, fee: Fee) -> None:
        """Makes rows of all added events, which must end at the end of a block.

        Raises:
            Unavailable: a batch is there in part only; nothing has changed.
        """
        events, self._waiting = with_batches_expanded(self._waiting, fee), []
        for event in events:
            for payee, row in self._books.rows(event):
                self._rows.setdefault(payee, []).append(row)

    def rows(self, payee: str) -> list[Movement]:
        """A payee's rows of the events that are worked through, in the order of the chain."""
        return self._rows.get(payee, [])

    def rows_after(self, payee: str, newer: MoneyIndex, last: int, fee: Fee) -> list[Movement]:
        """A payee's rows of the newer events up to block `last`; keeps nothing of them."""
        books = Books(self._books)
        events: Iterable[Event] = (e for e in newer._waiting if e.block <= last)
        made = (pair for e in with_batches_expanded(list(events), fee) for pair in books.rows(e))
        return [row for who, row in made if who == payee]


class StatementIndex:
    """The statements of one ledger.

    Args:
        start: first block of the ledger's history.
        depth: least number of blocks on top of a block before its events are kept.
    """

    def __init__(
        self, rpc: Rpc, heads: Heads, ledger: Contract, splits: Contract, start: int, depth: int
    ) -> None:
        source = LedgerAndSplits(ledger, splits)
        self._fee = SettlementReader(rpc, ledger).fee
        self._scan = Scan(
            rpc, heads, source, (*MONEY, *TABLES), start, lambda: MoneyIndex(source), depth
        )

    def of(self, payee: str, head: Head, last: Block) -> list[Movement]:
        """The rows of `payee` (EIP-55) up to block `last` of this head's chain, sorted.

        Raises:
            Unavailable: the chain does not answer, or returned a batch in part only.
        """
        with self._scan.upto(head) as (closed, newest):
            try:
                # Under the lock of the scan, whose only reader this is.
                closed.work_through(self._fee)
                newer = closed.rows_after(payee, newest, last.number, self._fee)
            except Unavailable:
                self._scan.forget()
                raise
            kept = [row for row in closed.rows(payee) if row.block <= last.number]
        return sorted_rows([*kept, *newer])
