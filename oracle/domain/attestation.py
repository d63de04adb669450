"""What the oracles sign: who is paid what share of one order, and which manifest shows why."""

from __future__ import annotations

from dataclasses import dataclass


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
class OracleSet:
    """Signers in strictly ascending order and how many of them must agree."""

    threshold: int
    signers: tuple[str, ...]
