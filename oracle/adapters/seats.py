"""The table of seats: what this oracle has promised and signed, by payer and nonce."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Connection, Table, Text, bindparam, select
from sqlalchemy.dialects.sqlite import insert

from oracle.adapters.database import metadata
from oracle.adapters.prepared import Prepared
from oracle.domain import canonical
from oracle.domain.errors import Inconsistent, InvalidInput
from oracle.domain.reservation import (
    Ballot,
    accepted_json,
    ballot_json,
    parse_accepted,
)
from oracle.domain.seat import Seat

SEATS = Table(
    "seats",
    metadata,
    Column("payer", Text, primary_key=True),
    Column("nonce", Text, primary_key=True),
    Column("order", Text, nullable=False, index=True),
    Column("body", Text, nullable=False),
)


_ONE = Prepared(select(SEATS.c.order, SEATS.c.body).where(
    SEATS.c.payer == bindparam("payer"), SEATS.c.nonce == bindparam("nonce")
))  # fmt: skip
_NEW = insert(SEATS)
_WRITE = Prepared(
    _NEW.on_conflict_do_update(
        ["payer", "nonce"], set_={"order": _NEW.excluded.order, "body": _NEW.excluded.body}
    ),
    [column.name for column in SEATS.c],
)


def read_seat(connection: Connection, payer: str, nonce: int) -> Seat | None:
    """The seat of a payer's nonce, if any."""
    row = _ONE.run(connection, {"payer": payer.lower(), "nonce": str(nonce)}).fetchone()
    return _seat(*row) if row else None


def seat_from(order: str | None, body: str | None) -> Seat | None:
    """The seat of a row's columns; None where an outer join found no row."""
    return _seat(order, body) if order is not None and body is not None else None


def write_seat(connection: Connection, payer: str, nonce: int, seat: Seat) -> None:
    """Saves a seat in place of the one before."""
    values = {"payer": payer.lower(), "nonce": str(nonce), "order": seat.order, "body": _text(seat)}
    _WRITE.run(connection, values)


def _text(seat: Seat) -> str:
    value: dict[str, Any] = {
        "ballot": ballot_json(seat.ballot), "since": seat.since, "until": seat.until,
        "accepted": accepted_json(seat.accepted), "cancelled": seat.cancelled,
        "shared": seat.shared,
    }  # fmt: skip
    return canonical.dumps(value).decode()


def _seat(order: str, text: str) -> Seat:
    """Raises Inconsistent on a damaged text: an oracle that forgets could sign something else."""
    try:
        value = canonical.loads(text)
        return Seat(
            order=order,
            ballot=Ballot(value["ballot"]["round"], value["ballot"]["leader"]),
            since=value["since"],
            until=value["until"],
            accepted=parse_accepted(value["accepted"]),
            cancelled=value["cancelled"],
            shared=value["shared"],
        )
    except (InvalidInput, KeyError, TypeError) as error:
        raise Inconsistent(f"a saved seat cannot be read: {error}") from error
