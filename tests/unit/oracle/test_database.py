"""The database file: durable, private, and refused when damaged."""

import shutil
import stat
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, Table, Text, insert, select

from oracle.adapters.database import (
    looking,
    metadata,
    open_database,
    reading,
    require_writable,
    writing,
)
from oracle.adapters.prepared import driver_of
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


def test_committed_data_is_there_after_reopening(path):
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


def test_a_full_disk_is_unavailable(path):
    engine = open_database(path)
    with pytest.raises(Unavailable, match="full"), writing(engine) as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=10")
        connection.execute(insert(NOTES), [{"text": "x" * 500} for _ in range(200)])


def test_a_path_that_cannot_be_a_file_is_unavailable(tmp_path):
    with pytest.raises(Unavailable, match="cannot be opened"):
        open_database(tmp_path)


@pytest.mark.parametrize(
    "name",
    ["song?1", "a#b", "100%", "50%20off", "a b", "Käse ünd Brot", "a:b", "file:x", "a;b&c=d"],
)
def test_any_folder_and_name_holds_the_database(tmp_path, name):
    path = tmp_path / name / f"{name}.sqlite"
    require_writable(open_database(path))
    assert path.stat().st_size > 0 and path.stat().st_mode & 0o777 == 0o600
    assert sorted(each.name for each in tmp_path.iterdir()) == [name]


def test_a_name_that_means_the_memory_is_a_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    require_writable(open_database(Path(":memory:")))
    assert (tmp_path / ":memory:").stat().st_size > 0


def test_a_look_sees_what_is_committed_and_leaves_nothing_open(path):
    engine = open_database(path)
    fill(engine, 3)
    for _ in range(20):
        with looking(engine) as driver:
            assert driver.execute("SELECT count(*) FROM test_notes").fetchone() == (3,)
            assert not driver.in_transaction
    with writing(engine) as writer:
        writer.execute(insert(NOTES).values(text="a"))
        with looking(engine) as driver:
            assert driver.execute("SELECT count(*) FROM test_notes").fetchone() == (3,)


def test_a_statement_that_the_driver_refuses_is_unavailable(path):
    engine = open_database(path)
    for way in (looking, reading, writing):
        with pytest.raises(Unavailable, match="no such table: nowhere"), way(engine) as found:
            driver_of(found).execute("SELECT * FROM nowhere")
    fill(engine, 1)
