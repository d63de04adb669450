"""Finds the settlement of an order.

A settlement counts only when the block of its log is the canonical block of that number.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

from oracle.adapters.chain.batches import with_batches_expanded
from oracle.adapters.chain.contract import Contract
from oracle.adapters.chain.event_scan import Event, Scan, event_of
from oracle.adapters.chain.heads import Head, Heads
from oracle.adapters.chain.rpc import Rpc
from oracle.adapters.chain.rpc_types import Log
from oracle.domain.block import Block
from oracle.domain.errors import Unavailable
from oracle.ports import Settlement

SETTLED = ("Settled", "SettledInBatch")
MOST = 1_000
"""Settlements that are kept decoded, the last used ones."""


@dataclass
class Places:
    """The block of each order's settlement: 100 to 200 bytes for each order."""

    blocks: dict[bytes, int] = field(default_factory=dict)

    def add(self, log: Log) -> None:
        """Adds a log, after those before it on the chain."""
        self.blocks[log.topics[1]] = log.block


class SettlementReader:
    """Reads settlements from the logs of one ledger."""

    def __init__(self, rpc: Rpc, ledger: Contract) -> None:
        self._rpc = rpc
        self._ledger = ledger
        self._fees: dict[bytes, int] = {}

    def find(self, order: str, first: int, last: int) -> tuple[Settlement, str] | None:
        """The settlement of an order in blocks first..last, and the hash of its log's block."""
        topics = [[self._ledger.topic(name) for name in SETTLED], order]
        for log in self._rpc.logs(self._ledger.address, topics, first, last):
            if self._rpc.canonical(log.block, log.block_hash):
                return self._settlement(log), log.block_hash
        return None

    def fee(self, set_id: bytes) -> int:
        """A set's protocol fee in 1/10,000, which never changes once the set is installed."""
        if set_id not in self._fees:
            data = self._rpc.call(self._ledger.address, self._ledger.encode("sets", set_id))
            self._fees[set_id] = int(self._ledger.result("sets", data)["protocolBps"])
        return self._fees[set_id]

    def expanded(self, events: Sequence[Event]) -> list[Event]:
        """The events with each `SettledInBatch` as `Settled`."""
        return with_batches_expanded(events, self.fee)

    def _settlement(self, log: Log) -> Settlement:
        event = event_of(self._ledger, log)
        if event.name == "Settled":
            return settlement_of(event)
        # The set of a batch is in the `Credited` event after its generations.
        topics = [self._ledger.topic("Credited")]
        logs = self._rpc.logs(self._ledger.address, topics, event.block, event.block)
        after = [event_of(self._ledger, log) for log in logs if log.index > event.log_index]
        return settlement_of(self.expanded([event, *after[:1]])[0])


class SettlementIndex:
    """The settlements of one ledger by order; a question reads new blocks only.

    Args:
        start: first block of the ledger's history.
        depth: least number of blocks on top of a block before its events are kept.
    """

    def __init__(self, rpc: Rpc, heads: Heads, ledger: Contract, start: int, depth: int) -> None:
        self._heads = heads
        self._reader = SettlementReader(rpc, ledger)
        self._scan = Scan(rpc, heads, ledger, SETTLED, start, Places, depth)
        self._found: OrderedDict[tuple[str, str], Settlement] = OrderedDict()

    def find(self, order: str, head: Head, last: Block) -> Settlement | None:
        """The settlement of an order, up to block `last` of this head's chain.

        Raises:
            Unavailable: the chain does not answer, or changes while it is read.
        """
        key = bytes.fromhex(order.removeprefix("0x"))
        with self._scan.upto(head) as (closed, newest):
            block = newest.blocks.get(key) or closed.blocks.get(key)
        if block is None or block > last.number:
            return None
        return self._settlement(order, self._heads.needed(block))

    def _settlement(self, order: str, block: Block) -> Settlement:
        found = self._found.get((order, block.hash))
        if found is None:
            read = self._reader.find(order, block.number, block.number)
            if read is None or read[1] != block.hash:
                raise Unavailable("the chain changes while it is read", value=block.number)
            found = self._found[order, block.hash] = read[0]
            while len(self._found) > MOST:
                self._found.popitem(last=False)
        return found


def settlement_of(event: Event) -> Settlement:
    """A `Settled` event as a `Settlement`."""
    args = event.args
    return Settlement(
        order="0x" + bytes(args["order"]).hex(),
        transaction=event.transaction,
        block=event.block,
        manifest=bytes(args["manifest"]),
        price=args["price"],
        recordings=tuple(args["recordings"]),
        amounts=tuple(args["amounts"]),
    )
