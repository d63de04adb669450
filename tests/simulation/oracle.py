"""One simulated oracle: the real context and the real worker, with every port under control."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from oracle.context import Context
from oracle.domain.errors import Unauthorised, Unavailable
from oracle.domain.generation import Generation
from oracle.domain.ordered import Ordered
from oracle.domain.proposal import Answer, Proposed
from oracle.domain.reservation import Ballot
from oracle.pipeline.runner import Pipeline
from oracle.pipeline.sweep import forget, sweep
from oracle.pipeline.worker import Worker
from oracle.quorum.batch_queue import MemoryBatchQueue
from tests.simulation.chain import Transaction
from tests.simulation.clock import OwnClock
from tests.simulation.network import Link
from tests.simulation.node import Client
from tests.simulation.port import Port
from tests.simulation.scheduler import Death
from tests.simulation.sender import SimulatedSender
from tests.support.fakes import FakePeer, FakeWithheld

if TYPE_CHECKING:
    from tests.simulation.world import World

THREADS = 2
"""Steps of a worker at the same time."""

PAUSES = 0.15
"""Part of the calls of ports at which an activity lets others go on."""


class Handlers(FakePeer):
    """The routes for other oracles, with what HTTP adds: who may lead, and following an order."""

    def __init__(self, oracle: SimulatedOracle, caller: int) -> None:
        signers = oracle.world.trio.terms.oracle_set.signers
        super().__init__(f"oracle-{oracle.index}", signers[caller])
        self.context = oracle.context
        self._worker, self._caller = oracle.worker, caller

    def reserve(self, ordered: Ordered, ballot: Ballot) -> Answer:
        self._require_leader(ballot)
        answer = super().reserve(ordered, ballot)
        self._worker.add(self._oracle().typed.order_hash(ordered.order))
        return answer

    def attest(self, proposed: Proposed) -> tuple[str, str]:
        self._require_leader(proposed.ballot)
        return super().attest(proposed)

    def _require_leader(self, ballot: Ballot) -> None:
        if ballot.leader != self._caller:
            raise Unauthorised("is not led by the caller", field="ballot.leader")


class SimulatedOracle:
    """An oracle that can die and start again from its database.

    Args:
        index: its place among the set's signers.
    """

    def __init__(self, world: World, index: int) -> None:
        self.world, self.index = world, index
        self.alive = False
        self.buried = False
        self.deaths: int | None = None
        self.silent: set[str] = set()
        self.outbox: dict[str, Transaction] = {}
        self.disk = world.disks[index]
        self.clock = OwnClock(world.clock)
        self.files = FakeWithheld(self.clock)
        self.saved = self.disk.store(self.clock)
        self._turns: list[Any] = []
        self._chores: Any = None

    def start(self) -> None:
        """Starts the process: everything but database, outbox and withheld files is new."""
        self.alive = True
        self.context = self._context()
        self.worker = Worker(Pipeline(self.context, self._point))
        for generation in self.context.store.unfinished():
            self.worker.add(generation)

    def answers(self, caller: int) -> Handlers:
        """What another oracle reaches of this one."""
        return Handlers(self, caller)

    def die(self, forever: bool = False) -> None:
        """Ends the process at once; what it does now goes no further."""
        self.world.tell(f"oracle {self.index} dies{' for ever' if forever else ''}")
        self.alive = False
        self.buried = self.buried or forever
        self.deaths = None
        self.world.scheduler.doom(self.index)

    def close(self) -> None:
        self.disk.close()

    def due(self) -> bool:
        """Whether its worker has a step to take now, and a thread for it."""
        if not self.alive or self.wait() != 0.0:
            return False
        self._turns = [each for each in self._turns if not each.done]
        return len(self._turns) < THREADS

    def wait(self) -> float | None:
        """Seconds until its worker has something to do; None when it has nothing."""
        return self.worker._wait(self.world.clock.now())

    def turn(self) -> None:
        """Begins one step of the worker."""
        now = self.world.clock.now()
        name = f"oracle {self.index} takes a step"
        self._turns.append(self.world.begin(name, self.index, lambda: self.worker.turn(now)))

    def tidy(self) -> None:
        """Begins the chores that an oracle does once a minute."""

        def work() -> None:
            sweep(self.context)
            forget(self.context)

        if self.alive and (self._chores is None or self._chores.done):
            self._chores = self.world.begin(f"oracle {self.index} tidies", self.index, work)

    def rows(self) -> list[Generation]:
        """Every generation that it knows; read without its ports."""
        return self.world.invariants.rows(self)

    def _context(self) -> Context:
        world, trio = self.world, self.world.trio
        bare = trio.contexts[self.index]
        sender = SimulatedSender(
            self.index, world.chain, trio.typed, trio.terms, self.outbox, self._call
        )
        others = [each for each in range(world.options.oracles) if each != self.index]
        promised = world.promises.store(self, self.saved)
        return replace(
            bare,
            ledger=self._port("chain", world.chain),
            attester=self._port("attester", world.invariants.watched(self, bare.attester)),
            sender=self._port("sender", world.invariants.sender(sender)),
            nodes=[self._port("node", Client(node, bare.attester.address)) for node in world.nodes],
            pinner=self._port("pinner", world.invariants.pinner(self)),
            withheld=self._port("withheld", self.files),
            peers=[Link(world.network, self.index, other) for other in others],
            store=self._port("store", world.invariants.store(self, promised)),
            clock=self.clock,
            terms=trio.terms,
            batch_queue=MemoryBatchQueue(),
        )  # fmt: skip

    def _port(self, name: str, target: Any) -> Any:
        return Port(name, target, self._call, self._call)

    def _point(self, point: str) -> None:
        self._call(f"point.{point}")

    def _call(self, point: str) -> None:
        """Around each call of a port: may end the process, fail, or let others go on."""
        world = self.world
        if world.scheduler.current is None:
            return
        if self.deaths is not None:
            self.deaths -= 1
            if self.deaths <= 0:
                world.tell(f"oracle {self.index} is at {point}")
                self.die()
                raise Death
        if self.silent and point.partition(".")[0] in self.silent:
            raise Unavailable(f"{point} does not answer")
        if world.dice.random() < PAUSES:
            world.scheduler.pause()
