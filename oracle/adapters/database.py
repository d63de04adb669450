"""The oracle's database file: SQLite, opened so that committed data survives a power cut.

Each adapter that stores data declares its tables on `metadata` and works inside `writing`,
`reading` or `looking`. These turn a full disk or a locked file into `Unavailable`, like a chain
that does not answer.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import URL, Connection, Engine, MetaData, create_engine, event, inspect
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.schema import CreateColumn

from oracle.adapters.group_commit import GroupCommit, unavailable
from oracle.adapters.prepared import driver_of
from oracle.domain.errors import Inconsistent, Unavailable

metadata = MetaData()

FILL = "fill"
"""Key in a column's `info`: the SET clause that fills the column in a file of an older version."""

_commits: WeakKeyDictionary[Engine, GroupCommit] = WeakKeyDictionary()
_lock = threading.Lock()

_OBSOLETE = ("TABLE idempotency", "TABLE watched", "INDEX open_generations")
"""Parts of older versions that nothing reads any more."""

_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    # NORMAL may lose the last commits in a power cut, and a lost commit may pay twice.
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=5000",
)


def open_database(path: Path) -> Engine:
    """Opens or creates the file, checks its integrity and creates the tables of `metadata`.

    Args:
        path: the file; only its owner may read it.

    Raises:
        Inconsistent: the file is damaged; a person must look at it before anything is signed.
        Unavailable: the file cannot be opened, or the disk is full.
    """
    _create(path)
    # Not as text, in which `?`, `#` and `%` of the path would mean something else.
    engine = create_engine(URL.create("sqlite", database=str(path.absolute())))
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    _check(engine, path)
    with writing(engine) as connection:
        for part in _OBSOLETE:
            kind, name = part.split()
            connection.exec_driver_sql(f"DROP {kind} IF EXISTS {name}")
        metadata.create_all(connection)
        _complete(connection)
    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that holds the write lock from its start and is on the disk at its end.

    Callers at the same time share a commit; see `oracle.adapters.group_commit`.
    """
    try:
        with _commits_of(engine).writing(engine) as connection:
            yield connection
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise unavailable(error) from error


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that reads one state of the file and blocks no other."""
    try:
        with engine.connect() as connection:
            driver_of(connection).execute("BEGIN")
            yield connection
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise unavailable(error) from error


@contextmanager
def looking(engine: Engine) -> Iterator[sqlite3.Connection]:
    """The driver's connection for one statement that reads, which needs no transaction."""
    try:
        pooled: Any = engine.raw_connection()
        try:
            yield pooled.dbapi_connection
        finally:
            pooled.close()
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise unavailable(error) from error


def _commits_of(engine: Engine) -> GroupCommit:
    with _lock:
        return _commits.setdefault(engine, GroupCommit())


def require_writable(engine: Engine) -> None:
    """Commits a change of nothing. Raises Unavailable when the file cannot be written."""
    with writing(engine) as connection:
        version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
        connection.exec_driver_sql(f"PRAGMA user_version = {int(version)}")


def _create(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise Unavailable(f"the database cannot be opened: {error}") from error


def _prepare(connection, _record) -> None:
    # The driver must not begin transactions by itself: it does so only at the first change, and
    # then two transactions can read the same state before both write.
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _begin(connection: Connection) -> None:
    driver = driver_of(connection)
    if not driver.in_transaction:  # `reading` has begun one by itself
        driver.execute("BEGIN IMMEDIATE")


def _check(engine: Engine, path: Path) -> None:
    try:
        with engine.connect() as connection:
            found = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
            orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    except SQLAlchemyError as error:
        raise Inconsistent(f"the database {path.name} is damaged: {error.__cause__}") from error
    if found != ["ok"] or orphans:
        raise Inconsistent(f"the database {path.name} is damaged", value=found or orphans)


def _complete(connection: Connection) -> None:
    """Adds the columns and indexes that a file of an older version lacks."""
    for table in metadata.sorted_tables:
        known = {column["name"] for column in inspect(connection).get_columns(table.name)}
        for column in table.columns:
            if column.name not in known:
                added = CreateColumn(column).compile(dialect=connection.dialect)
                connection.exec_driver_sql(f"ALTER TABLE {table.name} ADD COLUMN {added}")
                if fill := column.info.get(FILL):
                    connection.exec_driver_sql(f"UPDATE {table.name} SET {fill}")
        for index in table.indexes:
            index.create(connection, checkfirst=True)
