"""Everything outside that the flow touches, handed to it in one piece."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from oracle.domain.terms import Terms
from oracle.ports import (
    Attester,
    Clock,
    GenerationNode,
    Ledger,
    Peer,
    Pinner,
    Sender,
    Store,
    Typed,
)


@dataclass(frozen=True)
class World:
    """One oracle's ports and its terms; `nodes` in order of preference."""

    ledger: Ledger
    typed: Typed
    attester: Attester
    sender: Sender
    nodes: Sequence[GenerationNode]
    pinner: Pinner
    peers: Sequence[Peer]
    store: Store
    clock: Clock
    terms: Terms
