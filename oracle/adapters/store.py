"""What this oracle must not forget: generations, idempotency keys, and what it has attested."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    ForeignKey,
    Integer,
    Table,
    Text,
    func,
    insert,
    select,
    update,
)

from oracle.adapters.database import metadata, reading, writing
from oracle.adapters.store_json import generation_from, generation_text
from oracle.domain import canonical
from oracle.domain.attestation import Attestation, attestation_json, parse_attestation
from oracle.domain.errors import Conflict, NotFound
from oracle.domain.generation import ENDS, Generation
from oracle.ports import Check, Reservations

GENERATIONS = Table(
    "generations",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("payer", Text, nullable=False, index=True),
    Column("nonce", Text, nullable=False),
    Column("price", Text, nullable=False),
    Column("stage", Text, nullable=False, index=True),
    Column("body", Text, nullable=False),
)

KEYS = Table(
    "idempotency",
    metadata,
    Column("payer", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("body", Text, nullable=False),
    Column("generation", Text, ForeignKey("generations.id"), nullable=False),
)

ATTESTATIONS = Table(
    "attestations",
    metadata,
    Column("order", Text, primary_key=True),
    Column("body", Text, nullable=False),
)

_ENDED = tuple(stage.value for stage in ENDS)


class DatabaseStore:
    """Implements ports.Store in the oracle's database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def take(self, generation: Generation, key: str, body: str, check: Check) -> Generation:
        payer = generation.order.payer.lower()
        with writing(self._engine) as connection:
            known = _recall(connection, payer, key, body)
            if known:
                return known
            found = _load(connection, generation.id)
            if found is None:
                check(_reservations(connection, payer))
                connection.execute(insert(GENERATIONS).values(_row(generation)))
            values = {"payer": payer, "key": key, "body": body, "generation": generation.id}
            connection.execute(insert(KEYS).values(values))
            return found or generation

    def recall(self, payer: str, key: str, body: str) -> Generation | None:
        with reading(self._engine) as connection:
            return _recall(connection, payer.lower(), key, body)

    def save(self, generation: Generation) -> None:
        self.save_all([generation])

    def save_all(self, generations: Sequence[Generation]) -> None:
        with writing(self._engine) as connection:
            for generation in generations:
                same = GENERATIONS.c.id == generation.id
                connection.execute(update(GENERATIONS).where(same).values(_row(generation)))

    def load(self, generation: str) -> Generation:
        with reading(self._engine) as connection:
            found = _load(connection, generation)
        if found is None:
            raise NotFound("no such generation", value=generation)
        return found

    def unfinished(self) -> Sequence[str]:
        query = select(GENERATIONS.c.id).where(GENERATIONS.c.stage.not_in(_ENDED))
        with reading(self._engine) as connection:
            return connection.execute(query.order_by(GENERATIONS.c.number)).scalars().all()

    def reservations(self, payer: str) -> Reservations:
        with reading(self._engine) as connection:
            return _reservations(connection, payer.lower())

    def bind(self, order: str, attestation: Attestation) -> None:
        text = canonical.dumps(attestation_json(attestation)).decode()
        with writing(self._engine) as connection:
            found = _bound(connection, order)
            if found is None:
                connection.execute(insert(ATTESTATIONS).values(order=order, body=text))
            elif found != text:
                raise Conflict("another attestation of this order was signed", value=order)

    def bound(self, order: str) -> Attestation | None:
        with reading(self._engine) as connection:
            found = _bound(connection, order)
        return parse_attestation(canonical.loads(found)) if found else None


def _row(generation: Generation) -> dict[str, str]:
    return {
        "id": generation.id,
        "payer": generation.order.payer.lower(),
        "nonce": str(generation.order.nonce),
        "price": str(generation.price),
        "stage": generation.stage.value,
        "body": generation_text(generation),
    }


def _load(connection: Connection, generation: str) -> Generation | None:
    query = select(GENERATIONS.c.body).where(GENERATIONS.c.id == generation)
    text = connection.execute(query).scalar_one_or_none()
    return generation_from(text) if text else None


def _recall(connection: Connection, payer: str, key: str, body: str) -> Generation | None:
    query = select(KEYS).where(KEYS.c.payer == payer, KEYS.c.key == key)
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        return None
    if row["body"] != body:
        raise Conflict("was used for another request", field="Idempotency-Key", value=key)
    return _load(connection, row["generation"])


def _bound(connection: Connection, order: str) -> str | None:
    query = select(ATTESTATIONS.c.body).where(ATTESTATIONS.c.order == order)
    return connection.execute(query).scalar_one_or_none()


def _reservations(connection: Connection, payer: str) -> Reservations:
    under_way = GENERATIONS.c.stage.not_in(_ENDED)
    query = select(GENERATIONS.c.nonce, GENERATIONS.c.price)
    rows = connection.execute(query.where(GENERATIONS.c.payer == payer, under_way)).all()
    # Kept as text: both are uint256, and SQLite's whole numbers end at 63 bits.
    nonces = frozenset(int(row.nonce) for row in rows)
    counted = select(func.count()).select_from(GENERATIONS).where(under_way)
    return Reservations(
        nonces=nonces,
        newest=max(nonces, default=-1),
        amount=sum(int(row.price) for row in rows),
        waiting=connection.execute(counted).scalar_one(),
    )
