"""The ballots that oracles promised: none is ever taken back, whatever dies or arrives late."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from oracle.domain.order import Order
from oracle.domain.reservation import Accepted, Ballot
from oracle.domain.seat import Seat
from tests.simulation.watched import Watched

if TYPE_CHECKING:
    from tests.simulation.oracle import SimulatedOracle
    from tests.simulation.world import World

LOWER = "no oracle promises or signs below a ballot that it promised"


class Promises:
    """Remembers the highest ballot of each seat apart from the oracle's own database."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._highest: dict[tuple[int, str, int], Ballot] = {}
        self._signed: dict[tuple[int, str, int], Accepted | None] = {}

    def store(self, oracle: SimulatedOracle, store: Any) -> Any:
        """The store of an oracle, of which each change of a seat is judged."""

        def reserve(generation: Any, rule: Any) -> Seat:
            made: Seat = store.reserve(generation, rule)
            self._saved(oracle, generation.order.payer, generation.order.nonce, made)
            return made

        def change_seat(payer: str, nonce: int, rule: Any) -> Seat:
            made: Seat = store.change_seat(payer, nonce, rule)
            self._saved(oracle, payer, nonce, made)
            return made

        def change_order(generation: str, order: Order, rule: Any) -> Seat:
            made: Seat = store.change_order(generation, order, rule)
            self._saved(oracle, order.payer, order.nonce, made)
            return made

        return Watched(store, reserve=reserve, change_seat=change_seat, change_order=change_order)

    def _saved(self, oracle: SimulatedOracle, payer: str, nonce: int, seat: Seat) -> None:
        """Judges a seat as it was saved; a signature is made only after that."""
        key = (oracle.index, payer.lower(), nonce)
        before = self._highest.get(key, seat.ballot)
        signs = seat.accepted if seat.accepted != self._signed.get(key) else None
        now = min(seat.ballot, signs.ballot) if signs else seat.ballot
        if now < before:
            self.world.invariants.fail(
                f"{LOWER}: oracle {oracle.index} has {now} after {before} of {seat.order[:10]}"
            )
        self._highest[key] = max(before, seat.ballot)
        self._signed[key] = seat.accepted
