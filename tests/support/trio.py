"""Three oracles in one process, ready to accept orders."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from oracle.adapters.database import open_database
from oracle.adapters.signing.attester import KeyAttester
from oracle.adapters.signing.file import FileKey
from oracle.adapters.signing.typed import TypedData
from oracle.adapters.store import DatabaseStore
from oracle.context import Context
from oracle.domain.attestation import OracleSet
from oracle.domain.order import Order
from oracle.domain.request import Request
from oracle.domain.terms import Terms
from oracle.orders.copies import AskedCopies
from oracle.orders.holdings import AskedHoldings
from oracle.orders.nonces import LastOffers
from oracle.ports import SetTerms
from oracle.quorum.batch_queue import MemoryBatchQueue
from tests.support.fake_chain import CHAIN, FakeLedger
from tests.support.fake_sender import FakeSender
from tests.support.fakes import FakeClock, FakeNode, FakePeer, FakePinner, FakeWithheld
from tests.support.samples import LEDGER, order_for, recording

PRICES = {"personal": 10_000, "commercial": 40_000}


@dataclass
class Trio:
    """Three oracles, of which two must sign, with one chain, one pinner and two nodes."""

    ledger: FakeLedger
    typed: TypedData
    pinner: FakePinner
    nodes: list[FakeNode]
    contexts: list[Context]
    peers: dict[int, list[FakePeer]]
    sender: FakeSender
    payer: FileKey
    folder: Path
    terms: Terms
    clock: FakeClock = field(default_factory=FakeClock)

    def sign(self, order: Order) -> str:
        return "0x" + self.payer.sign(self.typed.order_digest(order)).hex()

    def order(self, asked: Request, /, **changes: Any) -> tuple[Order, str]:
        """An order of the funded payer and its signature."""
        made = order_for(asked, payer=self.payer.address, **changes)
        return made, self.sign(made)

    def reopened(self, index: int = 0) -> Context:
        """The same oracle after a restart, with only its database and the outside state."""
        store = DatabaseStore(open_database(self.folder / f"oracle-{index}.sqlite"), self.clock)
        return replace(self.contexts[index], store=store)


@cache
def key(name: str) -> FileKey:
    """The test key of a name."""
    return FileKey(hashlib.sha256(name.encode()).digest())


def make_trio(
    folder: Path,
    size: int = 3,
    threshold: int = 2,
    ledger: FakeLedger | None = None,
    disk: Callable[[Path], Engine] = open_database,
) -> Trio:
    """Funded payer, allowed nodes, and recordings 1 to 3 with consent to everything.

    Args:
        size, threshold: the oracle set; three oracles unless a test asks for more.
        ledger: a chain without recordings.
        disk: opens the database of an oracle.
    """
    typed, ledger, pinner = TypedData(CHAIN, LEDGER), ledger or FakeLedger(), FakePinner()
    keys = sorted((key(f"oracle {i}") for i in range(size)), key=lambda k: int(k.address, 16))
    terms = Terms(PRICES, 1_000, OracleSet(threshold, tuple(k.address for k in keys)))
    nodes = [FakeNode(f"node-{name}", key(f"node {name}").address) for name in ("a", "b")]
    payer = key("payer")
    ledger.nodes = {node.payee().lower() for node in nodes}
    ledger.sets[terms.oracle_set] = SetTerms(True, 100, 2_000, 2**32, 10**9)
    ledger.escrow[payer.address.lower()] = 10_000_000
    for number in (1, 2, 3):
        ledger.register(recording(number))
    sender = FakeSender(ledger, typed, terms)
    trio = Trio(ledger, typed, pinner, nodes, [], {}, sender, payer, folder, terms)
    for index, own in enumerate(keys):
        engine = disk(folder / f"oracle-{index}.sqlite")
        _add_oracle(trio, own, size, DatabaseStore(engine, trio.clock))
    _wire(trio)
    return trio


def _add_oracle(trio: Trio, own: FileKey, size: int, store: DatabaseStore) -> None:
    index = len(trio.contexts)
    others = [other for other in range(size) if other != index]
    trio.peers[index] = [FakePeer(f"oracle-{other}", own.address) for other in others]
    trio.contexts.append(
        Context(
            ledger=trio.ledger,
            typed=trio.typed,
            attester=KeyAttester(own, trio.typed),
            sender=trio.sender,
            nodes=trio.nodes,
            pinner=trio.pinner,
            withheld=FakeWithheld(trio.clock),
            peers=trio.peers[index],
            store=store,
            clock=trio.clock,
            terms=trio.terms,
            batch_queue=MemoryBatchQueue(),
            holdings=AskedHoldings(trio.nodes, trio.clock.now),
            nonce_offers=LastOffers(),
            copies=AskedCopies(trio.nodes, trio.clock.now),
        )
    )


def _wire(trio: Trio) -> None:
    for index, peers in trio.peers.items():
        others = [other for other in trio.peers if other != index]
        for other, peer in zip(others, peers, strict=True):
            peer.context = trio.contexts[other]
