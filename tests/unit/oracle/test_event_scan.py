"""Events are read once: a question costs nothing at a known block, and new blocks otherwise."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from oracle.adapters.chain import event_scan
from oracle.adapters.chain.event_scan import DEEP, Scan
from oracle.adapters.chain.heads import Heads
from oracle.domain.errors import Unavailable
from tests.support.fake_rpc import FakeRpc


class Names:
    """The index of these tests: block and first topic of every log."""

    def __init__(self) -> None:
        self.found: list[tuple[int, bytes]] = []

    def add(self, log) -> None:
        self.found.append((log.block, log.topics[0]))


class Anything:
    address = "0x" + "11" * 20

    def topic(self, name: str) -> str:
        return name


@pytest.fixture
def chain():
    """Thirty blocks, a log in each tenth."""
    made = FakeRpc()
    for number in range(1, 31):
        made.mine()
        if number % 10 == 0:
            made.log(b"%d" % number)
    return made


@pytest.fixture
def scan(chain):
    heads = Heads(chain, 2)
    return Scan(chain, heads, Anything(), ("Named",), 0, Names), heads


def events(scan):
    made, heads = scan
    with made.upto(heads.now()) as (closed, newest):
        return closed.found + newest.found


def ranges(chain):
    return [asked for name, asked in chain.asked if name == "logs"]


def test_every_event_is_found_once(chain, scan):
    expected = [(10, b"10"), (20, b"20"), (30, b"30")]
    assert events(scan) == expected
    for number in range(31, 60):
        chain.mine()
        if number % 7 == 0:
            chain.log(b"%d" % number)
            expected.append((number, b"%d" % number))
        assert events(scan) == expected


def test_closed_blocks_are_read_once_and_a_known_block_never_again(chain, scan):
    events(scan)
    assert ranges(chain) == [(0, 30)]
    events(scan)
    assert ranges(chain) == [(0, 30)]
    chain.mine()
    events(scan)
    assert ranges(chain) == [(0, 30), (30 - DEEP + 1, 31)]


def test_the_cost_of_a_new_block_does_not_grow_with_the_history(chain, scan):
    for _ in range(100):
        chain.mine()
        events(scan)
    assert all(last - first <= DEEP for first, last in ranges(chain)[1:])
    assert chain.count("block") == 0


@pytest.mark.parametrize("depth", [1, 5, DEEP - 1, DEEP, DEEP + 4, 29])
def test_events_of_undone_blocks_are_dropped(chain, scan, depth):
    for number in range(31, 36):
        chain.mine()
        chain.log(b"%d" % number)
        events(scan)
    chain.fork(depth)
    chain.log(b"new")
    left = [found for block in chain.blocks for found in chain.logged.get(block.hash, [])]
    assert events(scan) == [(log.block, log.topics[0]) for log in left]


def test_a_log_of_an_undone_block_does_not_count(chain, scan):
    events(scan)
    chain.mine()
    chain.log(b"undone")
    (stale,) = chain.logged[chain.blocks[-1].hash]
    chain.fork(1)
    chain.logged[chain.blocks[-1].hash] = [stale]
    assert events(scan) == [(10, b"10"), (20, b"20"), (30, b"30")]
    read = len(ranges(chain))
    chain.logged[chain.blocks[-1].hash] = [replace(stale, block_hash=chain.blocks[-1].hash)]
    assert events(scan)[-1] == (31, b"undone")
    assert len(ranges(chain)) == read + 1


def test_a_node_that_returned_too_few_events_is_asked_again(chain, scan):
    hidden, chain.logged = chain.logged, {}
    assert events(scan) == []
    chain.logged = hidden
    scan[0].read_newest_again()
    assert events(scan) == [(20, b"20"), (30, b"30")]
    scan[0].forget()
    assert events(scan) == [(10, b"10"), (20, b"20"), (30, b"30")]


def test_a_long_history_is_read_in_pieces(chain, scan, monkeypatch):
    monkeypatch.setattr(event_scan, "PIECE", 8)
    assert events(scan) == [(10, b"10"), (20, b"20"), (30, b"30")]
    assert ranges(chain) == [(0, 7), (8, 15), (16, 23), (24, 30)]


def test_pieces_that_were_read_before_a_failure_are_kept(chain, scan, monkeypatch):
    monkeypatch.setattr(event_scan, "PIECE", 8)
    whole = chain.logs

    def failing(address, topics, first, last):
        if first == 16:
            raise Unavailable("asleep")
        return whole(address, topics, first, last)

    monkeypatch.setattr(chain, "logs", failing)
    with pytest.raises(Unavailable):
        events(scan)
    monkeypatch.setattr(chain, "logs", whole)
    assert events(scan) == [(10, b"10"), (20, b"20"), (30, b"30")]
    assert ranges(chain) == [(0, 7), (8, 15), (16, 23), (24, 30)]


def test_the_history_before_the_start_is_not_read(chain):
    heads = Heads(chain, 2)
    made = Scan(chain, heads, Anything(), ("Named",), 15, Names)
    assert events((made, heads)) == [(20, b"20"), (30, b"30")]
    assert ranges(chain) == [(15, 30)]


def test_many_questions_about_a_new_block_share_one_reading(chain, scan, monkeypatch):
    events(scan)
    chain.mine()
    head, begun, gate = scan[1].now(), threading.Event(), threading.Event()
    whole, found = chain.logs, []

    def slow(*asked):
        begun.set()
        assert gate.wait(20)
        return whole(*asked)

    monkeypatch.setattr(chain, "logs", slow)

    def ask():
        with scan[0].upto(head) as (closed, newest):
            found.append(closed.found + newest.found)

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    assert begun.wait(20)
    gate.set()
    for thread in threads:
        thread.join(20)
    assert len(found) == 20 and all(one == found[0] for one in found)
    assert len(ranges(chain)) == 2
