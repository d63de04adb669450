"""Signs transactions of type 2 (EIP-1559) with a key that only signs digests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from eth_account.typed_transactions.typed_transaction import TypedTransaction
from eth_utils import keccak

from oracle.adapters.chain.fees import Fees
from oracle.adapters.signing import signatures
from oracle.adapters.signing.keystore import Key


@dataclass(frozen=True)
class Unsigned:
    """A transaction without gas fees. `to` None creates a contract."""

    chain_id: int
    nonce: int
    to: str | None
    data: str
    gas: int


@dataclass(frozen=True)
class Signed:
    """A signed transaction: the bytes to send and their hash, 0x-hex."""

    raw: bytes
    hash: str


def seal(unsigned: Unsigned, fees: Fees, key: Key) -> Signed:
    """Signs a transaction; the same arguments give the same bytes (RFC 6979)."""
    fields = _fields(unsigned, fees)
    digest = bytes(TypedTransaction.from_dict(fields).hash())
    r, s, v = signatures.parts(key.sign(digest))
    raw = bytes(TypedTransaction.from_dict(fields | {"r": r, "s": s, "v": v - 27}).encode())
    return Signed(raw, "0x" + keccak(raw).hex())


def _fields(unsigned: Unsigned, fees: Fees) -> dict[str, Any]:
    made: dict[str, Any] = {
        "type": 2, "chainId": unsigned.chain_id, "nonce": unsigned.nonce, "value": 0,
        "gas": unsigned.gas, "data": unsigned.data,
        "maxFeePerGas": fees.max_fee, "maxPriorityFeePerGas": fees.tip,
    }  # fmt: skip
    return made if unsigned.to is None else made | {"to": unsigned.to}
