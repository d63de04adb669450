"""One paid request and how far it has come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from oracle.domain.attestation import Attestation, Attested
from oracle.domain.attribution import Vector
from oracle.domain.block import Block
from oracle.domain.order import Order
from oracle.domain.request import Request


class Stage(StrEnum):
    """Where a generation stands. The pipeline's table says what leads from each to the next."""

    ORDERED = "ordered"
    CONSENTED = "consented"
    GENERATED = "generated"
    PUBLISHED = "published"
    SIGNED = "signed"
    POSTED = "posted"
    SETTLED = "settled"
    REFUSED = "refused"
    FAILED = "failed"


ENDS = (Stage.SETTLED, Stage.REFUSED, Stage.FAILED)


@dataclass(frozen=True)
class Generation:
    """A generation as it is saved between two steps; fields fill up as stages pass.

    Args:
        id: the order's struct hash, 0x-hex.
        order_signature: 0x-hex, by the payer.
        detail: a sentence for people; why it waits, was refused or failed.
        block: the closed block whose state was judged.
        node: URL of the generation node that makes the track.
        payee: that node's EIP-55 address.
        price: smallest units, fixed when the order was taken.
        audio, trace, manifest: CIDs.
        vectors: rule to attribution vector: recomputed where a trace yields it, else the node's.
        attestation: what is signed.
        signatures: signer to signature, 0x-hex each.
        transaction: hash of the settlement's latest transaction.
        settled_block: number of the block that settled it.
        original: id of the generation that this one upgrades; empty when it makes a track.
        batch: ids of the generations that were signed together, in order, this one's among them;
            the signatures are over all of them. Empty when it is signed by itself.
        alone: whether it must be signed by itself, since a batch came to nothing.
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

    @property
    def ended(self) -> bool:
        """Whether nothing will change any more."""
        return self.stage in ENDS

    def attested(self) -> Attested:
        """What is signed about it; there is nothing before it is published."""
        if self.attestation is None:
            raise RuntimeError(f"{self.id} has no attestation at stage {self.stage}")
        return Attested(self.order, self.order_signature, self.attestation)


def seed_of(generation: str) -> int:
    """The engine's seed: the first 8 bytes of the generation id, big-endian."""
    return int(generation[2:18], 16)
