"""Evidence that a paid track is delivered by nobody: what was signed, and t signed refusals.

docs/formats/undelivered.md describes the file. This module reads and writes it; it verifies no
signature.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from oracle.domain import fields
from oracle.domain.attestation import (
    Attestation,
    OracleSet,
    attestation_json,
    parse_attestation,
)
from oracle.domain.delivery import SignedDelivery, delivery_json, parse_delivery
from oracle.domain.errors import InvalidInput
from oracle.domain.order import Order, order_json, parse_order

VERSION = 1
KEYS = ("refrain_undelivered", "chain", "settlement", "generation", "order", "attestation", "set",
        "signatures", "batch", "statements", "silent")  # fmt: skip
MOST_SIGNERS = 255
MOST_BATCH = 255


@dataclass(frozen=True)
class Paid:
    """A settlement, and everything that was signed about it.

    Args:
        chain_id, ledger: the deployment's.
        transaction, block, time: of the settlement; `time` is the block's, seconds since 1970.
        generation: the order's struct hash, 0x-hex.
        signatures: by the set's oracles, 64 bytes in 0x-hex each; of the attestation, or of the
            batch.
        batch: struct hashes of all attestations that were signed together; empty when alone.
    """

    chain_id: int
    ledger: str
    transaction: str
    block: int
    time: int
    generation: str
    order: Order
    attestation: Attestation
    oracle_set: OracleSet
    signatures: tuple[str, ...]
    batch: tuple[bytes, ...] = ()


@dataclass(frozen=True)
class Undelivered:
    """The evidence.

    Args:
        statements: of the oracles that answered, whatever they say.
        silent: URL of each oracle that did not answer, to the reason. Silence is no refusal.
    """

    paid: Paid
    statements: tuple[SignedDelivery, ...]
    silent: Mapping[str, str]


def undelivered_json(found: Undelivered) -> dict[str, Any]:
    """The content of the file."""
    paid = found.paid
    return {
        "refrain_undelivered": VERSION,
        "chain": {"id": paid.chain_id, "ledger": paid.ledger},
        "settlement": {
            "transaction": paid.transaction, "block": paid.block, "time": paid.time,
        },
        "generation": paid.generation,
        "order": order_json(paid.order),
        "attestation": attestation_json(paid.attestation),
        "set": {"threshold": paid.oracle_set.threshold, "signers": list(paid.oracle_set.signers)},
        "signatures": list(paid.signatures),
        "batch": ["0x" + each.hex() for each in paid.batch],
        "statements": [delivery_json(each) for each in found.statements],
        "silent": [{"oracle": url, "reason": why} for url, why in sorted(found.silent.items())],
    }  # fmt: skip


def parse_undelivered(value: Any) -> Undelivered:
    """The evidence from parsed JSON. Raises InvalidInput, which names the field."""
    found = fields.mapping(value, "evidence", KEYS)
    fields.integer(found["refrain_undelivered"], "refrain_undelivered", VERSION, VERSION)
    paid = _paid(found)
    return Undelivered(
        paid,
        tuple(
            parse_delivery(item, f"statements[{index}]", paid.generation, paid.attestation.manifest)
            for index, item in _listed(found, "statements", MOST_SIGNERS)
        ),
        dict(_silence(item, f"silent[{i}]") for i, item in _listed(found, "silent", MOST_SIGNERS)),
    )


def _paid(found: Mapping[str, Any]) -> Paid:
    chain = fields.mapping(found["chain"], "chain", ("id", "ledger"))
    settled = fields.mapping(found["settlement"], "settlement", ("transaction", "block", "time"))
    return Paid(
        chain_id=fields.integer(chain["id"], "chain.id", 1, fields.UINT64_MAX),
        ledger=fields.address(chain["ledger"], "chain.ledger"),
        transaction=fields.word(settled["transaction"], "settlement.transaction"),
        block=fields.integer(settled["block"], "settlement.block", 0, fields.UINT64_MAX),
        time=fields.integer(settled["time"], "settlement.time", 0, fields.UINT64_MAX),
        generation=fields.word(found["generation"], "generation"),
        order=parse_order(found["order"]),
        attestation=parse_attestation(found["attestation"]),
        oracle_set=_set(found["set"]),
        signatures=tuple(
            "0x" + fields.hex_bytes(item, f"signatures[{index}]", 64).hex()
            for index, item in _listed(found, "signatures", MOST_SIGNERS)
        ),
        batch=tuple(
            fields.hex_bytes(item, f"batch[{index}]", 32)
            for index, item in _listed(found, "batch", MOST_BATCH)
        ),
    )


def _set(value: Any) -> OracleSet:
    found = fields.mapping(value, "set", ("threshold", "signers"))
    listed = fields.listing(found["signers"], "set.signers", 1, MOST_SIGNERS)
    signers = [fields.address(item, f"set.signers[{index}]") for index, item in enumerate(listed)]
    threshold = fields.integer(found["threshold"], "set.threshold", 1, len(signers))
    return OracleSet(threshold, tuple(signers))


def _silence(value: Any, field: str) -> tuple[str, str]:
    found = fields.mapping(value, field, ("oracle", "reason"))
    for name in ("oracle", "reason"):
        if not isinstance(found[name], str):
            raise InvalidInput("must be text", field=f"{field}.{name}", value=found[name])
    return found["oracle"], found["reason"]


def _listed(found: Mapping[str, Any], name: str, most: int) -> list[tuple[int, Any]]:
    return list(enumerate(fields.listing(found[name], name, 0, most)))
