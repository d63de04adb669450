"""Generations that are settled together, packed as the ledger's `Batch` (see IBatches.sol)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from oracle.domain.attestation import Attested
from oracle.domain.attribution import decode_entries

MOST = 32
"""Generations in one batch. Each more saves less gas, and a peer examines all before it signs."""

Sized = tuple[int, int]
"""A number and the bytes it has room in."""


@dataclass(frozen=True)
class Batch:
    """The struct `Batch`, its fields in its order.

    Args:
        since: the earliest `generated_at`, seconds since 1970.
        uses: the uses that the orders ask for, added up.
        payers, nodes: EIP-55 addresses, ascending.
        recordings: 4 bytes each, ascending.
        generations: one after another.
    """

    since: int
    uses: int
    payers: tuple[str, ...]
    nodes: tuple[str, ...]
    recordings: bytes
    generations: bytes


def fits(member: Attested) -> bool:
    """Whether every number has room in a batch; where one has not, it is settled by itself."""
    made = member.attestation
    sized = [*_terms(member), *_money(member), (len(made.entries) // 8, 1)]
    return all(0 <= number < 1 << 8 * size for number, size in sized)


def pack(members: Sequence[Attested], signatures: Sequence[bytes]) -> Batch:
    """The batch that settles these generations in this order.

    Args:
        members: one or more that fit.
        signatures: of the orders, 64 bytes each (EIP-2098).

    Raises:
        OverflowError: one does not fit.
    """
    vectors = [decode_entries(member.attestation.entries) for member in members]
    recordings = sorted({recording for vector in vectors for recording in vector})
    payers = _ascending(member.order.payer for member in members)
    nodes = _ascending(member.attestation.node for member in members)
    since = min(member.attestation.generated_at for member in members)
    generations, uses = b"", 0
    for member, vector, signature in zip(members, vectors, signatures, strict=True):
        order, made = member.order, member.attestation
        who = bytes([payers.index(order.payer), nodes.index(made.node)])
        later = (made.generated_at - since, 4)
        numbers = _bytes([*_money(member), later, *_terms(member)])
        generations += order.request + made.manifest + who + numbers
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
    """How many, then 4 bytes each: 20 bits of weight, less one, and 12 of recordings left out."""
    packed, at = bytes([len(vector)]), 0
    for recording, weight in vector.items():
        place = recordings.index(recording, at)
        packed += ((weight - 1) << 12 | place - at).to_bytes(4, "big")
        at = place + 1
    return packed
