"""Proposals to the oracles of a set: one attestation, or several that are settled together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from oracle.context import Context
from oracle.domain.attestation import OracleSet
from oracle.domain.proposal import Proposed
from oracle.ports import Peer, Typed
from oracle.quorum import attestations

Vote = tuple[str, str]
"""A signer and its signature, 0x-hex."""


class Proposal(Protocol):
    """Something that a quorum signs."""

    def own(self, context: Context) -> Vote:
        """This oracle's own signature. Raises as `attestations.attest`."""

    def ask(self, peer: Peer) -> Vote:
        """A peer's answer, not verified."""

    def signer(self, typed: Typed, oracle_set: OracleSet, signature: str) -> str:
        """The address that made a signature of this proposal."""


@dataclass(frozen=True)
class SingleAttestation:
    """One attestation."""

    proposed: Proposed

    def own(self, context: Context) -> Vote:
        return attestations.attest(context, self.proposed)

    def ask(self, peer: Peer) -> Vote:
        return peer.attest(self.proposed)

    def signer(self, typed: Typed, oracle_set: OracleSet, signature: str) -> str:
        order, set_id = typed.order_hash(self.proposed.order), typed.set_id(oracle_set)
        return typed.attestation_signer(self.proposed.attestation, order, set_id, signature)


@dataclass(frozen=True)
class BatchAttestation:
    """Attestations that one signature covers."""

    members: tuple[Proposed, ...]

    def own(self, context: Context) -> Vote:
        return attestations.attest_batch(context, self.members)

    def ask(self, peer: Peer) -> Vote:
        return peer.attest_batch(self.members)

    def signer(self, typed: Typed, oracle_set: OracleSet, signature: str) -> str:
        members = [proposed.member for proposed in self.members]
        signed = attestations.hashes(typed, oracle_set, members)
        return typed.batch_signer(signed, signature)
