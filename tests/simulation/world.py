"""Everything of one simulated run: oracles, chain, nodes, network, time, and the dice."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from generator.node.orders import Orders
from oracle.domain.errors import RefrainError
from tests.simulation import liars
from tests.simulation.acts import Acts
from tests.simulation.chain import MAX_LAG, SimulatedChain
from tests.simulation.clock import OwnClock, SimulatedClock
from tests.simulation.disk import no_engine
from tests.simulation.invariants import Invariants
from tests.simulation.memory_store import MemoryDisk
from tests.simulation.network import Network
from tests.simulation.node import TinyNode
from tests.simulation.options import Options
from tests.simulation.oracle import SimulatedOracle
from tests.simulation.promises import Promises
from tests.simulation.scheduler import Activity, Death, Scheduler
from tests.support.trio import Trio, make_trio


@dataclass
class World:
    """One run.

    Args:
        dice: the only source of chance.
        log: (time, text) of everything that happened.
        disk: makes the empty disk of an oracle.
        secrets: sha256 of each file that a node made, to its generation.
        torn: orders of which a liar that leads asked others to sign something else than its own
            proposal. Each signs what it finds right, under each ballot once, so that two
            attestations may get enough signatures. The ledger takes one of them.
        late: reorganisations that happen after all orders have ended.
    """

    options: Options
    dice: random.Random
    disk: Callable[[], Any] = MemoryDisk
    clock: SimulatedClock = field(default_factory=SimulatedClock)
    log: list[tuple[int, str]] = field(default_factory=list)
    secrets: dict[str, str] = field(default_factory=dict)
    liars: set[int] = field(default_factory=set)
    torn: set[str] = field(default_factory=set)
    late: int = 0

    def __post_init__(self) -> None:
        options = self.options
        self.acts = Acts(self)
        self.scheduler = Scheduler(self.acts.seen)
        self.disks = [self.disk() for _ in range(options.oracles)]
        self.chain = SimulatedChain(self.dice, self.dice.choice((1, 2, 6)))
        size, threshold = options.oracles, options.threshold
        self.trio: Trio = make_trio(
            Path(), size, threshold, self.chain, disk=lambda _: no_engine()
        )
        lease = self.dice.choice((30, 60, 120))
        self.trio.terms = replace(
            self.trio.terms, max_age=MAX_LAG // 3, lease=lease,
            keep_unpaid=self.dice.choice((0, 600, 86_400)),
        )  # fmt: skip
        self.invariants = Invariants(self)
        self.promises = Promises(self)
        self.nodes = [self._node(each.url, each.payee()) for each in self.trio.nodes]
        self.network = Network(
            self.scheduler, self.clock, self.dice, self.handlers, self.tell,
            lambda *call: liars.sent(self, *call), lambda *call: liars.answered(self, *call),
        )  # fmt: skip
        self.oracles = [SimulatedOracle(self, index) for index in range(options.oracles)]
        self.clock.pass_time(self.chain.blocks[-1].timestamp - self.clock.now())
        self.born = self.clock.now()
        for each in self.oracles:
            each.start()

    def _node(self, url: str, payee: str) -> TinyNode:
        clock = OwnClock(self.clock)
        orders = Orders(self.trio.typed, self.trio.terms.oracle_set, clock.now)
        made = TinyNode(url, payee, orders, self.secrets, self.invariants.begun)
        made.clock = clock
        made.looks = self.dice.choice((0, 1, 3))
        return made

    def tell(self, text: str) -> None:
        self.log.append((self.clock.now(), text))

    def handlers(self, source: int, target: int) -> Any:
        """What one oracle reaches of another one; None while that is dead."""
        reached = self.oracles[target]
        return reached.answers(source) if reached.alive else None

    def living(self) -> list[SimulatedOracle]:
        return [each for each in self.oracles if each.alive]

    def begin(self, name: str, owner: int, work: Callable[[], Any]) -> Activity:
        self.tell(name)
        return self.scheduler.start(name, owner, work)

    def resume(self, activity: Activity) -> None:
        """Runs one piece of an activity; the errors that no caller waits for are judged here."""
        self.scheduler.resume(activity)
        self.scheduler.reap()
        error = activity.error
        if activity.done and error and not isinstance(error, (RefrainError, Death)):
            self.invariants.unexpected(activity.name, error)

    def pass_time(self, seconds: int) -> None:
        self.clock.pass_time(seconds)
        self.chain.grow(self.clock.now())
        self.acts.note_final()

    def reorganise(self, depth: int) -> None:
        """Replaces the newest blocks, at most `depth`; a finalized block is never replaced."""
        depth = min(depth, self.chain.final_depth or 0)
        self.tell(f"the chain replaces {depth} blocks")
        self.chain.reorganise(depth)

    def limit(self, cap: int) -> None:
        """Sets what the set may settle through one node in an epoch, smallest units."""
        known = self.chain.sets[self.trio.terms.oracle_set]
        self.chain.sets[self.trio.terms.oracle_set] = replace(known, cap=cap)

    @property
    def agrees(self) -> bool:
        """Whether two quorums always share an honest oracle, so that all agree in spite of liars.

        The ledger takes a nonce once, whatever the oracles sign.
        """
        options = self.options
        return 2 * options.threshold - options.oracles > len(self.liars)

    def heal(self) -> None:
        """From here on nothing fails any more; who is dead for ever and who lies stays so."""
        self.tell("quiet")
        self.network.loss, self.network.cut, self.chain.stopped = 0.0, set(), False
        for node in self.nodes:
            node.fault, node.clock.ahead = None, 0
        for each in self.oracles:
            each.silent.clear()
            each.clock.ahead = 0
            each.deaths = None
            if not each.alive and not each.buried:
                each.start()

    def at_rest(self) -> bool:
        """Whether nothing is left to do but to watch."""
        return not self.scheduler.live and not self.chain.pool and all(
            self.invariants.rests(each) for each in self.living()
        )

    def close(self) -> None:
        self.scheduler.close()
        for each in self.oracles:
            each.close()
