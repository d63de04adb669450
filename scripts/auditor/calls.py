"""The calldata of the transactions that settle."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate, pairwise
from typing import Any

from eth_abi import decode
from eth_utils import keccak

from .events import plain
from .report import Unreadable
from .typed_data import ATTESTATION, ORDER, QUORUM, list_hash, set_id, struct_hash, tuple_type

RECEIPT = tuple_type([*((tuple_type(part), "") for part in (ORDER, ATTESTATION[2:], QUORUM)),
                      ("bytes32[]", "batch")])
SETTLE_TYPES = [tuple_type(ORDER), "bytes", tuple_type(ATTESTATION[2:]), tuple_type(QUORUM)]
BATCH = "(uint256,uint256,address[],address[],bytes,bytes)"
CALL_TYPES = {
    "settle": SETTLE_TYPES, "upgrade": [RECEIPT, *SETTLE_TYPES],
    "settleBatch": [BATCH, tuple_type(QUORUM)],
    "settleOrders": [BATCH, "bytes", tuple_type(QUORUM)],
}


def selector(name: str, types: Sequence[str]) -> bytes:
    return keccak(text=f"{name}({','.join(types)})")[:4]


@dataclass(frozen=True)
class Call:
    """The signed parts of a transaction for one order.

    In a batch, `orders` and `batch` are the struct hashes of the lists that the payer and the
    quorum signed. `turn` counts the calls of one transaction to the ledger, from 0.
    """

    order: dict[str, Any]
    order_signature: str
    attestation: dict[str, Any]
    quorum: dict[str, Any]
    original: Call | None = None
    orders: bytes = b""
    batch: bytes = b""
    turn: int = 0

    @classmethod
    def named(cls, order: Any, signature: Any, attestation: Any, quorum: Any) -> Call:
        fields = ((ORDER, order), (ATTESTATION[2:], attestation), (QUORUM, quorum))
        first, second, third = (
            {name: plain(value) for (_, name), value in zip(kinds, values, strict=True)}
            for kinds, values in fields
        )
        return cls(first, plain(signature), second, third)

    @cached_property
    def order_struct(self) -> bytes:
        return struct_hash("Order", ORDER, self.order)

    @property
    def id(self) -> str:
        """The id of the generation: the hash of its order."""
        return "0x" + self.order_struct.hex()

    @cached_property
    def set(self) -> str:
        """The name of the set that signed."""
        return set_id(self.quorum["threshold"], self.quorum["signers"])

    @cached_property
    def struct(self) -> bytes:
        values = dict(self.attestation, order=self.id, set=self.set)
        return struct_hash("Attestation", ATTESTATION, values)


def of_settle(data: bytes) -> list[Call]:
    return [Call.named(*decode(SETTLE_TYPES, data))]


def of_upgrade(data: bytes) -> list[Call]:
    (order, attestation, quorum, _), *rest = decode(CALL_TYPES["upgrade"], data)
    return [replace(Call.named(*rest), original=Call.named(order, b"", attestation, quorum))]


def of_batch(data: bytes) -> list[Call]:
    batch, quorum = decode(CALL_TYPES["settleBatch"], data)
    return signed_together(list(unpacked(batch, quorum, 64)))


def of_orders(data: bytes) -> list[Call]:
    batch, signature, quorum = decode(CALL_TYPES["settleOrders"], data)
    calls = signed_together(list(unpacked(batch, quorum, 0)))
    orders = list_hash("Orders", "Order", ORDER, [call.order_struct for call in calls])
    return [replace(call, order_signature=plain(signature), orders=orders) for call in calls]


def signed_together(calls: Sequence[Call]) -> list[Call]:
    batch = list_hash("Batch", "Attestation", ATTESTATION, [call.struct for call in calls])
    return [replace(call, batch=batch) for call in calls]


PACKED = (32, 32, 1, 1, 4, 4, 6, 6, 6, 4, 1, 1, 1, 1)
"""Bytes of request, manifest, payer, node, nonce, deadline, maxPrice, price, nodeFee, generatedAt,
tier, rule, use and number of entries. `generatedAt` is relative to the batch's `since`, the
deadline to `generatedAt`, and maxPrice to the price."""


def unpacked(batch: Any, quorum: Any, tail: int) -> Iterator[Call]:
    """The generations of a batch; a signature of `tail` bytes follows each of them."""
    since, _, payers, nodes, recordings, packed = batch
    ids, at = [number for number, in struct.iter_unpack(">I", recordings)], 0
    while at < len(packed):
        edges = list(accumulate(PACKED, initial=at))
        request, manifest, *rest = (packed[a:b] for a, b in pairwise(edges))
        payer, node, nonce, later, more, price, fee, delay, tier, rule, use, count = (
            int.from_bytes(part, "big") for part in rest
        )
        end, made = edges[-1] + 4 * count, since + delay
        order = (payers[payer], nonce, request, price + more, tier, use, rule, made + later)
        weights = unpacked_entries(packed[edges[-1]:end], ids)
        attestation = (price, nodes[node], fee, made, weights, manifest)
        yield Call.named(order, packed[end:end + tail], attestation, quorum)
        at = end + tail
    if at != len(packed):
        raise Unreadable(f"batch: its generations end at byte {at} of {len(packed)}")


def unpacked_entries(packed: bytes, ids: Sequence[int]) -> bytes:
    """Entries of 4 bytes: 20 bits of weight minus 1, 12 bits of ids to skip in the list."""
    found, place = b"", 0
    for word, in struct.iter_unpack(">I", packed):
        place += word & 0xFFF
        found += struct.pack(">II", ids[place], (word >> 12) + 1)
        place += 1
    return found


READERS = {"settle": of_settle, "upgrade": of_upgrade, "settleBatch": of_batch,
           "settleOrders": of_orders}
CALLS = {selector(name, CALL_TYPES[name]): read for name, read in READERS.items()}


def read_data(data: Sequence[bytes]) -> list[Call]:
    """The calls inside the calldata with which one transaction called the ledger, in order."""
    return [replace(call, turn=turn) if turn else call
            for turn, one in enumerate(data) for call in CALLS[one[:4]](one[4:])]
