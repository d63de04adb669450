"""The database of a simulated oracle: the real tables in memory, which outlive its process."""

from __future__ import annotations

import sqlite3
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, select
from sqlalchemy.pool import StaticPool

from oracle.adapters import database
from oracle.adapters.generations import GENERATIONS
from oracle.adapters.store import DatabaseStore
from oracle.domain.generation import Generation
from oracle.ports import Clock
from tests.simulation.cached_store import CachedStore


class TableDisk:
    """The real tables; `tests.simulation.memory_store.MemoryDisk` is the cheap one."""

    def __init__(self) -> None:
        self._engine = _new_engine()
        self._rows = DatabaseStore(self._engine)

    def store(self, clock: Clock) -> Any:
        return CachedStore(DatabaseStore(self._engine, clock))

    def all_rows(self) -> list[Generation]:
        with database.reading(self._engine) as connection:
            query = select(GENERATIONS.c.id).order_by(GENERATIONS.c.number)
            known = connection.execute(query).scalars().all()
        return [self._rows.load(each) for each in known]

    def close(self) -> None:
        self._engine.dispose()


@cache
def no_engine() -> Engine:
    """An engine that is never connected, for oracles whose store is replaced."""
    return create_engine("sqlite://")


@cache
def _empty() -> sqlite3.Connection:
    """A database with all tables, as `open_database` makes it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "oracle.sqlite"
        database.open_database(path).dispose()
        made = sqlite3.connect(":memory:", check_same_thread=False)
        with sqlite3.connect(path) as file:
            file.backup(made)
        file.close()
    return made


def _new_engine() -> Engine:
    """An empty database with all tables. One connection, because one activity runs at a time."""

    def connect() -> sqlite3.Connection:
        made = sqlite3.connect(":memory:", check_same_thread=False)
        _empty().backup(made)
        # Transactions begin as in the real database.
        made.isolation_level = None
        made.execute("PRAGMA foreign_keys=ON")
        return made

    engine = create_engine("sqlite://", creator=connect, poolclass=StaticPool)
    event.listen(engine, "begin", database._begin)
    return engine
