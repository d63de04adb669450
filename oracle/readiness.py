"""Checks whether everything that a generation needs answers now, and is fit for it."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from oracle.context import Context
from oracle.domain.attestation import OracleSet
from oracle.domain.block import Block
from oracle.domain.cid import cid_of
from oracle.domain.errors import RefrainError, Unavailable
from oracle.ports import Clock, GenerationNode, Ledger

log = logging.getLogger(__name__)

Probe = Callable[[], object]
"""Raises when a part does not work. A peer's probe returns its time, seconds since 1970."""

PATIENCE = 1.5
"""Seconds for all probes together: health checkers wait only briefly for an answer."""

OK = "ok"

QUIET = 20
"""Seconds without a new block on a chain with regular blocks, unless three of them take longer."""

SKEW = 30
"""Largest difference of this oracle's clock in seconds."""

SAMPLE = 50
"""Recordings for which the nodes are asked whether they hold the audio."""


HIDDEN = "does not work"
"""What anybody reads in place of the words of a service."""


@dataclass(frozen=True)
class _Answer:
    state: str
    value: object = None
    public: bool = True


@dataclass(frozen=True)
class _Node:
    payee: str
    held: frozenset[int]


class Readiness:
    """Probes all parts at the same time. A result is reused for one second.

    Args:
        context: its chain, sender, pinner, store and nodes are probed.
        peers: name to a probe that raises unless that oracle answers.
        patience: seconds for all probes together.
    """

    def __init__(
        self, context: Context, peers: Mapping[str, Probe], patience: float = PATIENCE
    ) -> None:
        self._patience = patience
        oracle_set, ledger = context.terms.oracle_set, context.ledger
        self._block_seconds, self._clock = ledger.block_seconds, context.clock
        self._needed = oracle_set.threshold - 1
        self._nodes = {f"node {n.url}": _node_probe(ledger, n) for n in context.nodes}
        self._peers = {f"peer {n}": _offset_probe(p, context.clock) for n, p in peers.items()}
        self._parts: dict[str, Probe] = {
            "chain": lambda: _require_moving(ledger, context.clock),
            "finality": ledger.require_finality,
            "oracle set": lambda: _require_active(ledger, oracle_set),
            "gas": context.sender.require_funds,
            "pinner": lambda: context.pinner.pinned(cid_of(b"")),
            "store": context.store.require_writable,
        }
        self._lock = threading.Lock()
        self._until = 0.0
        self._last: dict[str, str] = {}
        self._private: set[str] = set()

    def parts(self) -> dict[str, str]:
        """Each part with ``ok`` or its error, for operators: both may hold URLs."""
        with self._lock:
            if time.monotonic() > self._until:
                found = _ask({**self._parts, **self._nodes, **self._peers}, self._patience)
                self._last = self._states(found)
                self._until = time.monotonic() + 1.0
            return self._last

    def require(self) -> dict[str, str]:
        """The parts, when they suffice for a generation.

        A generation needs two nodes with different payees (one makes the track, another checks
        it) and enough peers for the threshold.

        Raises:
            Unavailable: names every part that does not work.
        """
        found = self.parts()
        self._require(found, found)
        return found

    def shown(self) -> dict[str, str]:
        """As `require`, for anybody: without URLs and without the words of services.

        Nodes and peers have numbers, in the order of the settings. Raises as `require`.
        """
        found = self.parts()
        shown = {self._numbered(name): self._told(name, found[name]) for name in found}
        self._require(found, shown)
        return shown

    def _require(self, found: Mapping[str, str], shown: Mapping[str, str]) -> None:
        good = {name for name, state in found.items() if state == OK}
        enough = (
            self._parts.keys() | {"clock"} <= good
            and len(good & self._nodes.keys()) >= 2
            and len(good & self._peers.keys()) >= self._needed
        )
        if not enough:
            wrong = "; ".join(f"{name}: {state}" for name, state in shown.items() if state != OK)
            said = wrong or "too few nodes or peers are configured"
            raise Unavailable(f"not ready: {said}", public=True)

    def _told(self, name: str, state: str) -> str:
        return HIDDEN if name in self._private else self._numbered(state)

    def _numbered(self, text: str) -> str:
        """A text with a number for each name of a node or a peer."""
        for kind, names in (("node", self._nodes), ("peer", self._peers)):
            for number, name in enumerate(names, start=1):
                text = text.replace(name, f"{kind} {number}")
        return text

    def _states(self, found: Mapping[str, _Answer]) -> dict[str, str]:
        private = {name: answer.state for name, answer in found.items() if not answer.public}
        for name, state in private.items():
            if self._last.get(name) != state:
                log.warning("not ready: %s: %s", name, state)
        self._private = set(private)
        states = {name: answer.state for name, answer in found.items()}
        states |= _node_states({name: found[name] for name in self._nodes})
        offsets = [found[name].value for name in self._peers]
        newest = found["chain"].value
        states["clock"] = self._clock_state(
            [offset for offset in offsets if isinstance(offset, int)],
            newest if isinstance(newest, Block) else None,
        )
        return states

    def _clock_state(self, offsets: list[int], newest: Block | None) -> str:
        """Compares this clock with the other oracles' and, on a regular chain, with its blocks."""
        far = [offset for offset in offsets if abs(offset) > SKEW]
        if 2 * len(far) > len(offsets):
            return f"differs by {abs(far[0])} s from most of the other oracles"
        late = newest.timestamp - self._clock.now() if newest and self._block_seconds else 0
        return f"is {late} s behind the newest block" if late > SKEW else OK


def _require_moving(ledger: Ledger, clock: Clock) -> Block:
    """The newest block. Raises Unavailable when a regular chain has made none for too long."""
    newest = ledger.newest_block()
    age, limit = clock.now() - newest.timestamp, max(QUIET, 3 * ledger.block_seconds)
    if ledger.block_seconds and age > limit:
        detail = f"no new block for {age} s, after block {newest.number}"
        raise Unavailable(detail, public=True)
    return newest


def _require_active(ledger: Ledger, oracle_set: OracleSet) -> None:
    if ledger.paused():
        raise Unavailable("the guardian has paused settlement on the ledger", public=True)
    if not ledger.set_terms(oracle_set).active:
        raise Unavailable("the ledger does not accept the set's signatures", public=True)


def _node_probe(ledger: Ledger, node: GenerationNode) -> Probe:
    def ask() -> _Node:
        return _Node(node.payee().lower(), frozenset(node.held(_sample(ledger.recording_count()))))

    return ask


def _sample(count: int) -> list[int]:
    """Up to `SAMPLE` ids of the registered recordings, evenly spread, with the newest."""
    step = max(1, -(-count // SAMPLE))
    return list(range(count, 0, -step))


def _offset_probe(probe: Probe, clock: Clock) -> Probe:
    def ask() -> int | None:
        time_there = probe()
        return time_there - clock.now() if isinstance(time_there, int) else None

    return ask


def _node_states(found: Mapping[str, _Answer]) -> dict[str, str]:
    """The states of nodes that answer but do not count: an earlier one's payee, or no audio.

    A node may lack recordings that others hold. One that holds none of them has no repertoire.
    """
    nodes = {name: answer.value for name, answer in found.items()}
    answered = {name: node for name, node in nodes.items() if isinstance(node, _Node)}
    anywhere = {number for node in answered.values() for number in node.held}
    states: dict[str, str] = {}
    payees: dict[str, str] = {}
    for name, node in answered.items():
        first = payees.setdefault(node.payee, name)
        if anywhere and not node.held:
            states[name] = f"holds none of {len(anywhere)} recordings that other nodes hold"
        elif first != name:
            states[name] = f"is paid to the same address as {first}"
    return states


def _ask(probes: Mapping[str, Probe], patience: float) -> dict[str, _Answer]:
    answers: queue.SimpleQueue[tuple[str, _Answer]] = queue.SimpleQueue()
    for name, probe in probes.items():
        threading.Thread(target=_try, args=(name, probe, answers), daemon=True).start()
    found = dict.fromkeys(probes, _Answer(f"no answer within {patience} s"))
    end = time.monotonic() + patience
    for _ in probes:
        try:
            name, answer = answers.get(timeout=max(0.0, end - time.monotonic()))
        except queue.Empty:
            break
        found[name] = answer
    return found


def _try(name: str, probe: Probe, answers: queue.SimpleQueue[tuple[str, _Answer]]) -> None:
    try:
        answers.put((name, _Answer(OK, probe())))
    except RefrainError as error:
        answers.put((name, _Answer(str(error), public=error.public)))
