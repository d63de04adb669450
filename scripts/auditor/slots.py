"""Where the contracts keep what they store; a test compares this with the compiler's layout."""

from __future__ import annotations

from eth_abi import encode
from eth_utils import keccak

RECORDINGS = 0
OWNERS = 2**32
_REST = 2**33
(COUNT, PAST, OFFERS, FLOORS, ACCOUNTS, EXITS, NODES, SETS, ACTIVE, PARKED, ACCRUED,
 WITHDRAWALS, FROZEN, RECEIVER, FEES, AUTHORITY) = range(_REST, _REST + 16)
"""Slots of the ledger; RECORDINGS and OWNERS plus an id are those of a recording."""

LEDGER = {
    "recordings": RECORDINGS, "owners": OWNERS, "count": COUNT, "past": PAST, "offers": OFFERS,
    "floors": FLOORS, "accounts": ACCOUNTS, "exits": EXITS, "nodes": NODES, "sets": SETS,
    "active": ACTIVE, "parked": PARKED, "accrued": ACCRUED, "withdrawalNonces": WITHDRAWALS,
    "frozen": FROZEN, "protocolReceiver": RECEIVER, "paused": RECEIVER,
    "firstSetInstalled": RECEIVER, "fees": FEES, "_authority": AUTHORITY,
}  # fmt: skip
SPLITS_COUNT, SPLITS_IDS, CLAIMED, RECOUPED = 0, 2, 5, 6
SPLITS = {"count": SPLITS_COUNT, "_ids": SPLITS_IDS, "claimedBy": CLAIMED, "recouped": RECOUPED}
STATUS, CASES, OWED = 1, 2, 3
COURT = {"_authority": 0, "_status": STATUS, "_cases": CASES, "owed": OWED}
POOL_STATUS, ROUNDS, ROUND = 0, 1, 2
POOL = {"_status": POOL_STATUS, "_number": ROUNDS, "_round": ROUND}
TARGETS, ROLES = 0, 1
MANAGER = {"_targets": TARGETS, "_roles": ROLES}
"""Names of variables to their slots; the other contracts have no more that the audit reads."""


def entry(mapping: int, kind: str, key: int | str | bytes) -> int:
    """The slot of a mapping's value under a key of an elementary type."""
    return int.from_bytes(keccak(encode([kind, "uint256"], [key, mapping])), "big")


def element(array: int, place: int) -> int:
    """The slot of an element of a dynamic array of words."""
    return int.from_bytes(keccak(array.to_bytes(32, "big")), "big") + place


def past(recording: int, version: int) -> int:
    """The slot of a replaced consent."""
    return entry(PAST, "uint256", recording << 16 | version)
