"""Small random scripts against the real stack: what a payer and a killed oracle do.

A seed decides the kind of the script, its orders, where they go, and when an oracle is killed.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from oracle.client.app import App
from oracle.domain.order import Order
from oracle.domain.request import Request
from scripts.stack.layout import ORACLES
from tests.attacks.ordering import order_of, send_all
from tests.e2e.world import World, asked

KINDS = ("everywhere", "same nonce", "far nonce", "short escrow", "late deadline", "killed",
         "one holder")  # fmt: skip
ESCROW = 2_000_000
SHORT = 75_000
"""Escrow for one short track for personal use, and not for two."""

TAKEN = 202
Sent = tuple[str, Request, Order]


@dataclass
class Script:
    """What one seed does.

    Args:
        seed: decides everything that follows.
        kind: one of `KINDS`; each follows from the seed, so that 20 seeds have all of them.
        said: what happened, for the message of a failure.
        taken: the orders that an oracle took, by the id of their generation.
    """

    seed: int
    said: list[str] = field(default_factory=list)
    taken: dict[str, Order] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.dice = random.Random(f"real stack {self.seed}")
        self.kind = KINDS[self.seed % len(KINDS)]

    @property
    def escrow(self) -> int:
        """The money that its payer has, smallest units."""
        return SHORT if self.kind == "short escrow" else ESCROW

    def __str__(self) -> str:
        return "\n".join([f"seed {self.seed}, {self.kind}", *self.said])

    def play(self, world: World, app: App, lone: int) -> None:
        """Sends the orders. `lone`: a recording that only one node has."""
        sent = getattr(self, "_" + self.kind.replace(" ", "_"))(world, app, lone)
        if self.kind == "killed":
            self._kill(world, app, sent)
        else:
            self._send(world, app, sent)

    def _request(self, world: World, count: int = 2) -> Request:
        numbers = sorted(item.recording for item in self.dice.sample(world.chosen, count))
        weights = [1_000_000] if count == 1 else [600_000, 400_000]
        return asked(zip(numbers, weights, strict=True), self.dice.choice((5, 6)), "personal")

    def _places(self, count: int) -> list[str]:
        return self.dice.sample(ORACLES, count)

    def _everywhere(self, world: World, app: App, _lone: int) -> list[Sent]:
        request = self._request(world)
        order = order_of(app, request)
        return [(each, request, order) for each in self._places(self.dice.choice((2, 3)))]

    def _same_nonce(self, world: World, app: App, _lone: int) -> list[Sent]:
        first, second = self._request(world), self._request(world, 1)
        order = order_of(app, first)
        other = order_of(app, second, nonce=order.nonce)
        places = self._places(2)
        return [(places[0], first, order), (places[1], second, other)]

    def _far_nonce(self, world: World, app: App, _lone: int) -> list[Sent]:
        request, places = self._request(world), self._places(2)
        near = order_of(app, request)
        far = replace(near, nonce=near.nonce + self.dice.choice((64, 70, 2**40)))
        return [(places[0], request, near), (places[1], request, far)]

    def _short_escrow(self, world: World, app: App, _lone: int) -> list[Sent]:
        made = []
        for nonce, place in enumerate(self._places(3)):
            request = self._request(world)
            request = replace(request, length=5)
            made.append((place, request, order_of(app, request, nonce=nonce)))
        return made

    def _late_deadline(self, world: World, app: App, _lone: int) -> list[Sent]:
        newest = int(world.rpc("eth_getBlockByNumber", "latest", False)["timestamp"], 16)
        request = self._request(world)
        order = order_of(app, request, deadline=newest + self.dice.choice((5, 20, 40)))
        return [(each, request, order) for each in self._places(2)]

    def _killed(self, world: World, app: App, _lone: int) -> list[Sent]:
        return self._everywhere(world, app, _lone)

    def _one_holder(self, world: World, app: App, lone: int) -> list[Sent]:
        request = asked([(lone, 1_000_000)], 5, "personal")
        quote = app.quote(request)
        reasons = {each["reason"] for each in quote["refusals"]}
        assert reasons == {"not_held"}, f"the quote says {reasons}"
        like = self._request(world, 1)
        order = replace(order_of(app, like), request=request.digest())
        places = self._places(2)
        return [(places[0], request, order), (places[1], like, order_of(app, like))]

    def _send(self, world: World, app: App, sent: Sequence[Sent]) -> None:
        for (place, _, order), answer in zip(sent, send_all(world, app, sent), strict=True):
            name = app.id_of(order)
            self.said.append(f"{place} answers {answer.status_code} to {name} "
                             f"with nonce {order.nonce}")  # fmt: skip
            if answer.status_code == TAKEN:
                self.taken[name] = order

    def _kill(self, world: World, app: App, sent: Sequence[Sent]) -> None:
        """Kills the oracle that got the order first, and starts it again at once."""
        self._send(world, app, sent[:1])
        wait, leader = self.dice.uniform(0, 4), sent[0][0]
        time.sleep(wait)
        world.stack.processes.kill(leader)
        self.said.append(f"{leader} is killed after {wait:.1f} seconds")
        self._send(world, app, sent[1:])
        world.stack.start_oracle(leader)
        world.stack.await_health(leader)
