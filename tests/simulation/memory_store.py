"""The state of a simulated oracle in dictionaries: a store without the cost of tables.

It follows `oracle.adapters.store` rule by rule. `test_seeds.py` runs the same seeds with both, and
requires the same events.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from oracle.adapters.generations import KEPT_ENDED
from oracle.domain.errors import NotFound
from oracle.domain.generation import PAID, UNPAID, Generation
from oracle.domain.order import Order
from oracle.domain.seat import HeldOrder, OpenOrder, Reservations, Seat
from oracle.ports import Check, Clock, OrderRule, ReserveRule, SeatRule


@dataclass
class MemoryDisk:
    """What outlives a process: rows and seats, in the order in which they came.

    Args:
        ended: when each row that ended unpaid was saved last, seconds since 1970.
    """

    rows: dict[str, Generation] = field(default_factory=dict)
    seats: dict[tuple[str, int], Seat] = field(default_factory=dict)
    ended: dict[str, int] = field(default_factory=dict)

    def store(self, clock: Clock) -> MemoryStore:
        return MemoryStore(self, clock)

    def all_rows(self) -> list[Generation]:
        return list(self.rows.values())

    def close(self) -> None:
        """Nothing is open."""


class MemoryStore:
    """Implements ports.Store. A rule that raises changes nothing, as in a transaction."""

    def __init__(self, disk: MemoryDisk, clock: Clock) -> None:
        self._disk, self._clock = disk, clock

    def require_writable(self) -> None:
        """It always is."""

    def take(self, generation: Generation, check: Check) -> Generation:
        found = self.known(generation.id)
        if found is None:
            check(self.reservations(generation.order.payer))
            self._put(generation)
        return found or generation

    def known(self, generation: str) -> Generation | None:
        return self._disk.rows.get(generation)

    def load(self, generation: str) -> Generation:
        found = self.known(generation)
        if found is None:
            raise NotFound("no such generation", value=generation)
        return found

    def save(self, generation: Generation) -> None:
        self.save_all([generation])

    def save_all(self, generations: Sequence[Generation]) -> None:
        for generation in generations:
            if generation.id in self._disk.rows:
                self._put(generation)

    def exchange(self, before: Generation, after: Generation) -> bool:
        if self.known(before.id) != before:
            return False
        self._put(after)
        return True

    def unfinished(self) -> Sequence[str]:
        return [each.id for each in self._disk.rows.values() if not (each.ended and each.final)]

    def reservations(self, payer: str) -> Reservations:
        everybody = [each for each in self._disk.rows.values() if not each.ended]
        taken = sum(each.taken for each in everybody)
        held = tuple(
            HeldOrder(each.id, each.order.nonce, each.price, each.taken,
                      None if each.taken else self.seat(payer, each.order.nonce))
            for each in self._open(payer)
        )  # fmt: skip
        unpaid = sum(each.request.length for each in self._of(payer)
                     if each.may_be_made and each.stage not in PAID)  # fmt: skip
        return Reservations(held, taken, len(everybody) - taken, unpaid)

    def open_orders(self, payer: str) -> Sequence[OpenOrder]:
        return [
            OpenOrder(each.id, each.order, each.order_signature, each.price, each.taken,
                      self.seat(payer, each.order.nonce))
            for each in self._open(payer)
        ]  # fmt: skip

    def seat(self, payer: str, nonce: int) -> Seat | None:
        return self._disk.seats.get((payer.lower(), nonce))

    def change_seat(self, payer: str, nonce: int, rule: SeatRule) -> Seat:
        return self._seated(payer, nonce, rule(self.seat(payer, nonce)))

    def change_order(self, generation: str, order: Order, rule: OrderRule) -> Seat:
        made = rule(self.seat(order.payer, order.nonce), self.known(generation))
        return self._seated(order.payer, order.nonce, made)

    def reserve(self, generation: Generation, rule: ReserveRule) -> Seat:
        payer, nonce = generation.order.payer, generation.order.nonce
        made = rule(self.seat(payer, nonce), self.open_orders(payer))
        if self.known(generation.id) is None:
            self._put(generation)
        return self._seated(payer, nonce, made)

    def lend(self, generation: str, check: Check) -> None:
        found = self.known(generation)
        if found is None or found.may_be_made or found.ended:
            return
        check(self.reservations(found.order.payer))
        self._put(replace(found, lent=True))

    def prune(self, before: int) -> int:
        old = [identity for identity, when in self._disk.ended.items() if when < before]
        for identity in old:
            del self._disk.rows[identity], self._disk.ended[identity]
        return len(old)

    def _put(self, generation: Generation) -> None:
        self._disk.rows[generation.id] = generation
        self._disk.ended.pop(generation.id, None)
        if generation.stage in UNPAID:
            self._disk.ended[generation.id] = self._clock.now()
            if len(self._disk.ended) > KEPT_ENDED:
                raise RuntimeError("a run has too many orders: tables forget the oldest ones")

    def _seated(self, payer: str, nonce: int, seat: Seat) -> Seat:
        self._disk.seats[payer.lower(), nonce] = seat
        return seat

    def _of(self, payer: str) -> list[Generation]:
        wanted = payer.lower()
        return [each for each in self._disk.rows.values() if each.order.payer.lower() == wanted]

    def _open(self, payer: str) -> list[Generation]:
        return [each for each in self._of(payer) if not each.ended]
