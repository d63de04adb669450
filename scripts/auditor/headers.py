"""Headers of blocks: the hash of a header, from its fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eth_utils import keccak, to_bytes

from .rlp import encode, number

DATA = "data"
NUMBER = "number"
FIELDS = (
    ("parentHash", DATA), ("sha3Uncles", DATA), ("miner", DATA), ("stateRoot", DATA),
    ("transactionsRoot", DATA), ("receiptsRoot", DATA), ("logsBloom", DATA),
    ("difficulty", NUMBER), ("number", NUMBER), ("gasLimit", NUMBER), ("gasUsed", NUMBER),
    ("timestamp", NUMBER), ("extraData", DATA), ("mixHash", DATA), ("nonce", DATA),
)  # fmt: skip
"""The fields of every header, in their order."""
LATER = (
    ("baseFeePerGas", NUMBER), ("withdrawalsRoot", DATA), ("blobGasUsed", NUMBER),
    ("excessBlobGas", NUMBER), ("parentBeaconBlockRoot", DATA), ("requestsHash", DATA),
)
"""Fields that forks added, from London to Prague; a header has the first ones of them."""


def header_hash(block: Mapping[str, Any]) -> str:
    """The hash of the header whose fields an RPC tells, as 0x-hex.

    Raises:
        LookupError: a field is missing.
        ValueError: a field is not hexadecimal.
    """
    fields = [*FIELDS, *(row for row in LATER if block.get(row[0]) is not None)]
    row = [number(int(block[name], 16)) if kind == NUMBER else to_bytes(hexstr=block[name])
           for name, kind in fields]
    return "0x" + keccak(encode(row)).hex()
