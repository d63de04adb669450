"""Everything outside the oracle's rules that a generation needs, in one value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from oracle.domain.terms import Terms
from oracle.ports import (
    Attester,
    BatchQueue,
    Clock,
    GenerationNode,
    Ledger,
    NodeCopies,
    NodeHoldings,
    NonceOffers,
    Peer,
    Pinner,
    Sender,
    Store,
    Typed,
    Withheld,
)


@dataclass(frozen=True)
class Context:
    """One oracle's ports, its terms, and what it remembers; `nodes` in order of preference."""

    ledger: Ledger
    typed: Typed
    attester: Attester
    sender: Sender
    nodes: Sequence[GenerationNode]
    pinner: Pinner
    withheld: Withheld
    peers: Sequence[Peer]
    store: Store
    clock: Clock
    terms: Terms
    batch_queue: BatchQueue
    holdings: NodeHoldings
    nonce_offers: NonceOffers
    copies: NodeCopies

    @property
    def index(self) -> int:
        """This oracle's place among the set's signers, from 0."""
        return self.terms.oracle_set.signers.index(self.attester.address)

    @property
    def set_id(self) -> bytes:
        """The id under which the ledger knows the oracle set, 32 bytes."""
        return self.typed.set_id(self.terms.oracle_set)
