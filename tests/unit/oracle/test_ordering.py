"""Taking orders: only what was signed, permitted and covered; and the same order only once."""

import threading
from dataclasses import replace

import pytest

from oracle.domain.errors import (
    Conflict,
    InvalidInput,
    RefrainError,
    Refused,
    Unauthorised,
    Unavailable,
)
from oracle.domain.generation import Stage
from oracle.ordering import take
from oracle.pipeline import Pipeline
from tests.samples import NOW, PAYER, recording, request
from tests.trio import key, make_trio


@pytest.fixture
def trio(tmp_path):
    return make_trio(tmp_path)


def place(trio, asked=None, name="key", body="body", **changes):
    asked = asked or request()
    order, signature = trio.order(asked, **changes)
    return take(trio.worlds[0], asked, order, signature, name, body)


def kept(trio):
    return trio.worlds[0].store.unfinished()


def test_a_good_order_is_kept_before_it_is_answered(trio):
    taken = place(trio)
    assert taken.stage == Stage.ORDERED
    assert taken.id == trio.typed.order_hash(taken.order)
    assert trio.reopened().store.load(taken.id) == taken


BAD = {
    "request": ({"request": bytes(32)}, InvalidInput, "order.request"),
    "tier": ({"tier": 0}, InvalidInput, "order.tier"),
    "use": ({"use": 1}, InvalidInput, "order.use"),
    "rule": ({"rule": 1}, InvalidInput, "order.rule"),
    "price": ({"max_price": 199_999}, Refused, "maxPrice"),
    "deadline": ({"deadline": NOW}, Refused, "deadline"),
}


@pytest.mark.parametrize("case", BAD)
def test_an_order_that_does_not_fit_is_refused_and_not_kept(trio, case):
    changes, error, field = BAD[case]
    with pytest.raises(error, match=field):
        place(trio, **changes)
    assert kept(trio) == []


@pytest.mark.parametrize("rule", ["audible", "responsibility", "shapley"])
def test_a_rule_that_nobody_can_recompute_is_not_paid_by(trio, rule):
    with pytest.raises(InvalidInput, match="pay by realised or declared"):
        place(
            trio, request(rule=rule), rule={"audible": 2, "responsibility": 3, "shapley": 4}[rule]
        )


def test_an_order_signed_by_another_is_refused(trio):
    asked = request()
    order, _ = trio.order(asked)
    signature = "0x" + key("thief").sign(trio.typed.order_digest(order)).hex()
    with pytest.raises(Unauthorised, match="contract accounts"):
        take(trio.worlds[0], asked, order, signature, "key", "body")


def test_a_signature_for_another_order_is_refused(trio):
    asked = request()
    order, signature = trio.order(asked)
    with pytest.raises(Unauthorised):
        take(trio.worlds[0], asked, replace(order, nonce=1), signature, "key", "body")


def test_all_recordings_that_may_not_be_used_are_named(trio):
    trio.ledger.register(recording(1, uses=1))
    trio.ledger.versions.pop(2)
    with pytest.raises(Refused) as caught:
        place(trio)
    assert [(r.recording, r.reason) for r in caught.value.refusals] == [
        (1, "unpermitted"), (2, "unknown"),
    ]  # fmt: skip
    assert kept(trio) == []


def test_escrow_must_cover_all_orders_under_way(trio):
    trio.ledger.escrow[trio.payer.address.lower()] = 500_000
    place(trio, name="a", nonce=0)
    place(trio, name="b", nonce=1)
    with pytest.raises(Refused, match="escrow"):
        place(trio, name="c", nonce=2)
    assert len(kept(trio)) == 2


def test_a_payer_without_escrow_is_refused(trio):
    trio.ledger.escrow.clear()
    with pytest.raises(Refused, match="escrow"):
        place(trio)


def test_a_payer_who_is_leaving_is_refused(trio):
    trio.ledger.exits[trio.payer.address.lower()] = NOW + 999_999
    with pytest.raises(Refused, match="asked for its escrow back"):
        place(trio)
    assert trio.worlds[0].store.unfinished() == []


def test_an_order_below_a_floor_is_refused(trio):
    trio.ledger.amend(1, floors=(0, 10**6, 0, 0))
    with pytest.raises(Refused, match="below the price of"):
        place(trio)


def test_a_nonce_that_the_chain_has_used_is_a_conflict(trio):
    trio.ledger.used[trio.payer.address.lower()] = {0}
    with pytest.raises(Conflict, match="nonce"):
        place(trio)


def test_a_nonce_of_an_order_under_way_is_a_conflict(trio):
    place(trio)
    with pytest.raises(Conflict, match="nonce"):
        place(trio, request(prompt="another"), name="other")


def test_a_nonce_of_an_order_that_failed_is_free_again(trio):
    first = place(trio)
    trio.worlds[0].store.save(replace(first, stage=Stage.FAILED))
    assert place(trio, request(prompt="another"), name="other").stage == Stage.ORDERED


def test_the_same_order_is_the_same_generation_under_any_key(trio):
    assert place(trio, name="a") == place(trio, name="b", body="other")
    assert len(kept(trio)) == 1


def test_a_key_asked_something_else_is_a_conflict(trio):
    place(trio)
    with pytest.raises(Conflict, match="Idempotency-Key"):
        place(trio, body="other")


def test_a_key_belongs_to_its_payer(trio):
    place(trio)
    order, signature = trio.order(request(), nonce=1)
    stranger = replace(order, payer=PAYER)
    with pytest.raises(Unauthorised):
        take(trio.worlds[0], request(), stranger, signature, "key", "other")


def test_a_settled_order_is_still_answered(trio):
    taken = place(trio)
    pipeline = Pipeline(trio.worlds[0])
    while not pipeline.advance(taken.id).ended:
        pass
    trio.ledger.escrow.clear()
    trio.ledger.mine(seconds=10**6)
    assert place(trio).stage == Stage.SETTLED
    assert place(trio, name="later").stage == Stage.SETTLED


def test_too_much_under_way_is_told_and_not_kept(trio):
    small = replace(trio.worlds[0], terms=replace(trio.terms, backlog=1))
    trio.worlds[0] = small
    place(trio)
    with pytest.raises(Unavailable, match="under way"):
        place(trio, name="other", nonce=1)


def test_an_inactive_set_takes_no_orders(trio):
    trio.ledger.sets.clear()
    with pytest.raises(Unavailable, match="oracle set"):
        place(trio)


def test_ten_at_once_are_one_generation(trio):
    answers = []

    def send(number):
        try:
            answers.append(place(trio, name=f"key {number % 2}"))
        except RefrainError as error:
            answers.append(error)

    threads = [threading.Thread(target=send, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({answer.id for answer in answers}) == 1
    assert len(kept(trio)) == 1


def test_ten_different_orders_at_once_do_not_overdraw(trio):
    trio.ledger.escrow[trio.payer.address.lower()] = 3 * 200_000
    answers = []

    def send(nonce):
        try:
            answers.append(place(trio, name=f"key {nonce}", nonce=nonce).id)
        except Refused:
            answers.append(None)

    threads = [threading.Thread(target=send, args=(nonce,)) for nonce in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([answer for answer in answers if answer]) == len(kept(trio)) == 3
