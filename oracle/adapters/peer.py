"""The HTTP client of another oracle of the set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from oracle.adapters.chain.deployment import address
from oracle.adapters.http_client import Service
from oracle.adapters.signing import signatures
from oracle.adapters.signing.calls import CallSigner
from oracle.domain import fields
from oracle.domain.cid import CHUNK, decode
from oracle.domain.copies import Decision, decision_json
from oracle.domain.ordered import Ordered, ordered_json
from oracle.domain.proposal import Answer, Proposed, parse_answer, proposed_json
from oracle.domain.reservation import Ballot, ballot_json

SECONDS = 300.0
"""Long, because a peer gets the track rendered again before it signs."""

BRIEF_SECONDS = 8.0
"""For questions that need no work at the other oracle."""

PAUSES = 2.0
"""Seconds to wait for a peer that asks for a pause; the worker waits longer."""

LARGEST_ANSWER = 4 * 1024 * 1024

BLOCK_SECONDS = 30.0


class HttpPeer:
    """Implements ports.Peer. The caller must verify the signatures.

    Every method raises Unavailable when the peer does not answer, InvalidInput when its answer is
    malformed, and otherwise the error that the peer returns.

    Args:
        url: the other oracle's URL, without ``/v1``.
        signer: signs each request with this oracle's key.
    """

    def __init__(self, url: str, signer: CallSigner, seconds: float = SECONDS) -> None:
        self._peer = Service(url, "the other oracle", seconds=seconds, signer=signer,
                             patience=PAUSES)  # fmt: skip
        self._brief = min(seconds, BRIEF_SECONDS)
        self.url = self._peer.url

    def __repr__(self) -> str:
        return f"HttpPeer({self.url})"

    def reserve(self, ordered: Ordered, ballot: Ballot) -> Answer:
        """The peer's answer to a leader that asks for a reservation."""
        body = {**ordered_json(ordered), "ballot": ballot_json(ballot)}
        answer = self._ask("/v1/peers/reservations", body, LARGEST_ANSWER)
        found = parse_answer(answer, "answer")
        address(found.signer, "answer.signer")
        return found

    def attest(self, proposed: Proposed) -> tuple[str, str]:
        """The peer's address and its signature in 0x-hex."""
        return self._vote("/v1/peers/attestations", proposed_json(proposed))

    def attest_batch(self, members: Sequence[Proposed]) -> tuple[str, str]:
        """The peer's address and its one signature of all members."""
        body = {"members": [proposed_json(member) for member in members]}
        return self._vote("/v1/peers/batches", body)

    def cancel(self, ordered: Ordered, signature: str) -> str:
        """The peer's address, when it agrees to the cancellation that the payer signed."""
        body = {**ordered_json(ordered), "cancellation": signature}
        answer = self._ask("/v1/peers/cancellations", body)
        found = fields.mapping(answer, "answer", ("signer",))
        return address(found["signer"], "answer.signer")

    def rule(
        self, decision: Decision, papers: Sequence[str], signatures: Mapping[str, str]
    ) -> tuple[str, str]:
        """The peer's address and its signature of a ruling about copies."""
        body = {**decision_json(decision), "papers": list(papers), "signatures": dict(signatures)}
        return self._vote("/v1/peers/rulings", body)

    def _ask(self, path: str, body: Mapping[str, Any], largest: int = 64 * 1024) -> Any:
        return self._peer.json("POST", path, body, largest, seconds=self._brief)

    def block(self, generation: str, cid: str) -> bytes:
        """One block of a withheld file, not verified; at most 1 MiB.

        Raises:
            NotFound: the peer does not share it with this oracle.
            Otherwise as `attest`.
        """
        decode(cid)
        path = f"/v1/peers/withheld/{fields.word(generation, 'generation')}/{cid}"
        return self._peer.content("GET", path, None, CHUNK, BLOCK_SECONDS)

    def _vote(self, path: str, body: Mapping[str, Any]) -> tuple[str, str]:
        answer = self._peer.json("POST", path, body)
        found = fields.mapping(answer, "answer", ("signer", "signature"))
        made = signatures.from_hex(found["signature"], "answer.signature", signatures.COMPACT)
        return address(found["signer"], "answer.signer"), "0x" + made.hex()
