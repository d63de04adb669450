"""SQL statements that are compiled once and run by the driver itself.

SQLAlchemy builds, caches and wraps a statement each time that it runs it. That takes ten times as
long as the statement takes in SQLite, and an order runs several under the write lock.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql import ClauseElement

_DIALECT = sqlite.dialect(paramstyle="named")


class Prepared:
    """One statement.

    Args:
        statement: only with types that SQLite has itself: whole numbers and text.
        columns: those that an INSERT or UPDATE sets.
    """

    def __init__(self, statement: ClauseElement, columns: Iterable[str] | None = None) -> None:
        keys = None if columns is None else list(columns)
        compiled: Any = statement.compile(dialect=_DIALECT, column_keys=keys)
        self.text = str(compiled)
        # The constants of the statement, which SQLAlchemy makes parameters of its own. Whatever
        # else has no value when it runs, the driver refuses.
        self._constants = {
            name: bind.value for name, bind in compiled.binds.items()
            if not bind.required and bind.value is not None
        }  # fmt: skip

    def run(
        self, connection: Connection | sqlite3.Connection, values: Mapping[str, Any]
    ) -> sqlite3.Cursor:
        """Runs it in the transaction of the connection; rows are tuples.

        Args:
            values: of all its named parameters.

        Raises:
            sqlite3.Error: the database refuses it; `reading` and `writing` make it Unavailable.
        """
        return driver_of(connection).execute(self.text, {**self._constants, **values})


def driver_of(connection: Connection | sqlite3.Connection) -> sqlite3.Connection:
    """The driver's connection."""
    if isinstance(connection, sqlite3.Connection):
        return connection
    found: Any = connection.connection.dbapi_connection
    return found
