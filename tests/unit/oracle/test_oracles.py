"""An app with several oracles of a set: a dead one costs one call, and no order is lost."""

import pytest

from oracle.client.oracles import Oracles
from oracle.domain.errors import Busy, Conflict, InvalidInput, NotFound, Unavailable
from tests.support.http_script import scripted

DEAD = "http://127.0.0.1:9"


@pytest.fixture
def pair():
    with scripted() as first, scripted() as second:
        first.says({"from": 1})
        second.says({"from": 2})
        yield first, second


def test_the_first_one_is_asked(pair):
    oracles = Oracles([each.url for each in pair])
    assert oracles.post("/v1/quotes", {}) == {"from": 1} == oracles.get("/v1/x")
    assert pair[1].asked == []


def test_the_next_one_gets_the_same_call_when_one_does_not_answer(pair):
    oracles = Oracles([DEAD, pair[1].url])
    assert oracles.post("/v1/generations", {"a": 1}) == {"from": 2}
    (asked,) = pair[1].asked
    assert (asked.method, asked.path, asked.body) == ("POST", "/v1/generations", b'{"a":1}')


def test_an_oracle_that_is_overloaded_counts_as_silent(pair):
    pair[0].problem("Unavailable", 503, detail="later")
    assert Oracles([each.url for each in pair]).post("/v1/quotes", {}) == {"from": 2}


def test_the_one_that_answered_is_asked_first_from_then_on(pair):
    first, second = pair
    first.problem("Unavailable", 503, detail="later")
    oracles = Oracles([first.url, second.url])
    for _ in range(5):
        assert oracles.get("/v1/x") == {"from": 2}
    assert len(first.asked) == 1
    second.problem("Unavailable", 503, detail="later")
    first.says({"from": 1})
    assert oracles.get("/v1/x") == {"from": 1}


def test_what_one_oracle_does_not_know_another_may(pair):
    pair[0].problem("Not found", 404, detail="no such generation")
    oracles = Oracles([each.url for each in pair])
    assert oracles.get("/v1/generations/0x1") == {"from": 2}
    with pytest.raises(NotFound):
        Oracles([DEAD, pair[0].url]).get("/v1/generations/0x1")
    pair[1].problem("Not found", 404, detail="no such generation")
    with pytest.raises(NotFound):
        oracles.get("/v1/generations/0x1")


def test_a_refusal_is_not_asked_for_elsewhere(pair):
    pair[0].problem("Conflict", 409, detail="the nonce is used")
    with pytest.raises(Conflict):
        Oracles([each.url for each in pair]).post("/v1/generations", {})
    assert pair[1].asked == []


def test_silence_of_all_is_said():
    with pytest.raises(Unavailable, match="did not answer"):
        Oracles([DEAD, DEAD]).post("/v1/quotes", {})
    with pytest.raises(InvalidInput, match="needs the URL"):
        Oracles([]).post("/v1/quotes", {})


def test_a_busy_oracle_costs_no_pause_while_another_answers(pair):
    slept = []
    pair[0].busy = [(429, "5")]
    oracles = Oracles([each.url for each in pair], sleep=slept.append)
    assert oracles.post("/v1/quotes", {}) == {"from": 2} and slept == []


def test_when_all_are_busy_all_are_asked_again_after_the_shortest_pause(pair):
    slept = []
    pair[0].busy, pair[1].busy = [(429, "5"), (429, "5")], [(503, "2")]
    oracles = Oracles([each.url for each in pair], sleep=slept.append)
    assert oracles.post("/v1/generations", {"a": 1}) == {"from": 2}
    assert slept == [2.0]
    assert {asked.body for each in pair for asked in each.asked} == {b'{"a":1}'}


def test_a_client_waits_for_busy_oracles_up_to_a_bound(pair):
    slept = []
    pair[0].busy, pair[1].busy = [(429, "5")] * 9, [(429, "5")] * 9
    with pytest.raises(Busy):
        Oracles([each.url for each in pair], 12.0, slept.append).get("/v1/x")
    assert slept == [5.0, 5.0]
