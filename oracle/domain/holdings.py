"""What generation nodes say of the recordings in their vaults."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class NodeHolding:
    """A node's EIP-55 payee, and those of the asked recordings that the node holds."""

    payee: str
    held: frozenset[int]


@dataclass(frozen=True)
class Holdings:
    """The nodes that answer, in order of preference, and the number of those that do not."""

    nodes: tuple[NodeHolding, ...]
    silent: int
