"""The manifest: a pinned file that suffices to recompute a payout. `manifest_reader` parses it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from oracle.domain import canonical
from oracle.domain.attestation import Attestation, OracleSet
from oracle.domain.attribution import Vector, items_of
from oracle.domain.audio import CHANNELS, RATE
from oracle.domain.block import Block
from oracle.domain.order import Order, order_json
from oracle.domain.request import Request

LARGEST = 1 << 20
"""Largest size in bytes. A manifest is a single raw block, so its CID contains its sha256."""


@dataclass(frozen=True)
class Content:
    """A pinned file: its CID and the sha256 of its bytes, 64 hex digits."""

    cid: str
    sha256: str


@dataclass(frozen=True)
class Source:
    """A recording that conditioned the track: sha256 of its file, digest in its metadata's CID."""

    recording: int
    audio: str
    metadata: str


@dataclass(frozen=True)
class Manifest:
    """Everything that determines a payout.

    Args:
        chain_id, ledger: the chain and the contract that settle it.
        block: the closed block at which the chain was read; its timestamp is the attestation's
            `generatedAt`.
        generation: the order's struct hash, 0x-hex.
        engine: name and version.
        frames: length of the track at 44.1 kHz stereo.
        samples: sha256 of its 16-bit little-endian interleaved samples, 64 hex digits.
        vectors: rule to weights; contains every payable rule.
        oracle_set: the oracles that may attest it.
    """

    chain_id: int
    ledger: str
    block: Block
    request: Request
    order: Order
    order_signature: str
    generation: str
    engine: tuple[str, str]
    references: tuple[Source, ...]
    audio: Content
    frames: int
    samples: str
    trace: Content
    vectors: Mapping[str, Vector]
    price: int
    node: str
    node_fee: int
    entries: bytes
    oracle_set: OracleSet

    def attestation(self, digest: bytes) -> Attestation:
        """The attestation of this manifest; `digest` is the one inside the manifest's CID."""
        return Attestation(
            price=self.price, node=self.node, node_fee=self.node_fee,
            generated_at=self.block.timestamp, entries=self.entries, manifest=digest,
        )  # fmt: skip


def to_bytes(manifest: Manifest) -> bytes:
    """The manifest as canonical JSON, the bytes to pin."""
    m = manifest
    return canonical.dumps({
        "refrain_manifest": 1,
        "chain": {"id": m.chain_id, "ledger": m.ledger},
        "block": {"number": m.block.number, "hash": m.block.hash, "timestamp": m.block.timestamp},
        "request": m.request.to_json(),
        "order": order_json(m.order),
        "order_signature": m.order_signature,
        "generation": m.generation,
        "engine": {"name": m.engine[0], "version": m.engine[1]},
        "references": [vars(source) for source in m.references],
        "audio": {
            **vars(m.audio), "frames": m.frames, "rate": RATE, "channels": CHANNELS,
            "samples": m.samples,
        },
        "trace": vars(m.trace),
        "vectors": {rule: items_of(vector) for rule, vector in m.vectors.items()},
        "rule": m.request.rule,
        "entries": "0x" + m.entries.hex(),
        "price": str(m.price),
        "node": m.node,
        "node_fee": str(m.node_fee),
        "set": {"threshold": m.oracle_set.threshold, "signers": list(m.oracle_set.signers)},
    })  # fmt: skip
