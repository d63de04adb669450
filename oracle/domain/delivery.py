"""An oracle's signed statement whether it can read a paid track now (EIP-712 `Delivery`).

Statements that say no, by as many oracles as must sign, are evidence that nobody delivers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from oracle.domain import fields
from oracle.domain.errors import InvalidInput

DELIVERY = "Delivery(bytes32 order,bytes32 manifest,bool delivered,uint256 time)"

PATIENCE = 7_200
"""Seconds after a settlement's block before a refusal counts: an hour for the block to become
final, and an hour to deliver."""

KEYS = ("signer", "delivered", "time", "signature")


@dataclass(frozen=True)
class Delivery:
    """What an oracle states about a settled order.

    Args:
        order: the order's struct hash, 0x-hex.
        manifest: sha2-256 digest of the paid manifest, 32 bytes.
        delivered: whether the oracle can read manifest, audio and trace through its pinner.
        time: of the statement, seconds since 1970.
    """

    order: str
    manifest: bytes
    delivered: bool
    time: int


@dataclass(frozen=True)
class SignedDelivery:
    """A statement, its signer's EIP-55 address, and the signature (64 bytes, 0x-hex)."""

    delivery: Delivery
    signer: str
    signature: str


def delivery_json(made: SignedDelivery) -> dict[str, Any]:
    """The statement as JSON; order and manifest are those of what it is about."""
    return {
        "signer": made.signer, "delivered": made.delivery.delivered, "time": made.delivery.time,
        "signature": made.signature,
    }  # fmt: skip


def parse_delivery(value: Any, field: str, order: str, manifest: bytes) -> SignedDelivery:
    """A statement about this order and manifest from parsed JSON; the signature is not verified.

    Raises:
        InvalidInput: names the field.
    """
    found = fields.mapping(value, field, KEYS)
    delivered = found["delivered"]
    if not isinstance(delivered, bool):
        raise InvalidInput("must be true or false", field=f"{field}.delivered", value=delivered)
    time = fields.integer(found["time"], f"{field}.time", 0, fields.UINT64_MAX)
    signature = "0x" + fields.hex_bytes(found["signature"], f"{field}.signature", 64).hex()
    signer = fields.address(found["signer"], f"{field}.signer")
    return SignedDelivery(Delivery(order, manifest, delivered, time), signer, signature)
