"""What the oracles of a set are asked to sign: one attestation, or several settled together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from oracle import attesting
from oracle.domain.attestation import Attested
from oracle.ports import Peer
from oracle.world import World

Vote = tuple[str, str]
"""A signer and its signature, 0x-hex."""


class Motion(Protocol):
    """Something to be signed by a quorum."""

    def own(self, world: World) -> Vote:
        """This oracle's own signature, or what it has against it."""

    def ask(self, peer: Peer) -> Vote:
        """What a peer answers; whether its signature is good is not known yet."""

    def signer(self, world: World, signature: str) -> str:
        """Who made a signature of this very thing."""


@dataclass(frozen=True)
class Alone:
    """One attestation."""

    member: Attested

    def own(self, world: World) -> Vote:
        it = self.member
        return attesting.attest(world, it.order, it.order_signature, it.attestation)

    def ask(self, peer: Peer) -> Vote:
        return peer.attest(self.member.order, self.member.order_signature, self.member.attestation)

    def signer(self, world: World, signature: str) -> str:
        typed, set_id = world.typed, world.typed.set_id(world.terms.oracle_set)
        order = typed.order_hash(self.member.order)
        return typed.attestation_signer(self.member.attestation, order, set_id, signature)


@dataclass(frozen=True)
class Together:
    """Attestations that one signature is over."""

    members: tuple[Attested, ...]

    def own(self, world: World) -> Vote:
        return attesting.attest_batch(world, self.members)

    def ask(self, peer: Peer) -> Vote:
        return peer.attest_batch(self.members)

    def signer(self, world: World, signature: str) -> str:
        return world.typed.batch_signer(attesting.hashes(world, self.members), signature)
