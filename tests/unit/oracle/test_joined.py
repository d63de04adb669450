"""Shared reads: one at a time, and nobody gets the result of one that began before its call."""

from __future__ import annotations

import threading

import pytest

from oracle.adapters.chain.joined import Joined
from oracle.domain.errors import Unavailable


class Counter:
    """A read that waits until the test lets it end; its result is its number."""

    def __init__(self) -> None:
        self.begun = 0
        self.running = threading.Semaphore(0)
        self.may_end = threading.Semaphore(0)

    def __call__(self) -> int:
        self.begun += 1
        mine = self.begun
        self.running.release()
        assert self.may_end.acquire(timeout=20)
        return mine


def callers(number, read, found):
    threads = [threading.Thread(target=lambda: found.append(read.get())) for _ in range(number)]
    for thread in threads:
        thread.start()
    return threads


def finish(threads):
    for thread in threads:
        thread.join(20)
        assert not thread.is_alive()


def wait_until(condition):
    """Waits for threads that are about to block; the condition comes true in microseconds."""
    for _ in range(20_000):
        if condition():
            return
        threading.Event().wait(0.001)
    raise AssertionError("not in time")


def test_callers_during_a_read_share_the_next_one():
    counter, first, later = Counter(), [], []
    read = Joined(counter)
    one = callers(1, read, first)
    assert counter.running.acquire(timeout=20)
    many = callers(12, read, later)
    wait_until(lambda: len(read._changed._waiters) == 12)
    counter.may_end.release()
    assert counter.running.acquire(timeout=20)
    counter.may_end.release()
    finish(one + many)
    assert first == [1] and later == [2] * 12 and counter.begun == 2


def test_one_after_the_other_reads_each_time():
    numbers = iter(range(5))
    read = Joined(lambda: next(numbers))
    assert [read.get() for _ in range(5)] == [0, 1, 2, 3, 4]


def test_an_error_goes_to_every_caller_and_is_not_kept():
    answers = [Unavailable("asleep", field="rpc", value=1)]

    def ask():
        if answers:
            raise answers.pop()
        return "awake"

    read = Joined(ask)
    with pytest.raises(Unavailable, match=r"rpc: asleep \(found 1\)"):
        read.get()
    assert read.get() == "awake"


def test_waiting_callers_of_a_failed_read_get_its_error():
    gate, ready, found = threading.Event(), threading.Event(), []
    turns = iter(["first", "second", "third"])

    def ask():
        turn = next(turns)
        if turn == "first":
            ready.set()
            assert gate.wait(20)
        raise Unavailable(turn)

    read = Joined(ask)

    def call():
        with pytest.raises(Unavailable) as caught:
            read.get()
        found.append(caught.value.detail)

    threads = [threading.Thread(target=call) for _ in range(4)]
    threads[0].start()
    assert ready.wait(20)
    for thread in threads[1:]:
        thread.start()
    wait_until(lambda: len(read._changed._waiters) == 3)
    gate.set()
    finish(threads)
    assert sorted(found) == ["first", "second", "second", "second"]
