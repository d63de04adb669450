"""Blocks, views and logs of one chain."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from eth_abi import decode, encode
from eth_utils import keccak, to_bytes

from .events import EventType, Log, plain
from .report import Unreadable
from .rpc import Refused, Rpc


class Chain:
    """One chain up to the block `head`, as one RPC describes it."""

    def __init__(self, rpc: Rpc, confirmations: int) -> None:
        self.rpc = rpc
        self.id = int(rpc("eth_chainId"), 16)
        self.newest = int(rpc("eth_blockNumber"), 16)
        self.head = self.newest - confirmations
        self._blocks: dict[int, dict[str, Any]] = {}

    def block(self, number: int) -> dict[str, Any]:
        """The header of a block."""
        if number not in self._blocks:
            found = self.rpc("eth_getBlockByNumber", hex(number), False)
            if not isinstance(found, dict) or int(found["number"], 16) != number:
                raise Unreadable(f"block {number}: the RPC does not have it")
            self._blocks[number] = found
        return self._blocks[number]

    def time(self, number: int) -> int:
        """The timestamp of a block, in seconds since 1970."""
        return int(self.block(number)["timestamp"], 16)

    @property
    def now(self) -> int:
        """The timestamp of the head."""
        return self.time(self.head)

    def view(self, to: str, call: str, outputs: str, *arguments: Any) -> Any:
        """Calls `name(types)` at the head; one output gives a value, several a list."""
        kinds = re.split(r",(?![^(]*\))", outputs)
        data = keccak(text=call)[:4] + encode(re.findall(r"\w+", call)[1:], arguments)
        try:
            raw = self.rpc("eth_call", {"to": to, "data": "0x" + data.hex()}, hex(self.head))
        except Refused as error:
            raise Unreadable(f"{call} of {to}: {error}") from None
        if raw == "0x":
            raise Unreadable(f"{call}: {to} answers nothing; is the address right?")
        values = plain(decode(kinds, to_bytes(hexstr=raw)))
        return values if len(values) > 1 else values[0]

    def logs(self, address: str, types: Sequence[EventType], first: int,
             last: int | None = None, topics: Sequence[str | None] = ()) -> list[Log]:
        """The logs of a contract from block `first` to `last`, the head if it is not named.

        They are decoded; events that are not known are skipped. `topics` asks for some only.
        """
        last = self.head if last is None else last
        known = {kind.topic: kind for kind in types}
        found = []
        for raw in self._raw_logs(address, first, last, topics):
            kind = known.get(raw["topics"][0]) if raw["topics"] else None
            if raw["address"].lower() != address.lower() or raw.get("removed"):
                source = raw["address"]
                raise Unreadable(f"eth_getLogs of {address}: the answer holds a log of {source}")
            if kind is not None:
                args = kind.decode(raw["topics"], raw["data"])
                place = int(raw["blockNumber"], 16), int(raw["logIndex"], 16)
                found.append(Log(kind.name, *place, raw["transactionHash"], args, address))
        return found

    def _raw_logs(self, address: str, first: int, last: int,
                  topics: Sequence[str | None]) -> list[dict[str, Any]]:
        """Many nodes limit the range of blocks or the size of an answer: halves the range then."""
        span: dict[str, Any] = {"address": address, "fromBlock": hex(first), "toBlock": hex(last)}
        if topics:
            span["topics"] = list(topics)
        try:
            return list(self.rpc("eth_getLogs", span))
        except Refused:
            if first >= last:
                raise
            middle = (first + last) // 2
            left = self._raw_logs(address, first, middle, topics)
            return left + self._raw_logs(address, middle + 1, last, topics)
