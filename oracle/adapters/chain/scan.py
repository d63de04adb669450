"""Events of one contract, remembered as far as blocks are closed and asked anew beyond.

What a quote needs of the history then costs a block's hash and the logs of the newest blocks, not
the whole history each time. What is remembered is forgotten when its last block turns out not to be
the chain's any more.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from oracle.adapters.chain.answers import Log
from oracle.adapters.chain.contract import Contract
from oracle.adapters.chain.rpc import Rpc
from oracle.domain.block import Block


@dataclass(frozen=True)
class Event:
    """A log in words: where it stands, what it is called and what it says."""

    block: int
    log_index: int
    transaction: str
    name: str
    args: dict[str, Any]


class Scan:
    """The named events of a contract from block `start` on.

    Args:
        depth: blocks on top of a block before what it says is remembered.
    """

    def __init__(
        self, rpc: Rpc, contract: Contract, names: Sequence[str], start: int, depth: int
    ) -> None:
        self._rpc = rpc
        self._contract = contract
        self._topics = [[contract.topic(name) for name in names]]
        self._start = start
        self._depth = depth
        self._lock = threading.Lock()
        self._kept: list[Event] = []
        self._tip: Block | None = None

    def upto(self, last: int) -> list[Event]:
        """All of them up to block `last`, in the order of the chain."""
        with self._lock:
            self._extend(last - self._depth)
            kept, tip = list(self._kept), self._tip
        known = [event for event in kept if event.block <= last]
        first = self._start if tip is None else tip.number + 1
        return known + self._ask(first, last)

    def forget(self) -> None:
        """Begins again: a node answered with less than there is."""
        with self._lock:
            self._kept, self._tip = [], None

    def _extend(self, closed: int) -> None:
        if self._tip is not None and not self._rpc.canonical(self._tip.number, self._tip.hash):
            self._kept, self._tip = [], None
        first = self._start if self._tip is None else self._tip.number + 1
        if closed < first:
            return
        # The hash first: logs of a chain that takes over in between are then noticed later.
        tip = self._rpc.block(closed)
        self._kept += self._ask(first, closed)
        self._tip = tip

    def _ask(self, first: int, last: int) -> list[Event]:
        logs = self._rpc.logs(self._contract.address, self._topics, first, last)
        return [event_of(self._contract, log) for log in logs]


def event_of(contract: Contract, log: Log) -> Event:
    """A log of `contract` in words; Unavailable when it is none."""
    name, args = contract.event(log.raw)
    return Event(log.block, log.index, log.transaction, name, args)
