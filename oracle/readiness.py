"""Whether everything that a generation needs answers now."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Mapping

from oracle.domain.cid import cid_of
from oracle.domain.errors import RefrainError, Unavailable
from oracle.world import World

Probe = Callable[[], object]

PATIENCE = 1.5
"""Seconds for all probes together: whoever asks for readiness does not wait long either."""

OK = "ok"


class Readiness:
    """Asks the parts of the world side by side; an answer is good for a second.

    Args:
        world: whose chain, pinner and nodes are asked.
        peers: name to a probe that raises unless that oracle answers.
        patience: seconds for all probes together.
    """

    def __init__(
        self, world: World, peers: Mapping[str, Probe], patience: float = PATIENCE
    ) -> None:
        self._patience = patience
        self._needed = world.terms.oracle_set.threshold - 1
        self._nodes = {f"node {node.url}": node.payee for node in world.nodes}
        self._peers = {f"peer {name}": probe for name, probe in peers.items()}
        self._parts: dict[str, Probe] = {
            "chain": world.ledger.closed_block,
            "oracle set": lambda: _require_active(world),
            "pinner": lambda: world.pinner.pinned(cid_of(b"")),
            "store": world.store.unfinished,
        }
        self._lock = threading.Lock()
        self._until = 0.0
        self._last: dict[str, str] = {}

    def parts(self) -> dict[str, str]:
        """Each part with ``ok`` or what is wrong with it."""
        with self._lock:
            if time.monotonic() > self._until:
                self._last = _ask({**self._parts, **self._nodes, **self._peers}, self._patience)
                self._until = time.monotonic() + 1.0
            return self._last

    def require(self) -> dict[str, str]:
        """The parts, when they suffice for a generation.

        Raises:
            Unavailable: naming every part that does not answer. Two nodes are needed, one to make
                a track and one to replay it, and as many peers as make up the threshold.
        """
        found = self.parts()
        good = {name for name, state in found.items() if state == OK}
        enough = (
            self._parts.keys() <= good
            and len(good & self._nodes.keys()) >= 2
            and len(good & self._peers.keys()) >= self._needed
        )
        if not enough:
            wrong = "; ".join(f"{name}: {state}" for name, state in found.items() if state != OK)
            raise Unavailable(f"not ready: {wrong or 'too few nodes or peers are configured'}")
        return found


def _require_active(world: World) -> None:
    if world.ledger.paused():
        raise Unavailable("settling is paused on the ledger by its guardian")
    if not world.ledger.set_terms(world.typed.set_id(world.terms.oracle_set)).active:
        raise Unavailable("the ledger does not accept its signatures")


def _ask(probes: Mapping[str, Probe], patience: float) -> dict[str, str]:
    answers: queue.SimpleQueue[tuple[str, str]] = queue.SimpleQueue()
    for name, probe in probes.items():
        threading.Thread(target=_try, args=(name, probe, answers), daemon=True).start()
    found = dict.fromkeys(probes, f"no answer within {patience} s")
    end = time.monotonic() + patience
    for _ in probes:
        try:
            name, state = answers.get(timeout=max(0.0, end - time.monotonic()))
        except queue.Empty:
            break
        found[name] = state
    return found


def _try(name: str, probe: Probe, answers: queue.SimpleQueue[tuple[str, str]]) -> None:
    try:
        probe()
        answers.put((name, OK))
    except RefrainError as error:
        answers.put((name, str(error)))
