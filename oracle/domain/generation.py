"""A generation: one paid request and its progress."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from oracle.domain.attestation import Attestation, Attested
from oracle.domain.attribution import Vector
from oracle.domain.block import Block
from oracle.domain.order import Order
from oracle.domain.ordered import Ordered
from oracle.domain.proposal import Proposed
from oracle.domain.request import Request
from oracle.domain.reservation import Ballot, SignedReservation


class Stage(StrEnum):
    """The stage of a generation. The pipeline's table names the step out of each stage."""

    ORDERED = "ordered"
    CONSENTED = "consented"
    GENERATED = "generated"
    PUBLISHED = "published"
    SIGNED = "signed"
    POSTED = "posted"
    CONFIRMED = "confirmed"
    SETTLED = "settled"
    REFUSED = "refused"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


UNPAID = (Stage.REFUSED, Stage.FAILED, Stage.EXPIRED, Stage.CANCELLED)
"""Final stages of a generation that is never paid."""

PAID = (Stage.CONFIRMED, Stage.SETTLED)
"""Stages after a settlement that is final by the release rule."""

ENDS = (Stage.SETTLED, *UNPAID)
"""Final stages; a reorganisation of the chain can still undo `settled`."""


@dataclass(frozen=True)
class Generation:
    """A generation as the store keeps it between two steps. Later stages fill more fields.

    Args:
        id: the order's struct hash, 0x-hex.
        order_signature: 0x-hex, by the payer.
        detail: one sentence for people: why it waits, was refused or failed.
        block: the closed block at which the chain was read.
        node: URL of the generation node that makes the track.
        payee: that node's EIP-55 address.
        price: smallest units, as of `block`.
        audio, trace, manifest: CIDs.
        vectors: rule to attribution vector; payable rules are recomputed, others are the node's.
        attestation: the statement that the oracles sign.
        signatures: signer to signature, 0x-hex each.
        transaction: hash of the settlement's newest transaction.
        settled_block: number of the block that settled it.
        original: id of the generation that this one upgrades; empty for a new track.
        batch: ids of the generations that one signature covers, in order, this one included; empty
            when it is signed alone.
        alone: whether it must be signed alone, because a batch did not settle it.
        prompt, salt: the text behind the request's commitment, and the commitment's salt; neither
            is ever published.
        taken: whether an app placed the order at this oracle; else another oracle told of it.
        ballot: the newest round of the order that this oracle led or was told of; None before one.
        until: last second of this oracle's lease, since 1970.
        reservations: signer to reservation of that round.
        made: whether a node was asked to make the track, or will be in the next step.
        lent: whether this oracle reserved the order for another one, which may have it made.
        adopted: whether another oracle says that it signed the attestation under an earlier leader.
        confirmed: when this oracle first tried to deliver the paid files, since 1970; else 0.
        final: whether it ended and the chain cannot change that: its settlement is in a finalized
            block, or no attestation of its order can settle any more.
    """

    id: str
    request: Request
    order: Order
    order_signature: str
    price: int
    stage: Stage = Stage.ORDERED
    detail: str = ""
    block: Block | None = None
    node: str = ""
    payee: str = ""
    audio: str = ""
    trace: str = ""
    manifest: str = ""
    vectors: Mapping[str, Vector] = field(default_factory=dict)
    attestation: Attestation | None = None
    signatures: Mapping[str, str] = field(default_factory=dict)
    transaction: str = ""
    settled_block: int | None = None
    original: str = ""
    batch: tuple[str, ...] = ()
    alone: bool = False
    prompt: str = field(default="", repr=False)
    salt: str = field(default="", repr=False)
    taken: bool = True
    ballot: Ballot | None = None
    until: int = 0
    reservations: Mapping[str, SignedReservation] = field(default_factory=dict)
    made: bool = False
    lent: bool = False
    adopted: bool = False
    confirmed: int = 0
    final: bool = False

    @property
    def ended(self) -> bool:
        """Whether the stage is final."""
        return self.stage in ENDS

    @property
    def may_be_made(self) -> bool:
        """Whether a node may have made a track for it that was not there before."""
        return (self.made or self.lent) and not self.original

    def ordered(self) -> Ordered:
        """The order as it travels between oracles."""
        return Ordered(
            self.request, self.order, self.order_signature, self.prompt, self.salt, self.original
        )

    def attested(self) -> Attested:
        """The order and its attestation. Raises RuntimeError before stage PUBLISHED."""
        if self.attestation is None:
            raise RuntimeError(f"{self.id} has no attestation at stage {self.stage}")
        return Attested(self.order, self.order_signature, self.attestation)

    def proposed(self) -> Proposed:
        """The attestation under the ballot of this oracle. Raises RuntimeError before both are."""
        if self.ballot is None:
            raise RuntimeError(f"{self.id} has no ballot at stage {self.stage}")
        return Proposed(self.attested(), self.ballot)


def seed_of(generation: str) -> int:
    """The engine's seed: the first 8 bytes of the generation id, big-endian."""
    return int(generation[2:18], 16)
