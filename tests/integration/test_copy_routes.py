"""Copies over HTTP: who is quarantined, and a ruling that the peer route hands on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from oracle.domain.copies import BOTH, Decision, decision_json
from oracle.domain.errors import Unavailable
from tests.support.oracle_api import Idle, call, client_of, oracle_key, problem
from tests.support.samples import recording
from tests.support.trio import make_trio
from tests.unit.oracle.test_copies import ADA, BOB, JUDGE, OWNED, alike, signed


@pytest.fixture
def trio(tmp_path):
    made = make_trio(tmp_path)
    for number, owner in OWNED.items():
        made.ledger.register(replace(recording(number), owner=owner))
    for node in made.nodes:
        node.alike = alike(1, 2)
    return made


@pytest.fixture
def api(trio):
    return client_of(trio, Idle())


def test_a_recording_shows_its_copies_and_what_was_decided(trio, api):
    shown = api.get("/v1/recordings/2/copies").json()
    assert (shown["quarantined"], [each["other"] for each in shown["copies"]]) == (True, [1])
    assert shown["copies"][0]["ruling"] is None
    made = Decision(1, 2, BOTH, trio.clock.now())
    body = decision_json(made) | {"signatures": signed(trio, made, ADA, BOB)}
    ruling = api.post("/v1/rulings", json=body).json()
    assert (ruling["by"], len(ruling["signatures"])) == ("owners", 3)
    for index in range(3):
        shown = client_of(trio, Idle(), index=index).get("/v1/recordings/2/copies").json()
        assert not shown["quarantined"] and shown["copies"][0]["ruling"]["keep"] == BOTH
    assert api.get("/v1/recordings/3/copies").json()["copies"] == []
    problem(api.get("/v1/recordings/77/copies"), 404)


def test_a_ruling_without_the_owners_or_with_the_pair_turned_is_refused(trio, api):
    made = Decision(1, 2, BOTH, trio.clock.now())
    body = decision_json(made)
    found = api.post("/v1/rulings", json=body | {"signatures": signed(trio, made, JUDGE)})
    assert problem(found, 401)["field"] == "signatures"
    turned = body | {"recording": 2, "other": 1, "signatures": signed(trio, made, ADA, BOB)}
    assert problem(api.post("/v1/rulings", json=turned), 422)["field"] == "other"


def test_no_node_is_asked_about_a_number_that_a_stranger_makes_up(trio, api):
    for node in trio.nodes:
        node.fault = Unavailable("away")
    problem(api.get("/v1/recordings/77/copies"), 404)


def test_copies_that_no_node_tells_are_not_none(trio, api):
    for node in trio.nodes:
        node.fault = Unavailable("away")
    problem(api.get("/v1/recordings/2/copies"), 503)


def test_another_oracle_of_the_set_gets_a_signature_and_strangers_do_not(trio, api):
    made = Decision(1, 2, BOTH, trio.clock.now())
    body = decision_json(made) | {"papers": signed(trio, made, ADA, BOB), "signatures": {}}
    own = trio.contexts[0].attester
    answer = call(trio, api, oracle_key(trio, 1), "/v1/peers/rulings", body).json()
    assert answer == {
        "signer": own.address, "signature": own.sign_ruling(made, trio.contexts[0].set_id),
    }  # fmt: skip
    problem(call(trio, api, ADA, "/v1/peers/rulings", body), 401)
    broken = body | {"signatures": [1]}
    found = call(trio, api, oracle_key(trio, 1), "/v1/peers/rulings", broken)
    assert problem(found, 422)["field"] == "signatures"
