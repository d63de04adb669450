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
PATIENCE = 3.0
"""Seconds to wait for a node that another request asks now."""
MOST_KEPT = 100_000

_NEVER: tuple[float, tuple[Copy, ...]] = (-1.0, ())


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
        self._asking = threading.Lock()
        self._silent_until = -1.0
        self._known: dict[int, tuple[float, tuple[Copy, ...]]] = {}

    def ask(self, wanted: frozenset[int]) -> tuple[Copy, ...] | None:
        """Its copies of `wanted`; None when it does not answer now."""
        known = self._kept(wanted)
        if known is not None or self._is_silent():
            return known
        if not self._asking.acquire(timeout=PATIENCE):
            return None
        try:
            # Another request may have had the answer while this one waited.
            known = self._kept(wanted)
            return known if known is not None or self._is_silent() else self._asked(wanted)
        finally:
            self._asking.release()

    def _is_silent(self) -> bool:
        return self._clock() < self._silent_until

    def _kept(self, wanted: frozenset[int]) -> tuple[Copy, ...] | None:
        now, found = self._clock(), [self._known.get(each, _NEVER) for each in wanted]
        if any(now >= until for until, _ in found):
            return None
        return tuple(copy for _, copies in found for copy in copies)

    def _asked(self, wanted: frozenset[int]) -> tuple[Copy, ...] | None:
        try:
            found = self._node.copies(sorted(wanted))
        except RefrainError as error:
            log.warning("node %s does not say what is a copy: %s", self._node.url, error)
            self._silent_until = self._clock() + FRESH
            return None
        if len(self._known) >= MOST_KEPT:
            self._known = {}
        until = self._clock() + FRESH
        for number in wanted:
            self._known[number] = until, tuple(each for each in found if each.recording == number)
        return tuple(copy for copy in found if copy.recording in wanted)


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
