"""The newest blocks: followed by parent hash, shared for a moment, and every fork is noticed."""

from __future__ import annotations

import logging

import pytest

from oracle.adapters.chain.heads import FRESH, SPAN, Heads
from oracle.domain.errors import Inconsistent, NotFound, Unavailable
from oracle.domain.release import WATCHED
from tests.support.fake_rpc import FakeRpc


class Seconds:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def chain():
    return FakeRpc(100)


def forks(caplog):
    return [r.getMessage() for r in caplog.records if "reorganisation undid" in r.getMessage()]


@pytest.mark.parametrize("confirmations", [0, 1, 12, 40, 99, 500])
def test_the_closed_block_has_its_confirmations(chain, confirmations):
    heads = Heads(chain, confirmations)
    for _ in range(3):
        head = heads.now()
        assert head.newest == chain.blocks[-1]
        assert head.closed == chain.blocks[max(0, len(chain.blocks) - 1 - confirmations)]
        chain.mine()


def test_a_new_block_costs_one_call(chain):
    heads = Heads(chain, 2)
    heads.now()
    for _ in range(5):
        chain.mine()
        chain.asked.clear()
        assert heads.now().newest == chain.blocks[-1]
        assert chain.asked == [("eth_getBlockByNumber", "latest")]


def test_a_look_is_shared_for_a_quarter_of_a_second(chain):
    seconds = Seconds()
    heads = Heads(chain, 2, seconds)
    first = heads.recent()
    chain.mine()
    seconds.now = FRESH
    chain.asked.clear()
    assert heads.recent() == first and chain.asked == []
    seconds.now = FRESH + 0.01
    assert heads.recent().newest == chain.blocks[-1]


def test_now_always_looks(chain):
    heads = Heads(chain, 2, Seconds())
    heads.recent()
    chain.mine()
    assert heads.now().newest == chain.blocks[-1] == heads.recent().newest


def test_known_blocks_cost_no_call(chain):
    heads = Heads(chain, 2)
    heads.now()
    chain.asked.clear()
    for number in range(100 - SPAN, 100):
        assert heads.at(number) == chain.blocks[number]
    assert chain.asked == []
    assert heads.at(3) == chain.blocks[3] and heads.known(3) is None


def test_a_missing_block_is_not_found(chain):
    heads = Heads(chain, 2)
    heads.now()
    with pytest.raises(NotFound):
        heads.at(100)
    with pytest.raises(Unavailable):
        heads.needed(100)


@pytest.mark.parametrize("depth", [1, 2, 12, 16, 40, 63])
@pytest.mark.parametrize("longer", [0, 1, 5, -1])
def test_every_fork_is_reported_with_its_depth(chain, caplog, depth, longer):
    heads = Heads(chain, 2)
    heads.now()
    for _ in range(70):
        chain.mine()
        heads.now()
    gone = chain.blocks[-1]
    chain.fork(depth, max(1, depth + longer))
    with caplog.at_level(logging.WARNING):
        head = heads.now()
    assert head.newest == chain.blocks[-1] and not heads.holds(gone)
    assert forks(caplog) == [
        f"a reorganisation undid the {depth} newest blocks, from {170 - depth} on"
    ]
    assert [heads.at(n) for n in range(150, len(chain.blocks))] == chain.blocks[150:]
    heads.require_finality()


def test_blocks_between_two_looks_are_read_and_linked(chain, caplog):
    heads = Heads(chain, 2)
    heads.now()
    chain.mine(30)
    assert heads.now().closed == chain.blocks[-3] and not forks(caplog)
    chain.asked.clear()
    assert heads.at(110) == chain.blocks[110] and chain.asked == []


def test_after_a_long_pause_only_the_newest_blocks_are_read(chain, caplog):
    heads = Heads(chain, 2)
    heads.now()
    chain.mine(5_000)
    chain.asked.clear()
    assert heads.now().closed == chain.blocks[-3]
    assert len(chain.asked) <= SPAN + 2 and not forks(caplog)


def test_a_fork_during_a_long_pause_is_reported(chain, caplog):
    heads = Heads(chain, 2)
    heads.now()
    chain.fork(5, 5_000)
    with caplog.at_level(logging.WARNING):
        heads.now()
    assert forks(caplog) == ["a reorganisation undid the 5 newest blocks, from 95 on"]


@pytest.mark.parametrize("lag", [1, 2])
def test_a_node_that_lags_is_no_reorganisation(chain, caplog, lag):
    heads, late = Heads(chain, 2), FakeRpc(100 - lag)
    closed = heads.now().closed
    heads._rpc = late
    head = heads.now()
    assert (head.newest, head.closed) == (late.blocks[-1], closed)
    heads._rpc = chain
    assert heads.now().newest == chain.blocks[-1] and not forks(caplog)


@pytest.mark.parametrize("length", [97, 60, 20])
def test_a_node_behind_the_closed_block_is_unavailable(chain, length):
    heads = Heads(chain, 2)
    heads.now()
    heads._rpc = FakeRpc(length)
    with pytest.raises(Unavailable, match="is behind"):
        heads.now()


def test_headers_that_do_not_link_are_refused(chain):
    heads = Heads(chain, 2)
    heads.now()
    chain.mine(3)
    chain.parents[101] = "0x" + "66" * 32
    with pytest.raises(Unavailable, match="changes while it is read"):
        heads.now()
    chain.parents[101] = chain.blocks[100].hash
    assert heads.now().newest == chain.blocks[-1]


class TestFinality:
    def test_the_finalized_block_is_asked_once_for_each_newest_one(self, chain):
        heads, chain.final = Heads(chain, 2), 60
        assert heads.finalized() == chain.blocks[60]
        chain.asked.clear()
        assert heads.finalized() == chain.blocks[60]
        assert ("eth_getBlockByNumber", "finalized") not in chain.asked
        chain.mine()
        chain.final = 61
        assert heads.finalized() == chain.blocks[61]

    def test_a_node_may_have_none(self, chain):
        assert Heads(chain, 2).finalized() is None

    def test_a_fork_below_the_finalized_block_is_an_alarm_that_stays(self, chain, caplog):
        heads, chain.final = Heads(chain, 2), 95
        heads.finalized()
        chain.fork(4)
        heads.now()
        heads.require_finality()
        chain.fork(5)
        heads.now()
        said = "a reorganisation of 5 blocks undid block 95, which was final"
        alarms = [r.getMessage() for r in caplog.records if r.levelno == logging.CRITICAL]
        assert alarms == [f"{said}; settlements that were final may be gone"]
        for _ in range(2):
            with pytest.raises(Inconsistent, match=f"finality: {said}"):
                heads.require_finality()
            chain.mine()
            heads.now()
        assert len([r for r in caplog.records if r.levelno == logging.CRITICAL]) == 1

    @pytest.mark.parametrize(("final", "alarm"), [(20, False), (31, True), (36, True)])
    def test_a_fork_below_the_known_blocks_is_compared_with_the_finalized_one(
        self, chain, caplog, final, alarm
    ):
        heads, chain.final = Heads(chain, 2), final
        heads.finalized()
        chain.fork(70)
        heads.now()
        assert forks(caplog) == ["a reorganisation undid the at least 65 newest blocks, from 35 on"]
        if alarm:
            with pytest.raises(Inconsistent, match="at least 65 blocks undid block 35"):
                heads.require_finality()
        else:
            heads.require_finality()

    @pytest.mark.parametrize(("depth", "final"), [(WATCHED, False), (WATCHED + 1, True)])
    def test_without_a_finalized_block_64_blocks_are_final(self, chain, depth, final):
        heads = Heads(chain, 2)
        for _ in range(80):
            heads.now()
            chain.mine()
        heads.now()
        chain.fork(depth)
        heads.now()
        if final:
            with pytest.raises(Inconsistent):
                heads.require_finality()
        else:
            heads.require_finality()
