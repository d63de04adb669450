"""Packs generations that are settled together into the ledger's `Batch` and unpacks it.

The format is described in contracts/interfaces/IBatches.sol.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from oracle.domain.attestation import Attested
from oracle.domain.attribution import decode_entries

MOST = 32
"""Most generations in a batch. Each more saves less gas, and a peer checks all before it signs."""

Sized = tuple[int, int]
"""A number and the size of its field in bytes."""

Struct = dict[str, Any]
"""A struct of the ledger's interface: field name to value."""


@dataclass(frozen=True)
class Batch:
    """The struct `Batch`, with the fields in the struct's order.

    Args:
        since: the earliest `generated_at`, seconds since 1970.
        uses: mask of all uses that the orders ask for.
        payers, nodes: EIP-55 addresses, ascending.
        recordings: ids, 4 bytes each, ascending.
        generations: the packed generations, one after another.
    """

    since: int
    uses: int
    payers: tuple[str, ...]
    nodes: tuple[str, ...]
    recordings: bytes
    generations: bytes


def fits(member: Attested) -> bool:
    """Whether every number fits its field. A generation that does not fit is settled alone."""
    made = member.attestation
    sized = [*_terms(member), *_money(member), (len(made.entries) // 8, 1)]
    return all(0 <= number < 1 << 8 * size for number, size in sized)


def pack(members: Sequence[Attested], signatures: Sequence[bytes]) -> Batch:
    """The batch that settles these generations in this order.

    Args:
        members: one or more generations that fit.
        signatures: the payers' signatures of the orders, 64 bytes each (EIP-2098).

    Raises:
        OverflowError: a number of a member does not fit.
    """
    vectors = [decode_entries(member.attestation.entries) for member in members]
    recordings = sorted({recording for vector in vectors for recording in vector})
    payers = _ascending(member.order.payer for member in members)
    nodes = _ascending(member.attestation.node for member in members)
    since = min(member.attestation.generated_at for member in members)
    generations, uses = b"", 0
    for member, vector, signature in zip(members, vectors, signatures, strict=True):
        order, made = member.order, member.attestation
        indices = bytes([payers.index(order.payer), nodes.index(made.node)])
        delay = (made.generated_at - since, 4)
        numbers = _bytes([*_money(member), delay, *_terms(member)])
        generations += order.request + made.manifest + indices + numbers
        generations += _entries(vector, recordings) + signature
        uses |= order.use
    listed = b"".join(recording.to_bytes(4, "big") for recording in recordings)
    return Batch(since, uses, payers, nodes, listed, generations)


def _ascending(addresses: Iterator[str]) -> tuple[str, ...]:
    return tuple(sorted(set(addresses), key=lambda address: int(address, 16)))


def _money(member: Attested) -> list[Sized]:
    order, made = member.order, member.attestation
    return [
        (order.nonce, 4), (order.deadline - made.generated_at, 4),
        (order.max_price - made.price, 6), (made.price, 6), (made.node_fee, 6),
    ]  # fmt: skip


def _terms(member: Attested) -> list[Sized]:
    return [(member.order.tier, 1), (member.order.rule, 1), (member.order.use, 1)]


def _bytes(sized: Sequence[Sized]) -> bytes:
    return b"".join(number.to_bytes(size, "big") for number, size in sized)


def _entries(vector: dict[int, int], recordings: Sequence[int]) -> bytes:
    """The number of entries, then 4 bytes each: 20 bits weight - 1, 12 bits skipped recordings."""
    packed, at = bytes([len(vector)]), 0
    for recording, weight in vector.items():
        place = recordings.index(recording, at)
        packed += ((weight - 1) << 12 | place - at).to_bytes(4, "big")
        at = place + 1
    return packed


def unpack_batch(batch: Mapping[str, Any], tail: int) -> list[tuple[Struct, Struct]]:
    """The order and the attestation of each generation, as the structs that `settle` takes.

    Args:
        batch: the struct `Batch` from a transaction's call data.
        tail: bytes of signature after each generation: 64 in `settleBatch`, otherwise 0.
    """
    packed, at, found = batch["generations"], 0, []
    while at < len(packed):
        end = at + 100 + 4 * packed[at + 99]
        found.append(_generation(batch, packed[at:end]))
        at = end + tail
    return found


def _generation(batch: Mapping[str, Any], packed: bytes) -> tuple[Struct, Struct]:
    nonce, validity, unspent, price, fee, delay, tier, rule, use = _numbers(packed[66:])
    made_at = batch["from"] + delay
    order = {
        "payer": batch["payers"][packed[64]], "nonce": nonce, "request": packed[:32],
        "maxPrice": price + unspent, "tier": tier, "use": use, "rule": rule,
        "deadline": made_at + validity,
    }  # fmt: skip
    attestation = {
        "price": price, "node": batch["nodes"][packed[65]], "nodeFee": fee, "generatedAt": made_at,
        "entries": _unpack_entries(packed[100:], batch["recordings"]), "manifest": packed[32:64],
    }  # fmt: skip
    return order, attestation


def _numbers(packed: bytes) -> Iterator[int]:
    at = 0
    for size in (4, 4, 6, 6, 6, 4, 1, 1, 1):
        yield int.from_bytes(packed[at : at + size], "big")
        at += size


def _unpack_entries(words: bytes, recordings: bytes) -> bytes:
    entries, place = b"", 0
    for start in range(0, len(words), 4):
        word = int.from_bytes(words[start : start + 4], "big")
        place += word & 0xFFF
        weight = (word >> 12) + 1
        entries += recordings[4 * place : 4 * place + 4] + weight.to_bytes(4, "big")
        place += 1
    return entries
