"""The log of a server: one line a second for each cause, and the number of those left out."""

import io
import logging

import pytest

from oracle.http.log import MOST_CAUSES, SparseHandler


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def handler(clock):
    # A timer of its own would write too; the tests call `tell` themselves.
    made = SparseHandler(io.StringIO(), 3600.0, clock)
    yield made
    if made._timer:
        made._timer.cancel()


@pytest.fixture
def log(handler):
    logger = logging.Logger("test")
    logger.addHandler(handler)
    return logger


def lines(handler):
    return handler.stream.getvalue().splitlines()


def test_one_line_for_a_thousand_records_of_one_cause(handler, log, clock):
    for number in range(1000):
        log.warning("client %d hung up", number)
    assert lines(handler) == ["client 0 hung up"]
    clock.now += 3600
    handler.tell()
    assert lines(handler)[1:] == ["client 999 hung up (and 998 more like this)"]
    handler.tell()
    assert len(lines(handler)) == 2


def test_another_cause_has_its_own_line(handler, log):
    log.warning("one")
    log.warning("two")
    log.error("two")
    assert lines(handler) == ["one", "two", "two"]


def test_a_cause_is_written_again_after_its_pause(handler, log, clock):
    log.warning("again")
    clock.now += 3600
    log.warning("again")
    assert lines(handler) == ["again", "again"]


def test_what_was_left_out_is_told_before_its_pause_is_over_only_at_the_end(handler, log):
    for _ in range(3):
        log.warning("again")
    handler.tell()
    assert lines(handler) == ["again"]
    handler.close()
    assert lines(handler) == ["again", "again (and 1 more like this)"]


def test_the_rest_is_told_by_itself():
    handler = SparseHandler(io.StringIO(), 0.05)
    logger = logging.Logger("test")
    logger.addHandler(handler)
    logger.warning("again")
    logger.warning("again")
    handler._timer.join(5)
    assert lines(handler) == ["again", "again"]


def test_what_the_server_does_by_itself_is_all_written(handler, log):
    for _ in range(3):
        log.info("a stage")
    assert lines(handler) == ["a stage"] * 3


def test_a_cause_is_the_first_line_of_a_text(handler, log):
    log.error("accept failed\nsocket 1")
    log.error("accept failed\nsocket 2")
    assert lines(handler) == ["accept failed", "socket 1"]


def test_the_number_of_remembered_causes_is_limited(handler, log):
    for number in range(MOST_CAUSES + 10):
        log.error(f"cause {number}")
    assert len(handler._states) == MOST_CAUSES
