"""A track is made where its references are, and only if another node can render it again."""

from __future__ import annotations

import pytest

from oracle.domain.errors import Unavailable
from oracle.orders.holders import holders_of
from oracle.tracks.node_jobs import choose_makers
from tests.support.fakes import FakeNode

ONE, TWO = "0x" + "11" * 20, "0x" + "22" * 20


class Allowing:
    """The part of a ledger that says which nodes may be paid."""

    def __init__(self, *refused: str) -> None:
        self.refused = refused

    def node_allowed(self, payee: str) -> bool:
        return payee not in self.refused


@pytest.fixture
def nodes():
    return [FakeNode("http://a", ONE), FakeNode("http://b", TWO), FakeNode("http://c", ONE)]


def chosen(nodes, *refused, full=()):
    has_room = lambda payee: payee not in full  # noqa: E731
    return choose_makers(Allowing(*refused), nodes, [1, 2], has_room)[0][0].url


def test_the_first_node_that_holds_the_references_makes_the_track(nodes):
    assert choose_makers(Allowing(), nodes, {1: 5, 2: 5}, lambda payee: True)[0] == (nodes[0], ONE)
    nodes[0].missing = {2}
    assert chosen(nodes) == "http://b"
    nodes[0].missing = {3}
    assert chosen(nodes) == "http://a"


def test_a_node_that_does_not_answer_or_is_not_allowed_is_passed_over(nodes):
    nodes[0].fault = Unavailable("is away")
    assert chosen(nodes) == "http://b"
    nodes[0].fault = None
    assert chosen(nodes, ONE) == "http://b"


def test_nothing_is_made_that_no_other_payee_can_render_again(nodes):
    nodes[1].missing = {1}
    with pytest.raises(Unavailable, match=r"http://a: no node of another payee .*http://c: no"):
        chosen(nodes)
    with pytest.raises(Unavailable, match="http://b: does not hold 1"):
        chosen(nodes)


def test_a_maker_need_not_be_the_node_that_checks(nodes):
    """A node that the ledger does not allow may render again what another one makes."""
    assert chosen(nodes[:2], TWO) == "http://a"


def test_every_reason_is_told(nodes):
    nodes[0].fault, nodes[1].missing = Unavailable("is away"), {1, 2}
    holders, reasons = holders_of(nodes[:2], [2, 1])
    assert holders == [] and len(reasons) == 2
    assert reasons[0] == "http://a: is away"
    assert reasons[1] == "http://b: does not hold 1, 2"


def test_a_node_that_has_reached_its_cap_leaves_the_track_to_another_one(nodes):
    assert chosen(nodes, full={ONE}) == "http://b"
    assert chosen(nodes, full={TWO}) == "http://a"
    assert chosen(nodes, full={ONE, TWO}) == "http://a"
