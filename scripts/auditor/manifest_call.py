"""What was signed for a generation, from its manifest: for a call that no trace shows.

The event names the manifest by its hash and the order by its hash, so order, price and entries
are those that were settled. Only the signatures of the quorum are nowhere else.
"""

from __future__ import annotations

from typing import Any

from .calls import Call
from .generation import Generation
from .typed_data import ORDER


def read_manifest_call(gen: Generation) -> None:
    """Takes order, attestation and set from the manifest; the signatures of the set are empty."""
    m = gen.manifest
    attestation = {"price": int(m["price"]), "node": m["node"], "nodeFee": int(m["node_fee"]),
                   "generatedAt": m["block"]["timestamp"], "entries": m["entries"],
                   "manifest": gen.event["manifest"]}
    quorum = {key: m["set"][key] for key in ("threshold", "signers")}
    gen.call = Call(order_of(m["order"]), m["order_signature"], attestation,
                    {**quorum, "signatures": "0x"})
    gen.order, gen.attestation, gen.quorum = gen.call.order, attestation, gen.call.quorum


def order_of(texts: dict[str, str]) -> dict[str, Any]:
    """An order as calldata has it; the manifest writes its numbers as text."""
    return {name: int(texts[name]) if kind == "uint256" else texts[name] for kind, name in ORDER}
