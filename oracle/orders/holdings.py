"""Which recordings the generation nodes hold, and at which tempi.

Each node is asked at most once in a few seconds. Quotes are free, so they must not cost a node a
call each; and a node that does not answer must not delay every quote by its timeout.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence

from oracle.domain.errors import RefrainError
from oracle.domain.holdings import Holdings, NodeHolding
from oracle.ports import GenerationNode

log = logging.getLogger(__name__)

FRESH = 5.0
"""Seconds for which an answer of a node counts, or its silence."""

PATIENCE = 3.0
"""Seconds to wait for a node that another request asks now."""

MOST_KEPT = 100_000
"""Answers that are kept of one node."""

_NEVER = (None, -1.0)


class AskedHoldings:
    """Implements ports.NodeHoldings.

    Args:
        clock: seconds of a monotonic clock.
    """

    def __init__(
        self, nodes: Sequence[GenerationNode], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._nodes = [_Node(node, clock) for node in nodes]

    def payees(self) -> list[str]:
        """The payees of the nodes that answer, in order of preference."""
        return [each.payee for each in self.ask([]).nodes]

    def ask(self, recordings: Iterable[int]) -> Holdings:
        """Which of some recordings each node holds, and how many nodes do not answer."""
        wanted = frozenset(recordings)
        found = [node.ask(wanted) for node in self._nodes]
        known = tuple(each for each in found if each)
        return Holdings(known, len(found) - len(known))


class _Node:
    """One node with what it said last."""

    def __init__(self, node: GenerationNode, clock: Callable[[], float]) -> None:
        self._node, self._clock = node, clock
        self._asking = threading.Lock()
        self._payee, self._payee_until = "", -1.0
        self._silent_until = -1.0
        self._answers: dict[int, tuple[int | None, float]] = {}

    def ask(self, wanted: frozenset[int]) -> NodeHolding | None:
        """What it holds of `wanted`; None when it does not answer now."""
        known = self._known(wanted)
        if known or self._is_silent():
            return known
        if not self._asking.acquire(timeout=PATIENCE):
            return None
        try:
            # Another request may have had the answer while this one waited.
            return self._known(wanted) or (None if self._is_silent() else self._asked(wanted))
        finally:
            self._asking.release()

    def _is_silent(self) -> bool:
        return self._clock() < self._silent_until

    def _known(self, wanted: frozenset[int]) -> NodeHolding | None:
        now, found = self._clock(), [(n, self._answers.get(n, _NEVER)) for n in wanted]
        if now >= self._payee_until or any(now >= until for _, (_, until) in found):
            return None
        return NodeHolding(self._payee, {n: bpm for n, (bpm, _) in found if bpm is not None})

    def _asked(self, wanted: frozenset[int]) -> NodeHolding | None:
        try:
            if self._clock() >= self._payee_until:
                self._payee, self._payee_until = self._node.payee(), self._clock() + FRESH
            held = self._node.held(sorted(wanted)) if wanted else {}
        except RefrainError as error:
            log.warning("node %s does not say what it holds: %s", self._node.url, error)
            self._silent_until = self._clock() + FRESH
            return None
        if len(self._answers) >= MOST_KEPT:
            self._answers = {}
        until = self._clock() + FRESH
        self._answers.update({number: (held.get(number), until) for number in wanted})
        return NodeHolding(self._payee, {n: bpm for n, bpm in held.items() if n in wanted})
