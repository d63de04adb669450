"""What nodes hold: asked once in a few seconds, and no silent node delays or opens anything."""

import threading

import pytest

from oracle.domain.errors import Unavailable
from oracle.domain.holdings import Holdings, NodeHolding
from oracle.orders import holdings as module
from oracle.orders.holdings import FRESH, AskedHoldings
from tests.support.fakes import FakeNode


class CountingNode(FakeNode):
    """Counts the questions and records those about recordings."""

    def __init__(self, name):
        super().__init__(name, f"0x{name}")
        self.payees, self.asked = 0, []

    def payee(self):
        self.payees += 1
        return super().payee()

    def held(self, recordings):
        self.asked.append(list(recordings))
        return super().held(recordings)


class Time:
    """A clock that a test sets."""

    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def nodes():
    return [CountingNode("a"), CountingNode("b")]


@pytest.fixture
def time():
    return Time()


@pytest.fixture
def holdings(nodes, time):
    return AskedHoldings(nodes, time)


def test_it_tells_what_each_node_holds(nodes, holdings):
    nodes[0].bpm, nodes[1].bpm, nodes[1].missing = {1: 120}, {1: 118, 2: 90}, {2}
    assert holdings.ask([1, 2]) == Holdings(
        (NodeHolding("0xa", {1: 120, 2: 0}), NodeHolding("0xb", {1: 118})), 0
    )
    assert holdings.payees() == ["0xa", "0xb"]


def test_a_node_is_asked_once_in_a_few_seconds(nodes, holdings, time):
    for _ in range(100):
        holdings.payees()
        holdings.ask([2, 1])
    assert (nodes[0].payees, nodes[0].asked) == (1, [[1, 2]])
    time.now += FRESH
    nodes[0].missing = {1}
    assert holdings.ask([1]).nodes[0].held == {}
    assert (nodes[0].payees, nodes[0].asked) == (2, [[1, 2], [1]])


def test_an_absent_recording_is_remembered_too(nodes, holdings, time):
    nodes[0].missing = {1}
    assert holdings.ask([1]).nodes[0].held == {}
    nodes[0].missing = set()
    assert holdings.ask([1]).nodes[0].held == {}
    time.now += FRESH
    assert holdings.ask([1]).nodes[0].held == {1: 0}


def test_a_tempo_is_remembered_like_the_recording(nodes, holdings, time):
    nodes[0].bpm = {1: 92, 2: 141}
    assert holdings.ask([1, 2]).nodes[0].held == {1: 92, 2: 141}
    nodes[0].bpm = {1: 93}
    assert holdings.ask([2]).nodes[0].held == {2: 141}
    assert holdings.ask([1]).nodes[0].held == {1: 92}
    assert len(nodes[0].asked) == 1
    time.now += FRESH
    assert holdings.ask([1]).nodes[0].held == {1: 93}


def test_a_silent_node_is_counted_and_not_asked_again_at_once(nodes, holdings, time):
    nodes[0].fault = Unavailable("down")
    for _ in range(10):
        assert holdings.ask([1]) == Holdings((NodeHolding("0xb", {1: 0}),), 1)
    assert nodes[0].payees == 1
    nodes[0].fault = None
    assert holdings.ask([1]).silent == 1
    time.now += FRESH
    assert holdings.ask([1]).silent == 0


def test_an_answer_that_is_too_old_is_not_used_for_a_silent_node(nodes, holdings, time):
    assert holdings.ask([1]).silent == 0
    nodes[0].fault = Unavailable("down")
    time.now += FRESH
    assert holdings.ask([1]).silent == 1


def test_a_node_that_hangs_delays_the_others_for_a_short_time_only(nodes, time, monkeypatch):
    monkeypatch.setattr(module, "PATIENCE", 0.05)
    begun, free = threading.Event(), threading.Event()

    def hang(_recordings):
        begun.set()
        free.wait(20)
        return {}

    nodes[0].held = hang
    holdings = AskedHoldings(nodes, time)
    first = threading.Thread(target=holdings.ask, args=([1],))
    first.start()
    begun.wait(20)
    assert holdings.ask([1]).silent == 1
    free.set()
    first.join()
    assert holdings.ask([1]).silent == 0


def test_what_is_remembered_has_a_bound(nodes, holdings, monkeypatch):
    monkeypatch.setattr(module, "MOST_KEPT", 10)
    for number in range(1, 200):
        holdings.ask([number])
    assert len(holdings._nodes[0]._answers) <= 10
