"""What happens in a run, in this order and at random moments: orders of payers, and faults."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from oracle.domain.errors import Unavailable
from oracle.domain.ordered import Ordered
from oracle.domain.request import Request
from tests.simulation.liars import post_any
from tests.simulation.payer import Payer
from tests.support.samples import request

if TYPE_CHECKING:
    from tests.simulation.world import World

Event = Callable[[], None]


class Script:
    """The events of a run that have not happened yet."""

    def __init__(self, world: World) -> None:
        self.world, self.dice = world, world.dice
        self.events: list[Event] = []
        self.payer = Payer(world, "payer", 10_000_000)
        for _ in range(world.options.rounds):
            self._add(getattr(self, "_" + self.dice.choice(world.options.orders).replace(" ", "_")))
        for kind in world.options.faults:
            self._add(getattr(self, "_" + kind))
        self._add(self._chores)

    def next(self) -> None:
        """Lets the next event happen."""
        self.events.pop(0)()

    def _add(self, make: Callable[[], list[Event]]) -> None:
        """Mixes the events of one kind into the others, and keeps their own order."""
        at = 0
        for event in make():
            at = self.dice.randint(at, len(self.events))
            self.events.insert(at, event)
            at += 1

    # Orders

    def _request(self, **changes: Any) -> Request:
        tier = self.dice.choice(("personal", "commercial"))
        return request(**{"tier": tier, "length": self.dice.choice((5, 8))} | changes)

    def _places(self, count: int) -> list[int]:
        return self.dice.sample(range(self.world.options.oracles), count)

    def _somewhere(self) -> int:
        return self.dice.randrange(self.world.options.oracles)

    def _sends(self, payer: Payer, made: Ordered, *where: int) -> Event:
        def event() -> None:
            for index in where:
                payer.send(made, index)

        return event

    def _ordered(self, **changes: Any) -> Ordered:
        return self.payer.order(self._request(**changes), self.payer.nonce())

    def _plain(self) -> list[Event]:
        return [self._sends(self.payer, self._ordered(), self._somewhere())]

    def _everywhere(self) -> list[Event]:
        made, places = self._ordered(), self._places(3)
        if self.dice.random() < 0.5:
            return [self._sends(self.payer, made, *places)]
        return [self._sends(self.payer, made, each) for each in places]

    def _same_nonce(self) -> list[Event]:
        nonce = self.payer.nonce()
        cheap, dear = self._request(tier="personal"), self._request(tier="commercial", length=8)
        asked = self.dice.sample([cheap, dear], 2)
        return [self._sends(self.payer, self.payer.order(each, nonce), where)
                for each, where in zip(asked, self._places(2), strict=True)]  # fmt: skip

    def _far_nonce(self) -> list[Event]:
        nonce = self.payer.nonce() + self.dice.choice((60, 63, 64, 70, 2**40))
        made = self.payer.order(self._request(), nonce)
        return [self._sends(self.payer, made, self._somewhere())]

    def _short_escrow(self) -> list[Event]:
        poor = Payer(self.world, f"poor {len(self.events)}", self.dice.choice((100_000, 330_000)))
        made = [poor.order(self._request(), poor.nonce()) for _ in range(3)]
        return [self._sends(poor, each, self._somewhere()) for each in made]

    def _late_deadline(self) -> list[Event]:
        left = self.dice.choice((0, 20, 120))
        made = self.payer.order(self._request(), self.payer.nonce(), left)
        return [self._sends(self.payer, made, self._somewhere())]

    def _one_holder(self) -> list[Event]:
        self.world.nodes[0].missing.add(3)
        made = self._ordered(references=[{"recording": 3, "weight": 1_000_000}])
        return [self._sends(self.payer, made, self._somewhere())]

    def _cancelled(self) -> list[Event]:
        made, where = self._ordered(), self._somewhere()
        return [self._sends(self.payer, made, where),
                lambda: self.payer.cancel(made, self._somewhere())]  # fmt: skip

    def _begun_together(self) -> list[Event]:
        """Sent to all oracles at once, and cancelled at each; a kind that only tests name."""
        made, places = self._ordered(), self._places(3)
        return [self._sends(self.payer, made, *places),
                *[lambda each=each: self.payer.cancel(made, each) for each in places]]  # fmt: skip

    def _chores(self) -> list[Event]:
        return [self.world.oracles[self._somewhere()].tidy for _ in range(3)]

    # Faults

    def _crash(self) -> list[Event]:
        oracle = self.world.oracles[self._somewhere()]

        def arm() -> None:
            oracle.deaths = self.dice.randint(1, 80)

        def restart() -> None:
            if not oracle.alive and not oracle.buried:
                self.world.tell(f"oracle {oracle.index} starts again")
                oracle.start()
            oracle.deaths = None

        return [arm, restart]

    def _death(self) -> list[Event]:
        oracle = self.world.oracles[self._somewhere()]

        def bury() -> None:
            if oracle.alive:
                oracle.die(forever=True)

        return [bury]

    def _loss(self) -> list[Event]:
        def lose() -> None:
            self.world.network.loss = self.dice.choice((0.05, 0.2, 0.5))

        return [lose]

    def _partition(self) -> list[Event]:
        pair = frozenset(self._places(2))
        cut = self.world.network.cut
        return [lambda: cut.add(pair), lambda: cut.discard(pair)]

    def _lie(self) -> list[Event]:
        liar = self._somewhere()
        posts = [lambda: post_any(self.world)] * self.dice.randint(0, 3)
        return [lambda: self.world.liars.add(liar), *posts]

    def _clock(self) -> list[Event]:
        """A clock of an oracle, or of a node, is wrong by up to ten minutes, and then right."""
        oracle, node = self.world.oracles[self._somewhere()], self.dice.choice(self.world.nodes)
        clock = self.dice.choice((oracle.clock, oracle.clock, node.clock))
        ahead = self.dice.choice((-600, -90, 90, 600))

        def wrong() -> None:
            self.world.tell(f"a clock is {ahead} seconds ahead")
            clock.ahead = ahead

        return [wrong, lambda: setattr(clock, "ahead", 0)]

    def _reorg(self) -> list[Event]:
        def reorganise() -> None:
            self.world.reorganise(self.dice.randint(1, 12))

        self.world.late = self.dice.randint(0, 2)
        return [reorganise for _ in range(self.dice.randint(1, 3))]

    def _node(self) -> list[Event]:
        node = self.dice.choice(self.world.nodes)

        def fail() -> None:
            node.fault = Unavailable("the node does not answer")
            if self.dice.random() < 0.5:
                node.jobs.clear()

        return [fail, lambda: setattr(node, "fault", None)]

    def _pinner(self) -> list[Event]:
        silent = self.world.oracles[self._somewhere()].silent
        return [lambda: silent.add("pinner"), lambda: silent.discard("pinner")]

    def _pause(self) -> list[Event]:
        chain = self.world.chain
        return [lambda: setattr(chain, "stopped", True), lambda: setattr(chain, "stopped", False)]

    def _cap(self) -> list[Event]:
        return [lambda: self.world.limit(self.dice.choice((0, 300_000, 500_000)))]

    def _revoke(self) -> list[Event]:
        return [lambda: self.world.chain.revoke(2)]

