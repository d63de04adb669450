"""Receipts of a block, proven against the root in its header, and the logs in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eth_utils import keccak, to_bytes

from .report import Disproved, Unreadable
from .rlp import encode, number
from .rpc import Refused, Rpc
from .trie import root_of

DEPOSIT = 0x7E
"""The type of a transaction that brings a deposit to a chain of the OP stack."""


def encoded(receipt: Mapping[str, Any]) -> bytes:
    """A receipt as the trie holds it."""
    logs = [[to_bytes(hexstr=log["address"]), [to_bytes(hexstr=one) for one in log["topics"]],
             to_bytes(hexstr=log["data"])] for log in receipt["logs"]]
    row = [number(int(receipt["status"], 16)), number(int(receipt["cumulativeGasUsed"], 16)),
           to_bytes(hexstr=receipt["logsBloom"]), logs]
    kind = int(receipt.get("type") or "0x0", 16)
    if kind == DEPOSIT:
        row += [number(int(receipt[name], 16)) for name in ("depositNonce", "depositReceiptVersion")
                if receipt.get(name) is not None]
    return (bytes([kind]) if kind else b"") + encode(row)


def read_receipts(rpc: Rpc, block: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The receipts of a block in their order, at once or one by one."""
    try:
        found = rpc("eth_getBlockReceipts", block["number"])
    except Refused:
        found = [rpc("eth_getTransactionReceipt", one) for one in block["transactions"]]
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise Unreadable(f"block {int(block['number'], 16)}: the RPC has not all receipts")
    return found


def proven_logs(rpc: Rpc, block: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every log of a block, as `eth_getLogs` tells it.

    Raises:
        Disproved: the receipts are not those of the root in the header.
    """
    receipts = read_receipts(rpc, block)
    root = root_of({encode(number(place)): encoded(one) for place, one in enumerate(receipts)})
    if root != to_bytes(hexstr=block["receiptsRoot"]):
        raise Disproved(f"the receipts have the root 0x{root.hex()}, the header names "
                        f"{block['receiptsRoot']}")
    logs: Sequence[dict[str, Any]] = [log for one in receipts for log in one["logs"]]
    return [{**log, "blockNumber": block["number"], "logIndex": hex(place)}
            for place, log in enumerate(logs)]


def may_hold(block: Mapping[str, Any], address: str) -> bool:
    """Whether the bloom filter of a header allows a log of this address."""
    bloom = int(block["logsBloom"], 16)
    digest = keccak(to_bytes(hexstr=address))
    bits = [int.from_bytes(digest[place:place + 2], "big") % 2048 for place in (0, 2, 4)]
    return all(bloom >> bit & 1 for bit in bits)
