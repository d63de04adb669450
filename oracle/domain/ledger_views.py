"""Values read from the ledger: a payer's account, a set's terms, a settlement, and all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from oracle.domain.block import Block
from oracle.domain.recording import Recording


@dataclass(frozen=True)
class Account:
    """A payer's account: `escrow` in the token's smallest units; `next_nonce` is unused.

    `exit_time` is when the payer may first take its escrow back, in seconds since 1970; 0 when it
    has not asked for it.
    """

    escrow: int
    next_nonce: int
    exit_time: int = 0


@dataclass(frozen=True)
class SetTerms:
    """The ledger's terms of an oracle set: fees in 1/10,000, `until` in seconds since 1970.

    `cap` is the largest sum settled through one node in one epoch, smallest units.
    """

    active: bool
    protocol_bps: int
    node_cap_bps: int
    until: int
    cap: int


@dataclass(frozen=True)
class Settlement:
    """A `Settled` event: amounts in the token's smallest units, one per recording."""

    order: str
    transaction: str
    block: int
    manifest: bytes
    price: int
    recordings: tuple[int, ...]
    amounts: tuple[int, ...]


@dataclass(frozen=True)
class NodeStanding:
    """Whether the ledger allows a node, and the sum of prices settled through it in this epoch."""

    allowed: bool
    spent: int


@dataclass(frozen=True)
class Standing:
    """Everything of the ledger that decides about one order, of one moment.

    Args:
        newest: account, nonces, set, pause and nodes are as of the end of this block.
        block: the recordings are as of the end of this block.
        used: those of the asked nonces that can no longer be used.
        terms: of the asked set; all zero when the ledger does not know it.
        paused: whether the guardian has paused settlement.
        nodes: by asked payee.
        recordings: by id, without unknown ids.
    """

    newest: Block
    block: Block
    account: Account
    used: frozenset[int]
    terms: SetTerms
    paused: bool
    nodes: Mapping[str, NodeStanding]
    recordings: Mapping[int, Recording]
