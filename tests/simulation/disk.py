"""The database of a simulated oracle: the real tables in memory, which outlive its process."""

from __future__ import annotations

import sqlite3
import tempfile
from functools import cache
from pathlib import Path

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.pool import StaticPool

from oracle.adapters import database


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


def new_disk() -> Engine:
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
