"""The outbox: every transaction is saved here before it is sent.

A dispatch is one logical transaction with one nonce, which never changes; its attempts are the
signed bytes for it. Dispatch and attempt are committed in one database transaction before any byte
is sent, and nothing is deleted: after a crash or a reorganisation the same bytes are sent again.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    ForeignKey,
    Integer,
    LargeBinary,
    Row,
    String,
    Table,
    Text,
    UniqueConstraint,
    func,
    insert,
    select,
    update,
)

from oracle.adapters.chain.fees import Fees
from oracle.adapters.chain.send_state import Attempt
from oracle.adapters.database import metadata, reading, writing
from oracle.domain.errors import Unavailable

dispatches = Table(
    "dispatches",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("chain_id", BigInteger, nullable=False),
    Column("signer", String(42), nullable=False),
    Column("nonce", BigInteger, nullable=False),
    Column("generation", String(66), nullable=False),
    Column("round", Integer, nullable=False),
    Column("recipient", String(42), nullable=False),
    Column("data", Text, nullable=False),
    Column("gas", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),
    # The database makes sure that a nonce is used once, even if the code has a bug.
    UniqueConstraint("chain_id", "signer", "nonce"),
    UniqueConstraint("chain_id", "signer", "generation", "round"),
)

attempts = Table(
    "attempts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("dispatch", ForeignKey("dispatches.id"), nullable=False, index=True),
    Column("hash", String(66), nullable=False, unique=True),
    Column("raw", LargeBinary, nullable=False),
    Column("max_fee", BigInteger, nullable=False),
    Column("tip", BigInteger, nullable=False),
    Column("saved_at", BigInteger, nullable=False),
)


class State(Enum):
    """State of a dispatch, as the closed blocks had it last; a reorganisation can change it."""

    OPEN = "open"
    DONE = "done"
    REVERTED = "reverted"
    DISPLACED = "displaced"


@dataclass(frozen=True)
class Dispatch:
    """One logical transaction. `round` counts a generation's dispatches, from 0."""

    id: int
    nonce: int
    generation: str
    round: int
    to: str
    data: str
    gas: int
    state: State
    attempts: tuple[Attempt, ...]

    @property
    def newest(self) -> Attempt:
        """The attempt that was saved last."""
        return self.attempts[-1]


@dataclass(frozen=True)
class Draft:
    """A dispatch that is not saved yet; fields as in `Dispatch`."""

    nonce: int
    generation: str
    round: int
    to: str
    data: str
    gas: int


class Outbox:
    """The dispatches of one key on one chain.

    Every method is one database transaction. Raises Unavailable when the database fails.
    """

    def __init__(self, engine: Engine, chain_id: int, signer: str) -> None:
        self._engine = engine
        self._own = {"chain_id": chain_id, "signer": signer}

    def latest(self, generation: str) -> Dispatch | None:
        """The newest dispatch of a generation, if any."""
        by_round = self._select().where(dispatches.c.generation == generation)
        with reading(self._engine) as connection:
            return _first(connection, by_round.order_by(dispatches.c.round.desc()))

    def at(self, nonce: int) -> Dispatch | None:
        """The dispatch with a nonce, if any."""
        with reading(self._engine) as connection:
            return _first(connection, self._select().where(dispatches.c.nonce == nonce))

    def next_nonce(self) -> int:
        """The highest saved nonce plus 1; 0 when there is none."""
        with reading(self._engine) as connection:
            return self._next_nonce(connection)

    def save(self, draft: Draft, attempt: Attempt) -> Dispatch:
        """Commits a new dispatch and its first attempt together.

        Raises:
            Unavailable: the nonce or the generation's round is taken, so another process uses the
                key. Nothing was saved and nothing may be sent.
        """
        with writing(self._engine) as connection:
            if draft.nonce < self._next_nonce(connection):
                raise Unavailable(
                    "is used by another process", field="nonce", value=draft.nonce
                )
            known = self._select().where(dispatches.c.generation == draft.generation)
            if any(row.round >= draft.round for row in connection.execute(known)):
                raise Unavailable(
                    "is posted by another process", field="generation", value=draft.generation
                )
            connection.execute(insert(dispatches).values(self._own | _columns(draft)))
            saved = connection.execute(self._select().where(dispatches.c.nonce == draft.nonce))
            _add(connection, saved.one().id, attempt)
            return _full(connection, draft.nonce, self._select())

    def add(self, dispatch: Dispatch, attempt: Attempt) -> Dispatch:
        """Commits one more attempt, before it is sent.

        Raises:
            Unavailable: another process added an attempt; nothing was saved.
        """
        with writing(self._engine) as connection:
            now = _full(connection, dispatch.nonce, self._select())
            if now.newest != dispatch.newest:
                raise Unavailable("is sent by another process", field="nonce", value=dispatch.nonce)
            _add(connection, dispatch.id, attempt)
            return _full(connection, dispatch.nonce, self._select())

    def mark(self, dispatch: Dispatch, state: State) -> None:
        """Saves the state of a dispatch. Its bytes stay."""
        changed = update(dispatches).where(dispatches.c.id == dispatch.id)
        with writing(self._engine) as connection:
            connection.execute(changed.values(state=state.value))

    def _select(self) -> Any:
        mine = (dispatches.c[name] == value for name, value in self._own.items())
        return select(dispatches).where(*mine)

    def _next_nonce(self, connection: Connection) -> int:
        mine = (dispatches.c[name] == value for name, value in self._own.items())
        highest = connection.execute(select(func.max(dispatches.c.nonce)).where(*mine)).scalar()
        return 0 if highest is None else int(highest) + 1


def _columns(draft: Draft) -> dict[str, Any]:
    return {
        "nonce": draft.nonce, "generation": draft.generation, "round": draft.round,
        "recipient": draft.to, "data": draft.data, "gas": draft.gas, "state": State.OPEN.value,
    }  # fmt: skip


def _add(connection: Connection, dispatch: int, attempt: Attempt) -> None:
    values = {
        "dispatch": dispatch, "hash": attempt.hash, "raw": attempt.raw,
        "max_fee": attempt.fees.max_fee, "tip": attempt.fees.tip, "saved_at": attempt.saved_at,
    }  # fmt: skip
    connection.execute(insert(attempts).values(values))


def _full(connection: Connection, nonce: int, own: Any) -> Dispatch:
    return _dispatch(connection, connection.execute(own.where(dispatches.c.nonce == nonce)).one())


def _first(connection: Connection, query: Any) -> Dispatch | None:
    row = connection.execute(query).first()
    return None if row is None else _dispatch(connection, row)


def _dispatch(connection: Connection, row: Row[Any]) -> Dispatch:
    made = select(attempts).where(attempts.c.dispatch == row.id).order_by(attempts.c.id)
    found = tuple(
        Attempt(a.hash, Fees(a.max_fee, a.tip), a.saved_at, bytes(a.raw))
        for a in connection.execute(made)
    )
    return Dispatch(
        row.id, row.nonce, row.generation, row.round, row.recipient, row.data, row.gas,
        State(row.state), found,
    )  # fmt: skip
