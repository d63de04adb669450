"""A prepared statement does what SQLAlchemy's own does, constants and quoted names included."""

import sqlite3

import pytest
from sqlalchemy import Column, Integer, Table, Text, bindparam, func, insert, select, update

from oracle.adapters.database import metadata, open_database, reading, writing
from oracle.adapters.prepared import Prepared

THINGS = Table(
    "test_things", metadata, Column("id", Integer, primary_key=True), Column("order", Text),
    Column("size", Integer),
)  # fmt: skip
ADD = Prepared(insert(THINGS), ["order", "size"])
CHANGE = Prepared(update(THINGS).where(THINGS.c.id == bindparam("same")), ["size"])
SUM = Prepared(select(func.coalesce(func.sum(THINGS.c.size), -7)).where(
    THINGS.c.order == bindparam("named"), THINGS.c.size > 1
))  # fmt: skip


@pytest.fixture
def engine(tmp_path):
    return open_database(tmp_path / "oracle.sqlite")


def test_rows_are_added_changed_and_read(engine):
    with writing(engine) as connection:
        for name, size in (("a", 1), ("a", 2), ("a", 3), ("b'", 9)):
            ADD.run(connection, {"order": name, "size": size})
        CHANGE.run(connection, {"same": 3, "size": 5})
    with reading(engine) as connection:
        sums = [SUM.run(connection, {"named": name}).fetchone() for name in ("a", "b'", "c")]
        rows = connection.execute(select(THINGS.c.order, THINGS.c.size)).all()
    assert sums == [(7,), (9,), (-7,)]
    assert [tuple(row) for row in rows] == [("a", 1), ("a", 2), ("a", 5), ("b'", 9)]


def test_a_missing_value_is_an_error_and_never_null(engine):
    with writing(engine) as connection, pytest.raises(sqlite3.ProgrammingError, match="size"):
        ADD.run(connection, {"order": "a"})
