"""What the contracts have said since they were deployed, event by event.

Every question names the last block it may be answered from, so that several answers are of one
state. A settlement counts only when the block of its log is the canonical one of its number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from oracle.adapters.chain.answers import Log
from oracle.adapters.chain.batches import BATCHES, retold
from oracle.adapters.chain.contract import Contract
from oracle.adapters.chain.rpc import Rpc
from oracle.adapters.chain.scan import Event, Scan, event_of
from oracle.ports import Settlement

CATALOGUE = ("Registered", "Amended", "Revoked")
"""What a recording's page consists of, beside its state."""

MONEY = (
    "Registered", "Assigned", "Settled", "Rewarded", "Frozen", "Released", "Withdrawn",
    "WithdrawnMany", "Parked", "ParkedWithdrawn", "Accrued", "ClaimedWithdrawn", *BATCHES,
)  # fmt: skip
TABLES = ("SplitCreated", "TableCreated", "PiesCreated", "RecoupmentCreated", "Claimed")
"""What statements follow from: the ledger's events, and those of the splits."""


@dataclass(frozen=True)
class Registered:
    """What was said at registration and is kept nowhere else: audio 64 hex, metadata 0x-hex."""

    audio: str
    metadata: str
    isrc: str


class History:
    """Events of one ledger and its splits from block `start` on.

    Args:
        depth: blocks on top of a block before what it says is remembered.
    """

    def __init__(
        self, rpc: Rpc, ledger: Contract, splits: Contract, start: int, depth: int
    ) -> None:
        self._rpc = rpc
        self._ledger = ledger
        self._splits = splits
        self._start = start
        self._fees: dict[bytes, int] = {}
        self._catalogue = Scan(rpc, ledger, CATALOGUE, start, depth)

    def catalogue(self, last: int) -> tuple[dict[int, Registered], dict[int, int]]:
        """Registrations up to block `last`, and the block that revoked the consent that stands."""
        registered: dict[int, Registered] = {}
        revoked: dict[int, int] = {}
        for event in self._catalogue.upto(last):
            if event.name == "Registered":
                registered |= registrations(event.args)
            elif event.name == "Revoked":
                revoked.setdefault(event.args["recording"], event.block)
            else:
                revoked.pop(event.args["recording"], None)
        return registered, revoked

    def forget(self) -> None:
        """Reads the catalogue's events anew: a node answered with less than there is."""
        self._catalogue.forget()

    def settlement(self, last: int, order: str) -> Settlement | None:
        """The settlement of one order, if its block is the canonical one of its number."""
        names = [self._ledger.topic(name) for name in ("Settled", "SettledInBatch")]
        for log in self._logs(self._ledger, [names, order], last):
            if self._rpc.canonical(log.block, log.block_hash):
                return settlement_of(self._whole(event_of(self._ledger, log)))
        return None

    def _whole(self, event: Event) -> Event:
        """A settlement as `Settled` tells it; of a batch the set is told after it."""
        if event.name == "Settled":
            return event
        topics = [self._ledger.topic("Credited")]
        logs = self._rpc.logs(self._ledger.address, topics, event.block, event.block)
        after = [event_of(self._ledger, log) for log in logs if log.index > event.log_index]
        return retold([event, *after[:1]], self._fee)[0]

    def _fee(self, set_id: bytes) -> int:
        if set_id not in self._fees:
            data = self._rpc.call(self._ledger.address, self._ledger.encode("sets", set_id))
            self._fees[set_id] = int(self._ledger.result("sets", data)["protocolBps"])
        return self._fees[set_id]

    def money(self, last: int) -> list[Event]:
        """Everything that statements follow from, up to block `last`, in the order of the chain."""
        found = []
        for contract, names in ((self._ledger, MONEY), (self._splits, TABLES)):
            topics = [[contract.topic(name) for name in names]]
            found += [event_of(contract, log) for log in self._logs(contract, topics, last)]
        found.sort(key=lambda event: (event.block, event.log_index))
        return retold(found, self._fee)

    def _logs(self, contract: Contract, topics: Sequence[Any], last: int) -> list[Log]:
        return self._rpc.logs(contract.address, topics, self._start, last)


def registrations(said: dict[str, Any]) -> dict[int, Registered]:
    """The recordings of one `Registered` event, by id."""
    isrcs = said["isrcs"].split(",")
    # A single code without a comma names the first; an owner may also have named none at all.
    isrcs += [""] * (len(said["audio"]) - len(isrcs))
    files = zip(said["audio"], said["metadata"], isrcs, strict=False)
    return {
        said["first"] + place: Registered(bytes(audio).hex(), "0x" + bytes(metadata).hex(), isrc)
        for place, (audio, metadata, isrc) in enumerate(files)
    }


def settlement_of(event: Event) -> Settlement:
    """A `Settled` event as our own noun."""
    said = event.args
    return Settlement(
        order="0x" + bytes(said["order"]).hex(),
        transaction=event.transaction,
        block=event.block,
        manifest=bytes(said["manifest"]),
        price=said["price"],
        recordings=tuple(said["recordings"]),
        amounts=tuple(said["amounts"]),
    )
