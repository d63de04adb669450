"""What we have promised to the chain, written down before the chain can know it.

A dispatch is one logical transaction and has one nonce for ever; its attempts are the signed bytes
that were made for it. Both are committed in one database transaction before any byte leaves the
process, and nothing is ever deleted: after a crash, or when a reorg has undone a block, the same
bytes are sent again.
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
    # Whatever the code above gets wrong, one nonce has one meaning.
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
    """Of a dispatch. All but OPEN are final in the eyes of the confirmations we wait for."""

    OPEN = "open"
    DONE = "done"
    REVERTED = "reverted"
    DISPLACED = "displaced"


@dataclass(frozen=True)
class Dispatch:
    """One logical transaction. `round` counts the tries of a generation, from 0."""

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
        return self.attempts[-1]

    @property
    def retryable(self) -> bool:
        """Whether no attempt of it can take effect any more, so that another may be made."""
        return self.state in (State.REVERTED, State.DISPLACED)


@dataclass(frozen=True)
class Draft:
    """A dispatch about to be saved; fields as in Dispatch."""

    nonce: int
    generation: str
    round: int
    to: str
    data: str
    gas: int


class Outbox:
    """The dispatches of one key on one chain.

    Every method is one transaction; Unavailable when the database does not answer.
    """

    def __init__(self, engine: Engine, chain_id: int, signer: str) -> None:
        self._engine = engine
        self._own = {"chain_id": chain_id, "signer": signer}

    def latest(self, generation: str) -> Dispatch | None:
        """The newest round of a generation."""
        by_round = self._select().where(dispatches.c.generation == generation)
        with reading(self._engine) as connection:
            return _first(connection, by_round.order_by(dispatches.c.round.desc()))

    def at(self, nonce: int) -> Dispatch | None:
        """The dispatch that has a nonce."""
        with reading(self._engine) as connection:
            return _first(connection, self._select().where(dispatches.c.nonce == nonce))

    def next_nonce(self) -> int:
        """One above the highest nonce given out; 0 when there is none."""
        with reading(self._engine) as connection:
            return self._next_nonce(connection)

    def save(self, draft: Draft, attempt: Attempt) -> Dispatch:
        """Commits a new dispatch and its first attempt together.

        Raises:
            Unavailable: the nonce is given out, or the generation has this round, by now: another
                process uses the key. Nothing was saved and nothing may be sent.
        """
        with writing(self._engine) as connection:
            if draft.nonce < self._next_nonce(connection):
                raise Unavailable(
                    "another process has this nonce", field="nonce", value=draft.nonce
                )
            known = self._select().where(dispatches.c.generation == draft.generation)
            if any(row.round >= draft.round for row in connection.execute(known)):
                raise Unavailable(
                    "another process posts it", field="generation", value=draft.generation
                )
            connection.execute(insert(dispatches).values(self._own | _columns(draft)))
            saved = connection.execute(self._select().where(dispatches.c.nonce == draft.nonce))
            _add(connection, saved.one().id, attempt)
            return _full(connection, draft.nonce, self._select())

    def add(self, dispatch: Dispatch, attempt: Attempt) -> Dispatch:
        """Commits one more attempt, before it is sent.

        Raises:
            Unavailable: another process added one meanwhile; nothing was saved.
        """
        with writing(self._engine) as connection:
            now = _full(connection, dispatch.nonce, self._select())
            if now.newest != dispatch.newest:
                raise Unavailable("another process sends it", field="nonce", value=dispatch.nonce)
            _add(connection, dispatch.id, attempt)
            return _full(connection, dispatch.nonce, self._select())

    def close(self, dispatch: Dispatch, state: State) -> None:
        """Notes how a dispatch ended. Its bytes stay."""
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
