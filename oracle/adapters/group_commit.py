"""Lets callers that write at the same time share one commit, and so one wait for the disk.

A commit waits for the disk, which takes far longer than the changes themselves. So the blocks of
several callers run one after another in one transaction, each in a savepoint of its own, and the
last of them commits for all. Nobody's call returns before that:

- what a caller wrote is on the disk when its call returns;
- an error in a caller's block undoes that block only;
- when the commit fails, every caller of the group gets the error, and nothing of it was saved. A
  caller whose block failed waits too, because it may have decided on what another one wrote.

A caller waits for the blocks of others and for their commit, as it would for the write lock. So the
one rule stays: a block must not wait for a caller that waits here.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Connection, Engine, Transaction
from sqlalchemy.exc import SQLAlchemyError

from oracle.adapters.prepared import driver_of
from oracle.domain.errors import Unavailable

MOST = 64
"""Blocks in one transaction, so that nobody waits for ever."""

PATIENCE = 1.0
"""Seconds after which a caller looks itself whether its group can be committed."""


@dataclass
class _Group:
    """The callers of one transaction; `done` is set after its commit, `error` when that failed."""

    connection: Connection
    transaction: Transaction
    blocks: int = 0
    done: threading.Event = field(default_factory=threading.Event)
    error: BaseException | None = None


class GroupCommit:
    """The write transactions of one engine, whose transactions begin with the write lock."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._runs: int | None = None
        self._counting = threading.Lock()
        self._waiting = 0
        self._group: _Group | None = None

    @contextmanager
    def writing(self, engine: Engine) -> Iterator[Connection]:
        """A block of changes, on the disk when the context ends.

        Raises:
            SQLAlchemyError: the database refuses a change of this block; nothing of it was saved.
            Unavailable: the database did not save the transaction.
            RuntimeError: this thread is inside of a block already.
        """
        self._take_turn()
        group = None
        try:
            group = self._joined(engine)
            with _savepoint(group):
                yield group.connection
        finally:
            self._end_block(group)
            if group is not None:
                self._wait_for(group)

    def _take_turn(self) -> None:
        if self._runs == threading.get_ident():
            raise RuntimeError("a block of changes must not begin another one")
        with self._counting:
            self._waiting += 1
        try:
            self._turn.acquire()
        finally:
            with self._counting:
                self._waiting -= 1
        self._runs = threading.get_ident()

    def _joined(self, engine: Engine) -> _Group:
        """The open group, or a new one. Only for the holder of the turn."""
        if self._group is None:
            connection = engine.connect()
            try:
                self._group = _Group(connection, connection.begin())
            except BaseException:
                connection.close()
                raise
        self._group.blocks += 1
        return self._group

    def _end_block(self, group: _Group | None) -> None:
        """Commits unless somebody waits who will, and gives the turn back."""
        try:
            if group is not None:
                with self._counting:
                    last = not self._waiting
                if last or group.blocks >= MOST or group.error:
                    self._finish(group)
        finally:
            self._runs = None
            self._turn.release()

    def _finish(self, group: _Group) -> None:
        self._group = None
        try:
            if group.error is None:
                group.transaction.commit()
        except (SQLAlchemyError, sqlite3.Error) as error:
            group.error = error
        try:
            if group.error is not None:
                # Closes the driver's connection, which undoes whatever is left of the transaction.
                group.connection.invalidate()
            group.connection.close()
        finally:
            group.done.set()

    def _wait_for(self, group: _Group) -> None:
        while not group.done.wait(PATIENCE):
            # Whoever waited for the turn may have been interrupted before it got it.
            if self._turn.acquire(blocking=False):
                try:
                    if self._group is group:
                        self._finish(group)
                finally:
                    self._turn.release()
        if group.error is not None:
            raise unavailable(group.error) from group.error


@contextmanager
def _savepoint(group: _Group) -> Iterator[None]:
    """Undoes the block on an error. After some, such as a full disk, the whole group is undone."""
    run = driver_of(group.connection).execute
    run("SAVEPOINT block")
    try:
        yield
        run("RELEASE block")
    except BaseException as error:
        if _alive(group):
            run("ROLLBACK TO block")
            run("RELEASE block")
        else:
            group.error = error
        raise


def unavailable(error: BaseException) -> Unavailable:
    """The error for callers. It has the driver's message only: SQLAlchemy's repeats the values."""
    said = error if isinstance(error, sqlite3.Error) else error.__cause__
    return Unavailable(f"the database does not answer: {said or type(error).__name__}")


def _alive(group: _Group) -> bool:
    return bool(getattr(driver_of(group.connection), "in_transaction", False))
