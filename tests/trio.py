"""Three oracles in one process, ready to take orders."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from oracle.adapters.database import open_database
from oracle.adapters.signing.attester import KeyAttester
from oracle.adapters.signing.file import FileKey
from oracle.adapters.signing.typed import TypedData
from oracle.adapters.store import DatabaseStore
from oracle.domain.attestation import OracleSet
from oracle.domain.order import Order
from oracle.domain.request import Request
from oracle.domain.terms import Terms
from oracle.ports import SetTerms
from oracle.world import World
from tests.fake_chain import CHAIN, FakeLedger
from tests.fake_sender import FakeSender
from tests.fakes import FakeClock, FakeNode, FakePeer, FakePinner
from tests.samples import LEDGER, order_for, recording

PRICES = {"personal": 10_000, "commercial": 40_000}


@dataclass
class Trio:
    """Three oracles, two of which must agree, around one chain, one pinner and two nodes."""

    ledger: FakeLedger
    typed: TypedData
    pinner: FakePinner
    nodes: list[FakeNode]
    worlds: list[World]
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

    def reopened(self, index: int = 0) -> World:
        """The same oracle after a restart: all that is left of it is on the disk and outside."""
        store = DatabaseStore(open_database(self.folder / f"oracle-{index}.sqlite"))
        return replace(self.worlds[index], store=store)


def key(name: str) -> FileKey:
    """The test key of a name."""
    return FileKey(hashlib.sha256(name.encode()).digest())


def make_trio(folder: Path) -> Trio:
    """Everything funded and allowed; recordings 1 to 3 permit everything."""
    typed, ledger, pinner = TypedData(CHAIN, LEDGER), FakeLedger(), FakePinner()
    keys = sorted((key(f"oracle {i}") for i in range(3)), key=lambda k: int(k.address, 16))
    terms = Terms(PRICES, 1_000, OracleSet(2, tuple(k.address for k in keys)))
    nodes = [FakeNode(f"node-{name}", key(f"node {name}").address) for name in ("a", "b")]
    payer = key("payer")
    ledger.nodes = {node.payee().lower() for node in nodes}
    ledger.sets[typed.set_id(terms.oracle_set)] = SetTerms(True, 100, 2_000, 2**32, 10**9)
    ledger.escrow[payer.address.lower()] = 10_000_000
    for number in (1, 2, 3):
        ledger.register(recording(number))
    sender = FakeSender(ledger, typed, terms)
    trio = Trio(ledger, typed, pinner, nodes, [], {}, sender, payer, folder, terms)
    for index, own in enumerate(keys):
        _add_oracle(trio, index, own)
    _wire(trio)
    return trio


def _add_oracle(trio: Trio, index: int, own: FileKey) -> None:
    trio.peers[index] = [FakePeer(f"oracle-{other}") for other in range(3) if other != index]
    trio.worlds.append(
        World(
            ledger=trio.ledger,
            typed=trio.typed,
            attester=KeyAttester(own, trio.typed),
            sender=trio.sender,
            nodes=trio.nodes,
            pinner=trio.pinner,
            peers=trio.peers[index],
            store=DatabaseStore(open_database(trio.folder / f"oracle-{index}.sqlite")),
            clock=trio.clock,
            terms=trio.terms,
        )
    )


def _wire(trio: Trio) -> None:
    for index, peers in trio.peers.items():
        others = [other for other in range(3) if other != index]
        for other, peer in zip(others, peers, strict=True):
            peer.world = trio.worlds[other]
