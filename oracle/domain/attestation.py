"""What the oracles sign: who is paid what share of one order, and which manifest shows why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from oracle.domain import fields
from oracle.domain.order import Order

KEYS = ("price", "node", "nodeFee", "generatedAt", "entries", "manifest")


@dataclass(frozen=True)
class Attestation:
    """The signed statement about one order.

    Args:
        price: what the payer is charged, in the token's smallest units.
        node: EIP-55 address of the generation node that made the track.
        node_fee: the node's part of the price.
        generated_at: timestamp of the closed block whose state the oracles read.
        entries: 8 bytes a recording (u32 id ascending, u32 weight), weights sum to 1,000,000.
        manifest: sha2-256 digest inside the manifest's CID, 32 bytes.
    """

    price: int
    node: str
    node_fee: int
    generated_at: int
    entries: bytes
    manifest: bytes


@dataclass(frozen=True)
class Attested:
    """An order with its payer's signature, 0x-hex, and what is attested about it."""

    order: Order
    order_signature: str
    attestation: Attestation


@dataclass(frozen=True)
class OracleSet:
    """Signers in strictly ascending order and how many of them must agree."""

    threshold: int
    signers: tuple[str, ...]


@dataclass(frozen=True)
class Receipt:
    """A settled order with everything that was signed about it: proof of itself.

    `signatures` are by signer, in 0x-hex. `batch`: where they are over a batch, the struct hashes
    of all its attestations in order, this one's among them.
    """

    order: Order
    attestation: Attestation
    oracle_set: OracleSet
    signatures: Mapping[str, str]
    batch: tuple[bytes, ...] = ()


def attestation_json(attestation: Attestation) -> dict[str, str]:
    """The attestation as it travels between oracles."""
    return {
        "price": str(attestation.price),
        "node": attestation.node,
        "nodeFee": str(attestation.node_fee),
        "generatedAt": str(attestation.generated_at),
        "entries": "0x" + attestation.entries.hex(),
        "manifest": "0x" + attestation.manifest.hex(),
    }


def parse_attestation(value: Any, field: str = "attestation") -> Attestation:
    """An attestation from parsed JSON; every key is required and no other is allowed.

    Raises:
        InvalidInput: naming the field, such as ``attestation.nodeFee``, and its value.
    """
    found = fields.mapping(value, field, KEYS)
    return Attestation(
        price=fields.decimal(found["price"], f"{field}.price"),
        node=fields.address(found["node"], f"{field}.node"),
        node_fee=fields.decimal(found["nodeFee"], f"{field}.nodeFee"),
        generated_at=fields.decimal(found["generatedAt"], f"{field}.generatedAt"),
        entries=fields.hex_bytes(found["entries"], f"{field}.entries"),
        manifest=fields.hex_bytes(found["manifest"], f"{field}.manifest", 32),
    )
