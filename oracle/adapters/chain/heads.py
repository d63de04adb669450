"""The newest blocks of the chain, followed by parent hash.

The only place that notices a reorganisation: caches compare their block with `at`, and one that
reaches below the finalized block is an alarm, because a settlement that counted as final may be
gone.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from oracle.adapters.chain.headers import Header, finalized_header, headers, newest_header
from oracle.adapters.chain.joined import Joined
from oracle.adapters.chain.rpc import Rpc
from oracle.domain.block import Block
from oracle.domain.errors import Inconsistent, NotFound, Unavailable
from oracle.domain.release import WATCHED

log = logging.getLogger(__name__)

FRESH = 0.25
"""Seconds for which requests may share one look at the newest block."""

SPAN = WATCHED
"""Least number of headers below the newest one that are kept: every deeper fork is an alarm."""

BEHIND = "the node is behind the blocks that it showed before"


@dataclass(frozen=True)
class Head:
    """The newest block, and the newest one that has the required confirmations."""

    newest: Block
    closed: Block


class Heads:
    """Follows the chain of one node.

    Args:
        confirmations: blocks between the closed block and the newest one, 0 or more.
        clock: seconds that never go back.
    """

    def __init__(
        self, rpc: Rpc, confirmations: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rpc = rpc
        self._confirmations = confirmations
        self._clock = clock
        self._span = max(SPAN, confirmations)
        self._kept = self._span + WATCHED
        self._known: Mapping[int, Header] = {}
        self._last: tuple[float, Head] | None = None
        self._final: tuple[str, Block | None] | None = None
        self._undone = ""
        self._look = Joined(self._read)

    def now(self) -> Head:
        """The head of the chain, looked at after this call."""
        return self._look.get()

    def recent(self) -> Head:
        """The head of the chain, looked at within the last quarter of a second."""
        last = self._last
        if last is not None and self._clock() - last[0] <= FRESH:
            return last[1]
        return self.now()

    def last(self) -> Head:
        """The head as it was looked at last, however long ago."""
        return self._last[1] if self._last else self.now()

    def at(self, number: int) -> Block:
        """A block of the chain as last followed; older ones are asked for.

        Raises:
            NotFound: the chain has no such block.
        """
        return self.known(number) or self._rpc.block(number)

    def needed(self, number: int) -> Block:
        """As `at`, for a block that a node has shown before; Unavailable when it is missing."""
        try:
            return self.at(number)
        except NotFound:
            raise Unavailable(BEHIND, value=number) from None

    def known(self, number: int) -> Block | None:
        """A block among the newest ones that are kept; None for others."""
        found = self._known.get(number)
        return found.block if found else None

    def holds(self, block: Block) -> bool:
        """Whether the chain as last followed contains this block."""
        try:
            return self.at(block.number).hash == block.hash
        except NotFound:
            return False

    def finalized(self) -> Block | None:
        """The node's finalized block; None when the node names none."""
        newest = self.now().newest.hash
        if self._final is None or self._final[0] != newest:
            found = finalized_header(self._rpc)
            self._final = (newest, found)
        return self._final[1]

    def require_finality(self) -> None:
        """Raises Inconsistent when a reorganisation has undone a final block since the start."""
        if self._undone:
            raise Inconsistent(self._undone, field="finality")

    def _read(self) -> Head:
        newest = newest_header(self._rpc)
        if self._known.get(newest.number) != newest:
            self._follow(newest)
        # Of a node that lags, the closed block does not go back.
        closed = self._known.get(max(0, max(self._known) - self._confirmations))
        if closed is None or closed.number > newest.number:
            raise Unavailable(BEHIND, value=newest.number)
        head = Head(newest.block, closed.block)
        self._last = (self._clock(), head)
        return head

    def _follow(self, newest: Header) -> None:
        """Extends the known headers to `newest`, and drops those of an undone branch."""
        known = self._known
        if known and newest.number < min(known):
            raise Unavailable(BEHIND, value=newest.number)
        fork = self._fork(known, newest)
        filled = self._filled({n: header for n, header in known.items() if n <= fork}, newest)
        if known and fork < max(known):
            self._report(max(known), fork, fork >= min(known))
        # One assignment, because `at` reads it in other threads.
        self._known = {n: h for n, h in filled.items() if n >= newest.number - self._kept}

    def _fork(self, known: Mapping[int, Header], newest: Header) -> int:
        """Number of the highest known block on the branch of `newest`."""
        below = known.get(newest.number - 1)
        if below and below.block.hash == newest.parent:
            return below.number
        shared = [number for number in sorted(known, reverse=True) if number < newest.number]
        for part in (shared[:1], shared[1:20], shared[20:]):
            for number, header in zip(part, headers(self._rpc, part), strict=True):
                if header == known[number]:
                    return number
        return min(known, default=0) - 1

    def _filled(self, known: dict[int, Header], newest: Header) -> dict[int, Header]:
        """The headers up to `newest`, each linked to the one below by its parent hash."""
        least, tip = max(0, newest.number - self._span), max(known, default=-1)
        if not known or min(known) > least or newest.number - tip > self._kept:
            known, tip = {}, least - 1
        between = headers(self._rpc, range(tip + 1, newest.number))
        for number, header in enumerate([*between, newest], start=tip + 1):
            below = known.get(number - 1)
            linked = below is None or (header is not None and header.parent == below.block.hash)
            if header is None or header.number != number or not linked:
                raise Unavailable("the chain changes while it is read", value=number)
            known[number] = header
        return known

    def _report(self, tip: int, fork: int, exact: bool) -> None:
        """Logs a reorganisation. Unless `exact`, it reaches below the known blocks."""
        least = "" if exact else "at least "
        log.warning(
            "a reorganisation undid the %s%s newest blocks, from %s on", least, tip - fork, fork + 1
        )
        if self._is_final(fork + 1, tip, exact):
            undone = f"a reorganisation of {least}{tip - fork} blocks undid block {fork + 1}"
            self._undone = f"{undone}, which was final"
            log.critical("%s; settlements that were final may be gone", self._undone)

    def _is_final(self, undone: int, tip: int, exact: bool) -> bool:
        """Whether the highest undone block, or one below it, was final."""
        final = self._final[1] if self._final else None
        if final is None:
            return undone <= tip - WATCHED
        if exact:
            return undone <= final.number
        (found,) = headers(self._rpc, [final.number])
        return found is None or found.block != final
