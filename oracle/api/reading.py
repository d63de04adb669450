"""What came in, in the domain's words, with addresses as EIP-55 writes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from oracle.api.addresses import checksummed
from oracle.api.schemas import AttestationBody
from oracle.domain.attestation import Attested, parse_attestation
from oracle.domain.order import Order, parse_order


def order_of(sent: Mapping[str, Any], place: str = "") -> Order:
    """An order; `place` is what stands before its name in errors, such as ``members[0].``."""
    order = parse_order(sent, f"{place}order")
    return replace(order, payer=checksummed(order.payer, f"{place}order.payer"))


def attested_of(body: AttestationBody, place: str = "") -> Attested:
    """An order, its signature and what is attested about it; `place` as above."""
    sent, field = body.model_dump(), f"{place}attestation"
    made = parse_attestation(sent["attestation"], field)
    made = replace(made, node=checksummed(made.node, f"{field}.node"))
    return Attested(order_of(sent["order"], place), body.signature.lower(), made)
