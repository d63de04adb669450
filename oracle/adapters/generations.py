"""The table of generations. What acceptance reads costs the same with any number of ended rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Index,
    Integer,
    Table,
    Text,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    select,
    update,
)

from oracle.adapters.database import FILL, metadata
from oracle.adapters.prepared import Prepared
from oracle.adapters.seats import SEATS, read_seat, seat_from
from oracle.adapters.store_json import generation_from, generation_text
from oracle.domain.generation import ENDS, UNPAID, Generation, Stage
from oracle.domain.seat import HeldOrder, OpenOrder, Reservations

KEPT_ENDED = 100
"""Generations of one payer that ended unpaid, with nothing made, and are kept: the newest."""


def _listed(stages: Iterable[Stage]) -> str:
    return ", ".join(f"'{stage.value}'" for stage in stages)


GENERATIONS = Table(
    "generations",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("payer", Text, nullable=False),
    Column("nonce", Text, nullable=False),
    Column("price", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("body", Text, nullable=False),
    # 1 until the generation ends.
    Column(
        "open", Integer, nullable=False, server_default="1",
        info={FILL: f"open = stage NOT IN ({_listed(ENDS)})"},
    ),
    # 1 if it ended and the chain may still change that.
    Column("watched", Integer, nullable=False, server_default="0"),
    # Seconds of its track, if that was made and is not paid.
    Column("unpaid", Integer, nullable=False, server_default="0"),
    # 1 if an app placed the order here.
    Column("taken", Integer, nullable=False, server_default="1"),
    # When it ended without payment, seconds since 1970; NULL for any other.
    Column(
        "ended", Integer,
        info={FILL: f"ended = strftime('%s', 'now') WHERE stage IN ({_listed(UNPAID)})"},
    ),
)  # fmt: skip

# Literals: SQLite takes a partial index only where it can prove its condition, so no parameters.
_OPEN = GENERATIONS.c.open == literal_column("1")
_WATCHED = GENERATIONS.c.watched == literal_column("1")
_UNPAID = GENERATIONS.c.unpaid > literal_column("0")
_ENDED = GENERATIONS.c.ended.is_not(None)

# With `taken` and `open`, so that the index alone answers how many orders wait.
Index(
    "open_orders", *(GENERATIONS.c[name] for name in ("payer", "taken", "open")),
    sqlite_where=_OPEN,
)  # fmt: skip
Index("watched_generations", GENERATIONS.c.number, sqlite_where=_WATCHED)
Index("unpaid_generations", GENERATIONS.c.payer, sqlite_where=_UNPAID)
Index("ended_generations", GENERATIONS.c.ended, sqlite_where=_ENDED)
Index("ended_of_payers", GENERATIONS.c.payer, GENERATIONS.c.number, sqlite_where=_ENDED)


_OF_PAYER = GENERATIONS.c.payer == bindparam("payer")
_SEATED = (SEATS.c.payer == GENERATIONS.c.payer) & (SEATS.c.nonce == GENERATIONS.c.nonce)
_COLUMNS = [column.name for column in GENERATIONS.c if column.name != "number"]

_BODY = Prepared(select(GENERATIONS.c.body).where(GENERATIONS.c.id == bindparam("id")))
_OPEN_BODIES = Prepared(
    select(GENERATIONS.c.body).where(_OF_PAYER, _OPEN).order_by(GENERATIONS.c.number)
)
_SUMS = Prepared(
    select(
        func.count(), func.coalesce(func.sum(GENERATIONS.c.taken), 0),
        select(func.sum(GENERATIONS.c.unpaid)).where(_OF_PAYER, _UNPAID).scalar_subquery(),
    )
    .select_from(GENERATIONS)
    .where(_OPEN)
)  # fmt: skip
_HELD = Prepared(
    select(*(GENERATIONS.c[name] for name in ("id", "nonce", "price", "taken")), SEATS.c.order,
           SEATS.c.body)
    .select_from(GENERATIONS.outerjoin(SEATS, _SEATED))
    .where(_OF_PAYER, _OPEN)
    .order_by(GENERATIONS.c.number)
)  # fmt: skip
_ADD = Prepared(insert(GENERATIONS), _COLUMNS)
_CHANGE = Prepared(
    update(GENERATIONS).where(GENERATIONS.c.id == bindparam("same")), _COLUMNS
)  # fmt: skip


def read_generation(
    connection: Connection | sqlite3.Connection, generation: str
) -> Generation | None:
    """The generation with this id, if any."""
    row = _BODY.run(connection, {"id": generation}).fetchone()
    return generation_from(row[0]) if row else None


def add_generation(connection: Connection, generation: Generation, now: int) -> None:
    """Saves a new generation. `now`: seconds since 1970."""
    _ADD.run(connection, _row(generation, now))


def change_generation(connection: Connection, generation: Generation, now: int) -> None:
    """Saves a known generation. When it has just ended unpaid, old ones of its payer go."""
    _CHANGE.run(connection, _row(generation, now) | {"same": generation.id})
    if generation.stage in UNPAID:
        _forget_old(connection, generation.order.payer.lower())


def unfinished_ids(connection: Connection) -> list[str]:
    """Ids of the generations that need more steps, oldest first."""
    found: list[tuple[int, str]] = []
    for condition in (_OPEN, _WATCHED):
        query = select(GENERATIONS.c.number, GENERATIONS.c.id).where(condition)
        found += [(row.number, row.id) for row in connection.execute(query)]
    return [identity for _, identity in sorted(found)]


def open_orders(connection: Connection, payer: str) -> list[OpenOrder]:
    """The payer's orders that have not ended, each with its seat."""
    rows = _OPEN_BODIES.run(connection, {"payer": payer.lower()}).fetchall()
    found = [generation_from(text) for (text,) in rows]
    return [
        OpenOrder(
            each.id, each.order, each.order_signature, each.price, each.taken,
            read_seat(connection, payer, each.order.nonce),
        )
        for each in found
    ]  # fmt: skip


def reservations_of(connection: Connection, payer: str) -> Reservations:
    """What the payer's orders hold."""
    every, taken, owed = _SUMS.run(connection, {"payer": payer.lower()}).fetchone()
    held = _held_orders(connection, payer.lower())
    return Reservations(held, taken, every - taken, owed or 0)


def _held_orders(connection: Connection, payer: str) -> tuple[HeldOrder, ...]:
    """One query, and no order is parsed: this runs under the write lock."""
    rows = _HELD.run(connection, {"payer": payer})
    # Nonces and prices are text: the values are uint256, and SQLite's integers have 63 bits. Only
    # an order that no app placed here depends on its seat.
    return tuple(
        HeldOrder(
            identity, int(nonce), int(price), bool(taken),
            None if taken else seat_from(order, body),
        )
        for identity, nonce, price, taken, order, body in rows
    )  # fmt: skip


def prune_generations(connection: Connection, before: int) -> int:
    """Deletes generations that ended unpaid before a time; returns their number."""
    old = delete(GENERATIONS).where(_ENDED, GENERATIONS.c.ended < before)
    return connection.execute(old).rowcount


def _forget_old(connection: Connection, payer: str) -> None:
    """Keeps the newest of a payer's ended generations. Made ones count as unpaid, so they stay."""
    ended = (GENERATIONS.c.payer == payer) & _ENDED
    newest = select(GENERATIONS.c.number).where(ended).order_by(GENERATIONS.c.number.desc())
    last = connection.execute(newest.offset(KEPT_ENDED).limit(1)).scalar_one_or_none()
    if last is not None:
        old = (GENERATIONS.c.number <= last) & (GENERATIONS.c.unpaid == 0)
        connection.execute(delete(GENERATIONS).where(ended, old))


def _row(generation: Generation, now: int) -> dict[str, Any]:
    paid = generation.stage in (Stage.CONFIRMED, Stage.SETTLED)
    owed = generation.may_be_made and not paid
    return {
        "id": generation.id,
        "payer": generation.order.payer.lower(),
        "nonce": str(generation.order.nonce),
        "price": str(generation.price),
        "stage": generation.stage.value,
        "body": generation_text(generation),
        "open": int(not generation.ended),
        "watched": int(generation.ended and not generation.final),
        "unpaid": generation.request.length if owed else 0,
        "taken": int(generation.taken),
        "ended": now if generation.stage in UNPAID else None,
    }
