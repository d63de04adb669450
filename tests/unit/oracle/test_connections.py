"""The open connections of a server: who is closed when there is no room, and when time is over."""

import math

import pytest

from oracle.domain.errors import InvalidInput
from oracle.http.connections import Connections, Limits, client_of, read_limits

LIMITS = Limits(connections=4, each=2, head_seconds=10, idle_seconds=15, write_seconds=60)


class Wire:
    """A connection that only knows whether it was closed."""

    def __init__(self):
        self.closing = False

    def abort(self):
        self.closing = True


@pytest.fixture
def connections():
    return Connections(LIMITS)


def opened(connections, *clients, now=0.0):
    wires = [Wire() for _ in clients]
    for wire, client in zip(wires, clients, strict=True):
        assert connections.admit(wire, client, now)
    return wires


def closed(wires):
    return [wire.closing for wire in wires]


def test_one_client_beyond_its_limit_closes_its_own_connection_that_was_still_longest(connections):
    wires = opened(connections, "other", "one", "one", "one")
    assert closed(wires) == [False, True, False, False]
    assert len(connections) == 3


def test_beyond_the_limit_of_all_the_one_that_was_still_longest_is_closed(connections):
    wires = opened(connections, "a", "b", "c", "d", "e")
    assert closed(wires) == [True, False, False, False, False]


def test_a_connection_at_work_is_never_closed_for_another(connections):
    wires = opened(connections, "a", "b", "c", "d")
    connections.work(wires[0])
    assert connections.admit(Wire(), "e", 0.0)
    assert closed(wires) == [False, True, False, False]


def test_a_connection_is_refused_when_all_are_at_work(connections):
    wires = opened(connections, "a", "b", "c", "d")
    for wire in wires:
        connections.work(wire)
    assert not connections.admit(Wire(), "e", 0.0)
    assert closed(wires) == [False] * 4


def test_a_connection_is_refused_when_all_of_its_client_are_at_work(connections):
    for wire in opened(connections, "a", "a"):
        connections.work(wire)
    assert not connections.admit(Wire(), "a", 0.0)
    assert connections.admit(Wire(), "b", 0.0)


def test_a_connection_that_moves_is_not_the_one_that_was_still_longest(connections):
    wires = opened(connections, "a", "b", "c", "d")
    connections.wait(wires[0])
    opened(connections, "e")
    assert closed(wires) == [False, True, False, False]


def test_a_dropped_connection_makes_room(connections):
    wires = opened(connections, "a", "a")
    connections.drop(wires[0])
    connections.drop(wires[0])
    opened(connections, "a")
    assert closed(wires) == [False, False]


def test_nothing_happens_to_a_connection_that_was_dropped(connections):
    (wire,) = opened(connections, "a")
    connections.drop(wire)
    connections.wait(wire, 0.0)
    connections.work(wire)
    connections.sweep(1e9)
    assert not wire.closing and len(connections) == 0


def test_half_a_head_is_closed_when_its_time_is_over(connections):
    wires = opened(connections, "a", now=100.0)
    connections.sweep(109.9)
    assert closed(wires) == [False]
    connections.sweep(110.0)
    assert closed(wires) == [True] and len(connections) == 0


def test_work_takes_as_long_as_it_takes(connections):
    (wire,) = opened(connections, "a")
    connections.work(wire)
    connections.sweep(1e9)
    assert not wire.closing


def test_a_closed_connection_has_the_time_of_writing_for_its_rest(connections):
    (wire,) = opened(connections, "a")
    connections.work(wire)
    wire.closing = True
    connections.sweep(100.0)
    connections.sweep(159.0)
    assert len(connections) == 1
    connections.sweep(160.0)
    assert len(connections) == 0


def test_when_no_files_are_left_fewer_connections_are_taken_for_a_while(connections):
    wires = opened(connections, "a", "b", "c", "d")
    connections.shrink(2)
    assert closed(wires) == [True, True, False, False]
    opened(connections, "e")
    assert closed(wires) == [True, True, True, False]
    for second in range(2):
        connections.sweep(float(second))
    opened(connections, "f", "g")
    assert len(connections) == 4


def test_what_is_at_work_stays_when_no_files_are_left(connections):
    (wire,) = opened(connections, "a")
    connections.work(wire)
    connections.shrink(5)
    assert not wire.closing and not connections.admit(Wire(), "b", 0.0)


@pytest.mark.parametrize(
    ("address", "client"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
    ],
)
def test_one_subscriber_is_one_client(address, client):
    assert client_of(address) == client


def test_the_operator_sets_the_numbers_of_connections():
    found = read_limits({"REFRAIN_CONNECTIONS": "20", "REFRAIN_CONNECTIONS_EACH": "3"})
    assert (found.connections, found.each) == (20, 3)
    assert read_limits({}) == Limits()
    assert read_limits({"REFRAIN_CONNECTIONS": "20"}).each == 20


@pytest.mark.parametrize(
    "set_to",
    [
        {"REFRAIN_CONNECTIONS": "15"},
        {"REFRAIN_CONNECTIONS_EACH": "1001"},
        {"REFRAIN_CONNECTIONS_EACH": "0"},
    ],
)
def test_a_number_of_connections_out_of_its_range_is_refused(set_to):
    with pytest.raises(InvalidInput, match=next(iter(set_to))):
        read_limits(set_to)


def test_a_body_has_no_time_of_its_own(connections):
    (wire,) = opened(connections, "a")
    connections.wait(wire)
    connections.sweep(math.nextafter(math.inf, 0))
    assert not wire.closing
