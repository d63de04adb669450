"""The oracle's durable state: generations and seats."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlalchemy import Engine

from oracle.adapters import generations as table
from oracle.adapters.clock import SystemClock
from oracle.adapters.database import looking, reading, require_writable, writing
from oracle.adapters.rulings import read_ruling, read_rulings, write_ruling
from oracle.adapters.seats import read_seat, write_seat
from oracle.domain.copies import Decision, Ruling
from oracle.domain.errors import NotFound
from oracle.domain.generation import Generation
from oracle.domain.order import Order
from oracle.domain.seat import OpenOrder, Reservations, Seat
from oracle.ports import Check, Clock, OrderRule, ReserveRule, SeatRule


class DatabaseStore:
    """Implements ports.Store in the oracle's database.

    Args:
        clock: tells when a generation ended.
    """

    def __init__(self, engine: Engine, clock: Clock | None = None) -> None:
        self._engine = engine
        self._clock = clock or SystemClock()

    def require_writable(self) -> None:
        require_writable(self._engine)

    def take(self, generation: Generation, check: Check) -> Generation:
        with writing(self._engine) as connection:
            found = table.read_generation(connection, generation.id)
            if found is None:
                check(table.reservations_of(connection, generation.order.payer))
                table.add_generation(connection, generation, self._clock.now())
            return found or generation

    def known(self, generation: str) -> Generation | None:
        with looking(self._engine) as connection:
            return table.read_generation(connection, generation)

    def save(self, generation: Generation) -> None:
        self.save_all([generation])

    def save_all(self, generations: Sequence[Generation]) -> None:
        with writing(self._engine) as connection:
            for generation in generations:
                table.change_generation(connection, generation, self._clock.now())

    def exchange(self, before: Generation, after: Generation) -> bool:
        with writing(self._engine) as connection:
            if table.read_generation(connection, before.id) != before:
                return False
            table.change_generation(connection, after, self._clock.now())
            return True

    def load(self, generation: str) -> Generation:
        found = self.known(generation)
        if found is None:
            raise NotFound("no such generation", value=generation)
        return found

    def unfinished(self) -> Sequence[str]:
        with reading(self._engine) as connection:
            return table.unfinished_ids(connection)

    def reservations(self, payer: str) -> Reservations:
        with reading(self._engine) as connection:
            return table.reservations_of(connection, payer)

    def seat(self, payer: str, nonce: int) -> Seat | None:
        with reading(self._engine) as connection:
            return read_seat(connection, payer, nonce)

    def change_seat(self, payer: str, nonce: int, rule: SeatRule) -> Seat:
        with writing(self._engine) as connection:
            made = rule(read_seat(connection, payer, nonce))
            write_seat(connection, payer, nonce, made)
            return made

    def change_order(self, generation: str, order: Order, rule: OrderRule) -> Seat:
        with writing(self._engine) as connection:
            known = table.read_generation(connection, generation)
            made = rule(read_seat(connection, order.payer, order.nonce), known)
            write_seat(connection, order.payer, order.nonce, made)
            return made

    def reserve(self, generation: Generation, rule: ReserveRule) -> Seat:
        payer, nonce = generation.order.payer, generation.order.nonce
        with writing(self._engine) as connection:
            orders = table.open_orders(connection, payer)
            made = rule(read_seat(connection, payer, nonce), orders)
            write_seat(connection, payer, nonce, made)
            if table.read_generation(connection, generation.id) is None:
                table.add_generation(connection, generation, self._clock.now())
            return made

    def lend(self, generation: str, check: Check) -> None:
        with writing(self._engine) as connection:
            found = table.read_generation(connection, generation)
            if found is None or found.may_be_made or found.ended:
                return
            check(table.reservations_of(connection, found.order.payer))
            lent = replace(found, lent=True)
            table.change_generation(connection, lent, self._clock.now())

    def open_orders(self, payer: str) -> Sequence[OpenOrder]:
        with reading(self._engine) as connection:
            return table.open_orders(connection, payer)

    def ruling(self, decision: Decision) -> Ruling | None:
        with reading(self._engine) as connection:
            return read_ruling(connection, decision)

    def rulings(self, recordings: Iterable[int]) -> Sequence[Ruling]:
        with reading(self._engine) as connection:
            return read_rulings(connection, list(recordings))

    def save_ruling(self, ruling: Ruling) -> None:
        with writing(self._engine) as connection:
            write_ruling(connection, ruling)

    def prune(self, before: int) -> int:
        with writing(self._engine) as connection:
            return table.prune_generations(connection, before)
