"""The database file: durable by its settings, closed to others, refused when damaged."""

import shutil
import stat

import pytest
from sqlalchemy import Column, Integer, Table, Text, insert, select

from oracle.adapters.database import metadata, open_database, reading, writing
from oracle.domain.errors import Inconsistent, Unavailable

NOTES = Table("test_notes", metadata, Column("id", Integer, primary_key=True), Column("text", Text))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "deep" / "oracle.sqlite"


def fill(engine, count=200):
    with writing(engine) as connection:
        connection.execute(insert(NOTES), [{"text": "x" * 500} for _ in range(count)])


def test_it_is_opened_to_survive_a_power_cut(path):
    with reading(open_database(path)) as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_only_its_owner_may_read_it(path):
    open_database(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_was_committed_is_there_after_opening_again(path):
    fill(open_database(path))
    with reading(open_database(path)) as connection:
        assert len(connection.execute(select(NOTES)).all()) == 200


def test_an_error_inside_undoes_the_whole_transaction(path):
    engine = open_database(path)
    with pytest.raises(RuntimeError), writing(engine) as connection:
        connection.execute(insert(NOTES).values(text="a"))
        raise RuntimeError
    with reading(engine) as connection:
        assert connection.execute(select(NOTES)).all() == []


def test_a_reader_does_not_wait_for_a_writer(path):
    engine = open_database(path)
    with writing(engine) as writer:
        writer.execute(insert(NOTES).values(text="a"))
        with reading(engine) as reader:
            assert reader.execute(select(NOTES)).all() == []


@pytest.mark.parametrize("offset", [0, 20, 4_096 + 3])
def test_a_damaged_file_is_refused(path, tmp_path, offset):
    engine = open_database(path)
    fill(engine)
    engine.dispose()
    damaged = tmp_path / "damaged.sqlite"
    shutil.copy(path, damaged)
    with damaged.open("r+b") as file:
        file.seek(offset)
        file.write(b"\xff" * 64)
    with pytest.raises(Inconsistent, match="damaged"):
        open_database(damaged)


def test_a_full_disk_is_a_world_that_does_not_answer(path):
    engine = open_database(path)
    with pytest.raises(Unavailable, match="full"), writing(engine) as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=10")
        connection.execute(insert(NOTES), [{"text": "x" * 500} for _ in range(200)])


def test_a_path_that_cannot_be_a_file_is_told(tmp_path):
    with pytest.raises(Unavailable, match="cannot be opened"):
        open_database(tmp_path)
