"""A payer: signs orders and sends them to whichever oracle it likes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from oracle.domain.errors import RefrainError
from oracle.domain.ordered import Ordered
from oracle.domain.request import Request
from oracle.orders.acceptance import take
from oracle.quorum import cancelling
from tests.support.samples import order_for, ordered
from tests.support.trio import key

if TYPE_CHECKING:
    from tests.simulation.world import World


class Payer:
    """An account with escrow and a key."""

    def __init__(self, world: World, name: str, escrow: int) -> None:
        self.world, self.name = world, name
        self.key = key(name)
        self.address = self.key.address
        self._next = 0
        world.chain.escrow[self.address.lower()] = escrow
        world.invariants.first_escrow[self.address.lower()] = escrow

    def nonce(self) -> int:
        """A nonce of its own for one event."""
        self._next += 1
        return self._next - 1

    def order(self, asked: Request, nonce: int, left: int = 1_800) -> Ordered:
        """A signed order. `left`: seconds from the start of the run to its deadline."""
        typed = self.world.trio.typed
        made = order_for(asked, payer=self.address, nonce=nonce, deadline=self.world.born + left)
        self.world.invariants.orders[typed.order_hash(made)] = made
        return ordered(asked, made, self._sign(typed.order_digest(made)))

    def _sign(self, digest: bytes) -> str:
        return "0x" + self.key.sign(digest).hex()

    def send(self, made: Ordered, index: int) -> None:
        """Sends an order to one oracle, as `POST /v1/generations` does."""
        oracle, identity = self.world.oracles[index], self.world.trio.typed.order_hash(made.order)

        def post() -> None:
            taken = take(oracle.context, made)
            oracle.worker.add(taken.id)

        nonce = made.order.nonce
        self._call(f"{self.name} orders {identity[:10]} with nonce {nonce}", index, post)

    def cancel(self, made: Ordered, index: int) -> None:
        """Cancels an order at one oracle, as `DELETE /v1/generations/{generation}` does."""
        oracle, typed = self.world.oracles[index], self.world.trio.typed
        identity = typed.order_hash(made.order)
        signature = self._sign(typed.cancel_digest(identity))

        def delete() -> None:
            cancelling.cancel(oracle.context, identity, signature)

        self._call(f"{self.name} cancels {identity[:10]}", index, delete)

    def _call(self, what: str, index: int, work: Callable[[], None]) -> None:
        if not self.world.oracles[index].alive:
            return

        def call() -> None:
            try:
                work()
            except RefrainError as error:
                self.world.tell(f"{what}: oracle {index} refuses: {error}")

        self.world.begin(f"{what} at oracle {index}", index, call)
