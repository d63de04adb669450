"""Many generations as `settleBatch` and `settleOrders` take them; the format is in IBatches.sol."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from operator import or_
from typing import Any

Weights = dict[int, int]
Struct = dict[str, Any]


def unpack_entries(entries: bytes) -> Weights:
    """Weights by recording, from an attestation's entries."""
    pairs = (entries[start : start + 8] for start in range(0, len(entries), 8))
    return {int.from_bytes(p[:4], "big"): int.from_bytes(p[4:], "big") for p in pairs}


def pack_batch(
    orders: Sequence[dict[str, Any]],
    attestations: Sequence[dict[str, Any]],
    signatures: Sequence[bytes] = (),
) -> dict[str, Any]:
    """The struct `Batch`.

    Args:
        orders: one for each attestation.
        attestations: in the order in which they are settled.
        signatures: 64 bytes for each order; none where one signature stands for all.

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


def unpack_batch(batch: Mapping[str, Any], tail: int) -> list[tuple[Struct, Struct]]:
    """Order and attestation of each generation, as `settle` takes them.

    Args:
        batch: the struct `Batch`, as a settled transaction has it.
        tail: bytes of signature after each generation: 64 in `settleBatch`, else none.
    """
    packed, at, found = batch["generations"], 0, []
    while at < len(packed):
        end = at + 100 + 4 * packed[at + 99]
        found.append(_generation(batch, packed[at:end]))
        at = end + tail
    return found


def _generation(batch: Mapping[str, Any], packed: bytes) -> tuple[Struct, Struct]:
    nonce, lasts, spare, price, fee, later, tier, rule, use = _cut(packed[66:])
    made_at = batch["from"] + later
    order = {
        "payer": batch["payers"][packed[64]], "nonce": nonce, "request": packed[:32],
        "maxPrice": price + spare, "tier": tier, "use": use, "rule": rule,
        "deadline": made_at + lasts,
    }  # fmt: skip
    attestation = {
        "price": price, "node": batch["nodes"][packed[65]], "nodeFee": fee, "generatedAt": made_at,
        "entries": _unpacked(packed[100:], batch["recordings"]), "manifest": packed[32:64],
    }  # fmt: skip
    return order, attestation


def _cut(packed: bytes) -> Iterator[int]:
    at = 0
    for size in (4, 4, 6, 6, 6, 4, 1, 1, 1):
        yield int.from_bytes(packed[at : at + size], "big")
        at += size


def _unpacked(words: bytes, recordings: bytes) -> bytes:
    entries, place = b"", 0
    for start in range(0, len(words), 4):
        word = int.from_bytes(words[start : start + 4], "big")
        place += word & 0xFFF
        weight = (word >> 12) + 1
        entries += recordings[4 * place : 4 * place + 4] + weight.to_bytes(4, "big")
        place += 1
    return entries


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
