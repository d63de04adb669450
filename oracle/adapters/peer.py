"""Another oracle of the set, asked over HTTP to check and sign."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from oracle.adapters.chain.deployment import address
from oracle.adapters.service import Service
from oracle.adapters.signing import signatures
from oracle.domain import fields
from oracle.domain.attestation import Attestation, Attested, attestation_json
from oracle.domain.order import Order, order_json

SECONDS = 300.0
"""A peer has the track rendered again before it signs."""


class HttpPeer:
    """Implements ports.Peer. Whether the signature is good is for whoever asked to find out.

    Args:
        url: of the other oracle, without ``/v1``.
        token: the bearer token that the oracles of a set share.
    """

    def __init__(self, url: str, token: str, seconds: float = SECONDS) -> None:
        self._peer = Service(url, "the other oracle", token, seconds)
        self.url = self._peer.url

    def __repr__(self) -> str:
        return f"HttpPeer({self.url}, ********)"

    def attest(self, order: Order, signature: str, attestation: Attestation) -> tuple[str, str]:
        """The peer's address and its signature in 0x-hex.

        Raises:
            Unavailable: it does not answer; what the peer itself names, when it refuses.
            InvalidInput: its answer is not a signer and a signature.
        """
        return self._vote("/v1/attestations", _body(Attested(order, signature, attestation)))

    def attest_batch(self, members: Sequence[Attested]) -> tuple[str, str]:
        """The peer's address and its signature over all of them; raises as `attest` does."""
        return self._vote("/v1/batches", {"members": [_body(member) for member in members]})

    def _vote(self, path: str, body: Mapping[str, Any]) -> tuple[str, str]:
        answer = self._peer.json("POST", path, body)
        found = fields.mapping(answer, "answer", ("signer", "signature"))
        made = signatures.from_hex(found["signature"], "answer.signature", signatures.COMPACT)
        return address(found["signer"], "answer.signer"), "0x" + made.hex()


def _body(member: Attested) -> dict[str, Any]:
    return {
        "order": order_json(member.order),
        "signature": member.order_signature,
        "attestation": attestation_json(member.attestation),
    }
