"""Everything outside that the flow touches, handed to it in one piece."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from oracle.domain.terms import Terms
from oracle.gathering import Gathering
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
    """One oracle's ports, its terms, and who waits here; `nodes` in order of preference."""

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
    gathering: Gathering = field(default_factory=Gathering)
