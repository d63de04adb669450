"""Packs generations for `settleBatch` and `settleOrders`; IBatches.sol describes the format."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import Any

Weights = dict[int, int]


def unpack_entries(entries: bytes) -> Weights:
    """Weights by recording, from the entries of an attestation."""
    pairs = (entries[start : start + 8] for start in range(0, len(entries), 8))
    return {int.from_bytes(p[:4], "big"): int.from_bytes(p[4:], "big") for p in pairs}


def pack_batch(
    orders: Sequence[dict[str, Any]],
    attestations: Sequence[dict[str, Any]],
    signatures: Sequence[bytes] = (),
) -> dict[str, Any]:
    """The struct `Batch`.

    Args:
        orders: one order for each attestation.
        attestations: in the order in which they are settled.
        signatures: 64 bytes for each order; empty if one signature covers all orders.

    Raises:
        OverflowError: a number is too large for a batch.
    """
    payers = sorted({order["payer"] for order in orders}, key=_number)
    nodes = sorted({given["node"] for given in attestations}, key=_number)
    vectors = [unpack_entries(given["entries"]) for given in attestations]
    recordings = sorted({recording for vector in vectors for recording in vector})
    earliest = min((given["generatedAt"] for given in attestations), default=0)
    packed = b""
    for index, (order, given) in enumerate(zip(orders, attestations, strict=True)):
        who = bytes([payers.index(order["payer"]), nodes.index(given["node"])])
        packed += order["request"] + given["manifest"] + who + _numbers(order, given, earliest)
        packed += _entries(vectors[index], recordings)
        packed += signatures[index] if signatures else b""
    return {
        "from": earliest,
        "uses": reduce(or_, (order["use"] for order in orders), 0),
        "payers": payers,
        "nodes": nodes,
        "recordings": b"".join(recording.to_bytes(4, "big") for recording in recordings),
        "generations": packed,
    }


def _number(address: str) -> int:
    return int(address, 16)


def _numbers(order: dict[str, Any], given: dict[str, Any], earliest: int) -> bytes:
    numbers = (
        (order["nonce"], 4),
        (order["deadline"] - given["generatedAt"], 4),
        (order["maxPrice"] - given["price"], 6),
        (given["price"], 6),
        (given["nodeFee"], 6),
        (given["generatedAt"] - earliest, 4),
        (order["tier"], 1),
        (order["rule"], 1),
        (order["use"], 1),
    )
    return b"".join(number.to_bytes(size, "big") for number, size in numbers)


def _entries(vector: Weights, recordings: Sequence[int]) -> bytes:
    places = {recording: index for index, recording in enumerate(recordings)}
    packed, following = bytes([len(vector)]), 0
    for recording, weight in vector.items():
        gap = places[recording] - following
        packed += (weight - 1 << 12 | gap).to_bytes(4, "big")
        following = places[recording] + 1
    return packed
