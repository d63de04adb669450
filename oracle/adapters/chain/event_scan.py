"""Events of contracts, read once: closed blocks are kept, newer blocks are read again.

A question then needs no call of the chain while the newest block is the same, and the logs of the
newest blocks when it is another, whatever the length of the history. The kept events are dropped
when their last block is no longer on the chain.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from oracle.adapters.chain.contract import Contract
from oracle.adapters.chain.heads import Head, Heads
from oracle.adapters.chain.joined import Joined
from oracle.adapters.chain.rpc import Rpc
from oracle.adapters.chain.rpc_types import Log
from oracle.domain.block import Block

DEEP = 16
"""Least number of blocks on top of a block before its events are kept: behind one URL may be
several nodes, and one that lags answers without the newest logs."""

PIECE = 50_000
"""Most blocks of a first reading that are asked for at once."""


@dataclass(frozen=True)
class Event:
    """A decoded log: its position, name and arguments."""

    block: int
    log_index: int
    transaction: str
    name: str
    args: dict[str, Any]


class Source(Protocol):
    """Where events come from: a contract, or several ones."""

    @property
    def address(self) -> str | Sequence[str]:
        """EIP-55, of each contract."""

    def topic(self, event: str) -> str:
        """The first topic of an event, 0x-hex."""


class Index(Protocol):
    """What is kept of the events."""

    def add(self, log: Log) -> None:
        """Adds a log, after those before it on the chain."""


Kept = TypeVar("Kept", bound=Index)


class Scan(Generic[Kept]):
    """The named events of contracts from block `start` on.

    Args:
        index: makes an empty index.
        depth: least number of blocks on top of a block before its events are kept.
    """

    def __init__(
        self,
        rpc: Rpc,
        heads: Heads,
        source: Source,
        names: Sequence[str],
        start: int,
        index: Callable[[], Kept],
        depth: int = DEEP,
    ) -> None:
        self._rpc = rpc
        self._heads = heads
        self._address = source.address
        self._topics = [[source.topic(name) for name in names]]
        self._start = start
        self._make = index
        self._depth = max(depth, DEEP)
        self._lock = threading.Lock()
        self._read = Joined(self._read_on)
        self._closed, self._newest = index(), index()
        self._tip: Block | None = None
        self._seen = ""
        self._forgotten = False

    @contextmanager
    def upto(self, head: Head) -> Iterator[tuple[Kept, Kept]]:
        """The events of closed blocks, and those of newer blocks up to the head or a later one.

        Both are only to be read, and only inside the block.

        Raises:
            Unavailable: the chain does not answer, or changes while it is read.
        """
        if self._seen != head.newest.hash:
            self._read.get()
        with self._lock:
            yield self._closed, self._newest

    @property
    def tip(self) -> Block | None:
        """The last block whose events are kept; None without one."""
        return self._tip

    def read_newest_again(self) -> None:
        """Reads the newer events again at the next question."""
        self._seen = ""

    def forget(self) -> None:
        """Reads everything again at the next question, after a node returned too few events."""
        self._forgotten, self._seen = True, ""

    def _read_on(self) -> None:
        """Reads the logs above the kept ones, up to the newest block."""
        newest = self._heads.last().newest
        if self._seen == newest.hash:
            return  # read for another question, while this one waited
        if self._forgotten or (self._tip and not self._heads.holds(self._tip)):
            self._forgotten, self._tip = False, None
            with self._lock:
                self._closed = self._make()
        while newest.number - self._first() > PIECE:
            self._keep_piece(self._heads.needed(self._first() + PIECE - 1))
        logs = self._rpc.logs(self._address, self._topics, self._first(), newest.number)
        sound = [log for log in logs if self._is_on_chain(log)]
        if len(sound) == len(logs):
            self._take(sound, self._heads.needed(max(newest.number - self._depth, 0)))
            self._seen = newest.hash
        else:
            # Logs of an undone block: the next question reads these blocks again.
            self._take(sound, None)
            self._seen = ""

    def _first(self) -> int:
        return self._start if self._tip is None else self._tip.number + 1

    def _keep_piece(self, last: Block) -> None:
        logs = self._rpc.logs(self._address, self._topics, self._first(), last.number)
        self._take(logs, last)

    def _is_on_chain(self, log: Log) -> bool:
        known = self._heads.known(log.block)
        return known is None or known.hash == log.block_hash

    def _take(self, logs: Sequence[Log], closed: Block | None) -> None:
        """Replaces the newer events, and keeps those up to block `closed`."""
        newer, last = self._make(), -1 if closed is None else closed.number
        with self._lock:
            for log in logs:
                (self._closed if log.block <= last else newer).add(log)
            self._newest = newer
        if closed is not None and last >= self._first():
            self._tip = closed


def event_of(contract: Contract, log: Log) -> Event:
    """A decoded log of `contract`; Unavailable for any other log."""
    name, args = contract.event(log)
    return Event(log.block, log.index, log.transaction, name, args)
