"""Callers that write at the same time share a commit, and none of them sees a difference."""

import threading
import time
from contextlib import suppress

import pytest
from sqlalchemy import Column, Integer, Table, Text, event, func, insert, select

from oracle.adapters import group_commit
from oracle.adapters.database import metadata, open_database, reading, writing
from oracle.domain.errors import Conflict, Unavailable

ROWS = Table(
    "test_rows", metadata, Column("id", Integer, primary_key=True),
    Column("text", Text, unique=True),
)  # fmt: skip


@pytest.fixture
def engine(tmp_path):
    return open_database(tmp_path / "oracle.sqlite")


@pytest.fixture
def commits(engine):
    """Counts the commits; each takes a while, so that others come to wait."""
    counted = []

    @event.listens_for(engine, "commit")
    def commit(_connection):
        counted.append(time.sleep(0.05))

    return counted


def add(engine, text):
    with writing(engine) as connection:
        connection.execute(insert(ROWS).values(text=text))


def texts(engine):
    with reading(engine) as connection:
        return set(connection.execute(select(ROWS.c.text)).scalars())


def at_once(*calls):
    """Runs the calls on a thread each; their errors in order, None for a success."""
    errors = [None] * len(calls)

    def run(place, call):
        try:
            call()
        except Exception as error:
            errors[place] = error

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()
    return errors


def test_callers_at_the_same_time_share_a_commit(engine, commits):
    errors = at_once(*(lambda n=n: add(engine, str(n)) for n in range(32)))
    assert errors == [None] * 32
    assert texts(engine) == {str(n) for n in range(32)}
    assert len(commits) <= 4


def test_a_caller_returns_when_its_change_is_on_the_disk_and_not_before(engine, commits):
    seen = []

    def add_and_look(text):
        add(engine, text)
        seen.append(text in texts(engine))

    assert at_once(*(lambda n=n: add_and_look(str(n)) for n in range(16))) == [None] * 16
    assert seen == [True] * 16


def test_an_error_of_one_caller_undoes_its_own_changes_only(engine, commits):
    def fail(text):
        with writing(engine) as connection:
            connection.execute(insert(ROWS).values(text=text))
            raise Conflict(text)

    def twice(text):
        with writing(engine) as connection:
            connection.execute(insert(ROWS).values(text=text))
            connection.execute(insert(ROWS).values(text=text))

    calls = [lambda n=n, f=f: f(engine, str(n)) if f is add else f(str(n))
             for n, f in enumerate([add, fail, twice] * 6)]  # fmt: skip
    errors = at_once(*calls)
    assert [type(error) for error in errors] == [type(None), Conflict, Unavailable] * 6
    assert texts(engine) == {str(n) for n in range(0, 18, 3)}


def test_changes_of_a_group_are_seen_by_its_later_members(engine, commits):
    counts = []

    def count(n):
        with writing(engine) as connection:
            counts.append(connection.execute(select(func.count()).select_from(ROWS)).scalar_one())
            connection.execute(insert(ROWS).values(text=str(n)))

    at_once(*(lambda n=n: count(n) for n in range(20)))
    assert sorted(counts) == list(range(20))


def held(engine, *calls):
    """Runs calls that all come while a first block runs, so they are one group with it."""
    begun, go = threading.Event(), threading.Event()

    def first():
        with writing(engine) as connection:
            connection.execute(insert(ROWS).values(text="first"))
            begun.set()
            go.wait(10)

    def release():
        begun.wait(10)
        gate = engine_commits(engine)
        while gate._waiting < len(calls):
            time.sleep(0.001)
        go.set()

    def after(call):
        begun.wait(10)
        call()

    return at_once(first, release, *(lambda c=c: after(c) for c in calls))


def engine_commits(engine):
    from oracle.adapters.database import _commits_of

    return _commits_of(engine)


def test_a_commit_that_fails_is_an_error_of_every_caller_of_its_group(engine):
    @event.listens_for(engine, "commit", once=True)
    def fail(connection):
        # The file is as full as it may be, at the moment at which it is written.
        connection.exec_driver_sql("SELECT no_such_function()")

    def refused():
        with writing(engine):
            raise Conflict("what another caller wrote stands against this")

    errors = held(engine, lambda: add(engine, "a"), refused, lambda: add(engine, "b"))
    assert [type(error) for error in errors] == [
        Unavailable, type(None), Unavailable, Unavailable, Unavailable,
    ]  # fmt: skip
    assert texts(engine) == set()
    add(engine, "later")
    assert texts(engine) == {"later"}


def test_a_full_disk_undoes_the_group_and_the_next_one_works(engine):
    def fill():
        with writing(engine) as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 1}")
            try:
                connection.execute(insert(ROWS), [{"text": "x" * 900 + str(n)} for n in range(99)])
            finally:
                connection.exec_driver_sql("PRAGMA max_page_count=1073741823")

    errors = held(engine, fill)
    assert isinstance(errors[2], Unavailable) and "full" in str(errors[2])
    assert isinstance(errors[0], Unavailable) == ("first" not in texts(engine))
    add(engine, "later")
    assert "later" in texts(engine)


def test_a_group_has_a_largest_size(engine, monkeypatch, commits):
    monkeypatch.setattr(group_commit, "MOST", 2)
    assert held(engine, *(lambda n=n: add(engine, str(n)) for n in range(5))) == [None] * 7
    assert len(commits) >= 3


def test_a_block_inside_a_block_is_refused(engine):
    with pytest.raises(RuntimeError, match="must not begin another"), writing(engine):
        add(engine, "inner")
    add(engine, "later")
    assert texts(engine) == {"later"}


def test_a_file_that_another_process_locks_is_unavailable_and_later_works(engine, tmp_path):
    other = open_database(tmp_path / "oracle.sqlite")
    with engine.connect() as connection:  # shorter than the five seconds of an oracle
        connection.exec_driver_sql("PRAGMA busy_timeout=10")
    with writing(other), pytest.raises(Unavailable, match="locked"):
        add(engine, "a")
    add(engine, "b")
    assert texts(engine) == {"b"}


def test_who_waited_for_the_turn_and_left_does_not_leave_the_group_behind(engine, monkeypatch):
    monkeypatch.setattr(group_commit, "PATIENCE", 0.05)
    commits = engine_commits(engine)
    commits._waiting += 1  # somebody who is interrupted before the turn comes
    add(engine, "a")
    assert texts(engine) == {"a"}


def test_many_threads_with_errors_leave_exactly_what_was_said_to_be_saved(engine):
    saved, lock = set(), threading.Lock()

    def work(thread):
        for number in range(20):
            text = f"{thread} {number}"
            with suppress(ValueError):
                with writing(engine) as connection:
                    connection.execute(insert(ROWS).values(text=text))
                    if (thread + number) % 3 == 0:
                        raise ValueError
                with lock:
                    saved.add(text)

    assert at_once(*(lambda n=n: work(n) for n in range(16))) == [None] * 16
    assert texts(engine) == saved and len(saved) > 200
