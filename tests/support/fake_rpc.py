"""A chain of headers in memory that can fork, behind the calls of Rpc that readers use."""

from __future__ import annotations

import hashlib
from typing import Any

from oracle.adapters.chain.rpc_types import Log
from oracle.domain.block import Block
from oracle.domain.errors import NotFound


class FakeRpc:
    """Blocks with logs. `asked` lists each call: method and first parameter.

    Args:
        length: number of blocks, the first one is block 0.
    """

    def __init__(self, length: int = 1) -> None:
        self.branch = 0
        self.blocks: list[Block] = []
        self.parents: list[str] = []
        self.logged: dict[str, list[Log]] = {}
        self.final: int | None = None
        self.asked: list[tuple[str, Any]] = []
        self.mine(length)

    def mine(self, number: int = 1) -> None:
        for _ in range(number):
            height = len(self.blocks)
            name = f"{self.branch}:{height}:{self.blocks[-1].hash if height else ''}"
            self.parents.append(self.blocks[-1].hash if height else "0x" + "00" * 32)
            made = "0x" + hashlib.sha256(name.encode()).hexdigest()
            self.blocks.append(Block(height, made, 1_700_000_000 + 12 * height))

    def fork(self, depth: int, length: int | None = None) -> None:
        """Replaces the newest `depth` blocks by `length` others (default: as many)."""
        self.branch += 1
        del self.blocks[len(self.blocks) - depth :]
        del self.parents[len(self.parents) - depth :]
        self.mine(depth if length is None else length)

    def log(self, *topics: bytes, data: bytes = b"") -> None:
        """Adds a log to the newest block."""
        block = self.blocks[-1]
        logs = self.logged.setdefault(block.hash, [])
        logs.append(Log(block.number, block.hash, len(logs), "0x" + "77" * 32, topics, data))

    def batch(self, asked: list[tuple[str, list[Any]]]) -> list[dict[str, Any]]:
        self.asked += [(method, params[0]) for method, params in asked]
        return [self._answer(params[0]) for _, params in asked]

    def block(self, number: int | None = None) -> Block:
        self.asked.append(("block", number))
        if number is not None and number >= len(self.blocks):
            raise NotFound("the chain has no such block", value=number)
        return self.blocks[-1 if number is None else number]

    def logs(self, address: str, topics: list[Any], first: int, last: int) -> list[Log]:
        self.asked.append(("logs", (first, last)))
        return [log for b in self.blocks[first : last + 1] for log in self.logged.get(b.hash, [])]

    def count(self, method: str) -> int:
        return sum(1 for name, _ in self.asked if name == method)

    def _answer(self, name: str) -> dict[str, Any]:
        if name == "finalized":
            if self.final is None:
                return {"error": {"code": -39001, "message": "Unknown block"}}
            name = hex(self.final)
        number = len(self.blocks) - 1 if name == "latest" else int(name, 16)
        if number >= len(self.blocks):
            return {"result": None}
        block = self.blocks[number]
        shown = {"number": hex(number), "timestamp": hex(block.timestamp), "hash": block.hash}
        return {"result": {**shown, "parentHash": self.parents[number]}}
