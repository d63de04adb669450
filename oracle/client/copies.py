"""What owners and arbiters do about copies: see them, sign a decision, hand it to an oracle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from oracle.adapters.chain.deployment import Deployment
from oracle.adapters.signing import signatures
from oracle.adapters.signing.keystore import Key
from oracle.adapters.signing.typed import TypedData
from oracle.client.oracles import Oracles
from oracle.domain.copies import Decision, decision_json
from oracle.domain.errors import InvalidInput


class Copies:
    """The copies of recordings, as the oracles know them.

    Args:
        oracles: URLs of oracles of the set, each without ``/v1``.
    """

    def __init__(self, oracles: Sequence[str], key: Key, deployment: Deployment) -> None:
        self._oracles = Oracles(oracles)
        self._key = key
        self._typed = TypedData(deployment.chain_id, deployment.ledger)

    def of(self, recording: int) -> Mapping[str, Any]:
        """{recording, quarantined, copies} as `GET /v1/recordings/{recording}/copies` answers."""
        found: Mapping[str, Any] = self._oracles.get(f"/v1/recordings/{recording}/copies")
        return found

    def sign(self, decision: Decision) -> str:
        """This key's signature of a decision, 65 bytes in 0x-hex."""
        return "0x" + self._key.sign(self._typed.decision_digest(decision)).hex()

    def signer(self, decision: Decision, signature: str) -> str:
        """Who signed a decision. Raises InvalidInput for a malformed signature."""
        try:
            made = signatures.normal(bytes.fromhex(signature.removeprefix("0x")))
        except ValueError:
            detail = "must be a signature in 0x-hex"
            raise InvalidInput(detail, field="signature", value=signature) from None
        return self._typed.decision_signer(decision, "0x" + made.hex())

    def decide(self, decision: Decision, papers: Sequence[str]) -> Mapping[str, Any]:
        """The ruling, once enough oracles have signed the decision.

        Args:
            papers: the owners' signatures by ascending recording, or an arbiter's.
        """
        body = {**decision_json(decision), "signatures": list(papers)}
        found: Mapping[str, Any] = self._oracles.post("/v1/rulings", body)
        return found
