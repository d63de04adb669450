"""Reads of the catalogue with 100 to 100,000 recordings, on a chain in memory.

The chain answers as a node does: headers, logs of the registrations, and views of the contract. So
the time is that of the oracle's own code, at a new block for every read.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from eth_abi import encode
from eth_utils import keccak, to_checksum_address

from oracle.adapters.chain import abi
from oracle.adapters.chain.block_reads import BlockReads
from oracle.adapters.chain.heads import Heads
from oracle.adapters.chain.recording_reader import RecordingReader
from oracle.adapters.chain.rpc_types import Log
from oracle.adapters.chain.settlement_index import SettlementIndex
from oracle.domain.block import Block
from scripts.bench.figures import Figure

SIZES = (100, 1_000, 10_000, 100_000)
BATCH = 50
"""Recordings of one registration."""

READS = 60
FLAT = 1.5
"""Largest cost of a read at the largest size, in reads at the smallest."""

LEDGER = to_checksum_address("0x" + "11" * 20)
OWNER = to_checksum_address("0x" + "22" * 20)
_VIEW = "(address,uint32,uint32,uint32,uint8,uint16,uint8,uint256,uint256)"


class MemoryChain:
    """Implements what the readers ask of Rpc: a chain with `size` recordings, one batch a block."""

    def __init__(self, size: int) -> None:
        self._ledger = abi.contract("RoyaltyLedger", LEDGER)
        self._views = {
            self._ledger.selector("recordings").hex(): encode(
                [_VIEW], [(OWNER, 0, 1, 2**32 - 1, 15, 10_000, 0, 0, 0)]
            ),
            self._ledger.selector("floors").hex(): encode(["uint64[4]"], [[0, 0, 0, 0]]),
            self._ledger.selector("pastConsent").hex(): encode(["uint256"], [0]),
        }
        self.height = 0
        self._logs: list[Log] = []
        for first in range(1, size + 1, BATCH):
            self.height += 1
            self._logs.append(self._registration(first, min(BATCH, size - first + 1)))
        self.height += 100

    def batch(self, asked: Sequence[tuple[str, Sequence[Any]]]) -> list[dict[str, Any]]:
        return [self._answer(method, params) for method, params in asked]

    def logs(self, address: str, topics: Sequence[Any], first: int, last: int) -> list[Log]:
        wanted = {bytes.fromhex(topic[2:]) for topic in topics[0]}
        part = self._logs[max(0, first - 1) : max(0, last)]
        return [log for log in part if log.topics[0] in wanted]

    def block(self, number: int | None = None) -> Block:
        at = self.height if number is None else number
        return Block(at, _hash(at), 1_700_000_000 + 12 * at)

    def _answer(self, method: str, params: Sequence[Any]) -> dict[str, Any]:
        if method == "eth_call":
            return {"result": "0x" + self._views[params[0]["data"][2:10]].hex()}
        number = self.height if params[0] == "latest" else int(params[0], 16)
        at = self.block(number)
        header = {"number": hex(at.number), "hash": at.hash, "timestamp": hex(at.timestamp)}
        return {"result": {**header, "parentHash": _hash(number - 1)}}

    def _registration(self, first: int, count: int) -> Log:
        kinds = ["uint32", "uint32", "uint32", "uint8", "uint16", "bytes32[]", "bytes32[]",
                 "string", "string"]  # fmt: skip
        digests = [keccak(b"%d" % number) for number in range(first, first + count)]
        isrcs = ",".join(f"QZK6F26{n % 100_000:05d}" for n in range(first, first + count))
        data = encode(kinds, [0, 1, 2**32 - 1, 15, 10_000, digests, digests, isrcs, ""])
        topics = (
            bytes.fromhex(self._ledger.topic("Registered")[2:]), first.to_bytes(32, "big"),
            bytes(12) + bytes.fromhex(OWNER[2:]),
        )  # fmt: skip
        return Log(self.height, _hash(self.height), 0, "0x" + "33" * 32, topics, data)


def _hash(number: int) -> str:
    return "0x" + number.to_bytes(32, "big", signed=True).hex()


def figures() -> list[Figure]:
    """The cost of one read at each size; the largest size beside the smallest."""
    found: dict[str, dict[int, float]] = {}
    for size in SIZES:
        for name, cost in _costs(size).items():
            found.setdefault(name, {})[size] = cost
    return [figure for name, costs in found.items() for figure in _figures(name, costs)]


def _figures(name: str, costs: dict[int, float]) -> list[Figure]:
    least, most = costs[SIZES[0]], costs[SIZES[-1]]
    if name == FIRST:
        return [Figure(f"{name}, {size:,} recordings", cost) for size, cost in costs.items()]
    between = [Figure(f"{name}, {size:,} recordings", costs[size]) for size in SIZES[:-1]]
    title = f"{name}, {SIZES[-1]:,} (peer: {SIZES[0]:,})"
    return [*between, Figure(title, most, FLAT * least, True, least)]


FIRST = "first read after a start, ms"


def _costs(size: int) -> dict[str, float]:
    chain: Any = MemoryChain(size)
    ledger, heads = abi.contract("RoyaltyLedger", LEDGER), Heads(chain, 2)
    reader = RecordingReader(chain, heads, BlockReads(chain), ledger, 0, 2)
    settlements = SettlementIndex(chain, heads, ledger, 0, 2)
    order = "0x" + "44" * 32
    ids = [1, size // 2, size]

    def recordings() -> None:
        head = heads.now()
        if len(reader.at(ids, head.closed, head)) != len(ids):
            raise RuntimeError("the catalogue lacks recordings")

    def settlement() -> None:
        head = heads.now()
        settlements.find(order, head, head.closed)

    first = _timed(chain, recordings, 1)
    return {
        FIRST: first,
        "three recordings at a new block, ms": _timed(chain, recordings, READS),
        "poll for a settlement at a new block, ms": _timed(chain, settlement, READS),
    }


def _timed(chain: MemoryChain, read: Callable[[], None], times: int) -> float:
    """Milliseconds of processor time of one read, each at a new block; the median."""
    costs = []
    for _ in range(times):
        chain.height += 1
        begun = time.process_time()
        read()
        costs.append(time.process_time() - begun)
    return 1e3 * sorted(costs)[len(costs) // 2]
