"""The one database file: SQLite, opened so that what was committed survives a power cut.

Every adapter that keeps something declares its tables on `metadata` and does its work inside
`writing` or `reading`; a full disk or a locked file then is `Unavailable`, like a chain that does
not answer.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, MetaData, create_engine, event
from sqlalchemy.exc import SQLAlchemyError

from oracle.domain.errors import Inconsistent, Unavailable

metadata = MetaData()

_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    # NORMAL may lose the last commits in a power cut, and a lost commit here is a second payment.
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=5000",
)


def open_database(path: Path) -> Engine:
    """Opens or creates the file, checks that it is whole and creates the tables of `metadata`.

    Args:
        path: the file; only its owner may read it.

    Raises:
        Inconsistent: the file is damaged; it must be looked at before anything is signed.
        Unavailable: it cannot be opened, or the disk is full.
    """
    _create(path)
    engine = create_engine(f"sqlite:///{path}")
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    _check(engine, path)
    with writing(engine) as connection:
        metadata.create_all(connection)
    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that holds the write lock from its first statement and commits at the end."""
    try:
        with engine.begin() as connection:
            yield connection
    except SQLAlchemyError as error:
        raise _unavailable(error) from error


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that sees one state of the file and blocks nobody."""
    try:
        with engine.connect().execution_options(reading=True) as connection:
            yield connection
    except SQLAlchemyError as error:
        raise _unavailable(error) from error


def _create(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise Unavailable(f"the database cannot be opened: {error}") from error


def _prepare(connection, _record) -> None:
    # The driver must not begin transactions by itself: it would do so only at the first change,
    # and two readers that both then want to write cannot both have what they read.
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _begin(connection: Connection) -> None:
    reads = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _check(engine: Engine, path: Path) -> None:
    try:
        with engine.connect() as connection:
            found = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
            strays = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    except SQLAlchemyError as error:
        raise Inconsistent(f"the database {path.name} is damaged: {error.__cause__}") from error
    if found != ["ok"] or strays:
        raise Inconsistent(f"the database {path.name} is damaged", value=found or strays)


def _unavailable(error: SQLAlchemyError) -> Unavailable:
    # The driver's own words only: SQLAlchemy's repeat the statement with everything in it.
    return Unavailable(f"the database does not answer: {error.__cause__ or type(error).__name__}")
