"""Blocks, views and logs of one chain."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from eth_abi import decode, encode
from eth_utils import keccak, to_bytes

from .events import EventType, Log, plain
from .report import Unreadable
from .rpc import Refused, Rpc
from .state import State
from .stored import Moment, Reader


class Chain:
    """One chain up to the block `head`, as one RPC describes it.

    Args:
        head: the hash of the newest block to audit; else the newest one without `confirmations`.

    `state` proves what the contracts in `readers` store. `told` are all logs that were read, and
    `blocks` all headers by number.
    """

    def __init__(self, rpc: Rpc, confirmations: int, head: str = "") -> None:
        self.rpc = rpc
        self.id = int(rpc("eth_chainId"), 16)
        self.newest = int(rpc("eth_blockNumber"), 16)
        self.blocks: dict[int, dict[str, Any]] = {}
        self.told: list[Log] = []
        self.kinds: dict[str, dict[str, EventType]] = {}
        self.asked: dict[str, list[Sequence[str | None]]] = {}
        self.state: State | None = None
        self.second: Callable[..., Any] | None = None
        self.readers: dict[str, Mapping[str, Reader]] = {}
        self.window = 1
        self.head = self._named(head) if head else self.newest - confirmations

    def _named(self, name: str) -> int:
        """The number of the block with this hash."""
        found = self.rpc("eth_getBlockByHash", name, False)
        if not isinstance(found, dict):
            raise Unreadable(f"--head {name}: the RPC does not have this block")
        number = int(found["number"], 16)
        self.blocks[number] = found
        return number

    def block(self, number: int) -> dict[str, Any]:
        """The header of a block."""
        if number not in self.blocks:
            found = self.rpc("eth_getBlockByNumber", hex(number), False)
            if not isinstance(found, dict) or int(found["number"], 16) != number:
                raise Unreadable(f"block {number}: the RPC does not have it")
            self.blocks[number] = found
        return self.blocks[number]

    def time(self, number: int) -> int:
        """The timestamp of a block, in seconds since 1970."""
        return int(self.block(number)["timestamp"], 16)

    @property
    def now(self) -> int:
        """The timestamp of the head."""
        return self.time(self.head)

    def view(self, to: str, call: str, outputs: str, *arguments: Any) -> Any:
        """Calls `name(types)` at the head; one output gives a value, several a list.

        What the state proves is read from there, and the contract is not called.
        """
        reader = self.readers.get(to, {}).get(call)
        if self.state is not None and reader is not None:
            state, at = self.state, Moment(self.now, self.now // self.window % 2**16)
            return reader(lambda slot: state.word(to, slot), at, *arguments)
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
        self.kinds[address] = {**self.kinds.get(address, {}), **{one.topic: one for one in types}}
        self.asked.setdefault(address, []).append(topics)
        raw = self._raw_logs(address, first, last, topics)
        for log in raw:
            if log["address"].lower() != address.lower() or log.get("removed"):
                source = log["address"]
                raise Unreadable(f"eth_getLogs of {address}: the answer holds a log of {source}")
        found = self._decoded(address, raw, {one.topic: one for one in types})
        self.told += found
        return found

    def due(self, address: str, raw: Sequence[dict[str, Any]]) -> list[Log]:
        """The logs among those of a block that a contract was asked for."""
        mine = [log for log in raw if log["address"].lower() == address.lower()
                and any(_fits(log["topics"], topics) for topics in self.asked[address])]
        return self._decoded(address, mine, self.kinds[address])

    @staticmethod
    def _decoded(address: str, raw: Sequence[dict[str, Any]],
                 known: Mapping[str, EventType]) -> list[Log]:
        found = []
        for log in raw:
            kind = known.get(log["topics"][0]) if log["topics"] else None
            if kind is not None:
                args = kind.decode(log["topics"], log["data"])
                place = int(log["blockNumber"], 16), int(log["logIndex"], 16)
                found.append(Log(kind.name, *place, log["transactionHash"], args, address))
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


def _fits(topics: Sequence[str], asked: Sequence[str | None]) -> bool:
    """Whether a log has the topics that were asked for; None stands for any."""
    wanted = len(asked) <= len(topics)
    return wanted and all(due in (None, one) for due, one in zip(asked, topics, strict=False))
