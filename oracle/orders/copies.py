"""Which recordings sound alike, as the nodes say; each node is asked once in a few seconds."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence

from oracle.domain.copies import Copy, owners_of, quarantined, refusal_of
from oracle.domain.errors import RefrainError, Unavailable
from oracle.orders.conditions import Refusals
from oracle.orders.consent_checks import Recordings, raise_refusals
from oracle.ports import GenerationNode, Ledger, NodeCopies, Store

log = logging.getLogger(__name__)

FRESH = 5.0
"""Seconds for which an answer of a node counts, or its silence."""
MOST_KEPT = 100_000


class AskedCopies:
    """Implements ports.NodeCopies.

    Args:
        clock: seconds of a monotonic clock.
    """

    def __init__(
        self, nodes: Sequence[GenerationNode], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._nodes = [_Node(node, clock) for node in nodes]

    def ask(self, recordings: Iterable[int]) -> tuple[Copy, ...]:
        """The copies of some recordings that any node knows of, ascending by both ids."""
        wanted = frozenset(recordings)
        answers = [node.ask(wanted) for node in self._nodes] if wanted else []
        if wanted and all(answer is None for answer in answers):
            raise Unavailable("no generation node says which recordings are copies", public=True)
        found = {(each.recording, each.other): each for answer in answers for each in answer or ()}
        return tuple(found[pair] for pair in sorted(found))


class _Node:
    """One node with what it said last."""

    def __init__(self, node: GenerationNode, clock: Callable[[], float]) -> None:
        self._node, self._clock = node, clock
        self._lock = threading.Lock()
        self._silent_until = -1.0
        self._known: dict[int, tuple[float, tuple[Copy, ...]]] = {}

    def ask(self, wanted: frozenset[int]) -> tuple[Copy, ...] | None:
        """Its copies of `wanted`; None when it does not answer now."""
        with self._lock:
            now = self._clock()
            old = [each for each in wanted if now >= self._known.get(each, (-1.0, ()))[0]]
            if old and now < self._silent_until:
                return None
            if old and not self._asked(sorted(old)):
                return None
            return tuple(copy for each in wanted for copy in self._known[each][1])

    def _asked(self, numbers: Sequence[int]) -> bool:
        try:
            found = self._node.copies(numbers)
        except RefrainError as error:
            log.warning("node %s does not say what is a copy: %s", self._node.url, error)
            self._silent_until = self._clock() + FRESH
            return False
        if len(self._known) > MOST_KEPT:
            self._known = {}
        until = self._clock() + FRESH
        for number in numbers:
            own = tuple(copy for copy in found if copy.recording == number)
            self._known[number] = (until, own)
        return True


def refusals_for(
    ledger: Ledger, store: Store, copies: NodeCopies, known: Recordings, block: int
) -> Refusals:
    """Why recordings are quarantined; empty when none is.

    Args:
        known: the request's recordings as of the block.
    """
    found = copies.ask(known)
    if not found:
        return ()
    others = {copy.other for copy in found} - known.keys()
    owners = owners_of(known) | owners_of(ledger.recordings_at(others, block))
    held = quarantined(found, store.rulings(known), owners)
    return tuple(refusal_of(number, copy) for number, copy in sorted(held.items()))


def require_free(
    ledger: Ledger, store: Store, copies: NodeCopies, recordings: Iterable[int], block: int
) -> None:
    """Raises Refused when a recording is quarantined at a block; names every such recording."""
    known = ledger.recordings_at(recordings, block)
    raise_refusals(refusals_for(ledger, store, copies, known, block))
