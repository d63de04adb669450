"""The attestation: price, node, shares and manifest of one order, signed by the oracles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from oracle.domain import fields
from oracle.domain.errors import InvalidInput
from oracle.domain.order import Order

KEYS = ("price", "node", "nodeFee", "generatedAt", "entries", "manifest")


@dataclass(frozen=True)
class Attestation:
    """The signed statement about one order.

    Args:
        price: what the payer pays, in the token's smallest units.
        node: EIP-55 address of the generation node that made the track.
        node_fee: the node's part of the price.
        generated_at: timestamp of the closed block whose state the oracles read.
        entries: 8 bytes a recording (u32 id, ascending; u32 weight); weights sum to 1,000,000.
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
    """An order, its payer's signature (0x-hex) and the attestation of it."""

    order: Order
    order_signature: str
    attestation: Attestation


@dataclass(frozen=True)
class OracleSet:
    """The signers' EIP-55 addresses, strictly ascending, and how many of them must sign."""

    threshold: int
    signers: tuple[str, ...]

    @property
    def liars(self) -> int:
        """How many signers may lie while any two groups that can sign share an honest one."""
        return max(0, 2 * self.threshold - len(self.signers) - 1)


def require_majority(oracle_set: OracleSet, field: str) -> None:
    """Raises InvalidInput unless more than half of the signers must sign.

    Two groups that can both sign then share a signer, and no signer signs two attestations of one
    order.
    """
    needed, signers = oracle_set.threshold, len(oracle_set.signers)
    if 2 * needed <= signers:
        detail = f"must be more than half of the {signers} signers"
        raise InvalidInput(detail, field=field, value=needed)


@dataclass(frozen=True)
class SettlementReceipt:
    """Everything that was signed about a settled order; the ledger accepts it as proof.

    Args:
        signatures: signer to signature, 0x-hex.
        batch: struct hashes of all attestations that the signatures cover, in order, this one's
            included; empty when the order was signed alone.
    """

    order: Order
    attestation: Attestation
    oracle_set: OracleSet
    signatures: Mapping[str, str]
    batch: tuple[bytes, ...] = ()


def attestation_json(attestation: Attestation) -> dict[str, str]:
    """The attestation as JSON: numbers as decimal strings, bytes as 0x-hex."""
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
        InvalidInput: names the field, such as ``attestation.nodeFee``, and its value.
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
