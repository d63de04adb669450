"""Acceptance of orders: signed, permitted and covered ones only, and each order only once."""

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
from oracle.domain.ordered import Ordered
from oracle.domain.request import parse_request
from oracle.orders.acceptance import take
from oracle.pipeline.runner import Pipeline
from tests.support.samples import (
    NOW,
    PAYER,
    PROMPT,
    SALT,
    first_request_json,
    order_for,
    ordered,
    recording,
    request,
)
from tests.support.trio import key, make_trio


@pytest.fixture
def trio(tmp_path):
    return make_trio(tmp_path)


def place(trio, asked=None, **changes):
    asked = asked or request()
    order, signature = trio.order(asked, **changes)
    return take(trio.contexts[0], ordered(asked, order, signature))


def kept(trio):
    return trio.contexts[0].store.unfinished()


def test_a_good_order_is_saved_before_the_answer(trio):
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
def test_an_order_that_does_not_match_the_request_is_refused_and_not_saved(trio, case):
    changes, error, field = BAD[case]
    with pytest.raises(error, match=field):
        place(trio, **changes)
    assert kept(trio) == []


@pytest.mark.parametrize("rule", ["responsibility", "shapley"])
def test_a_rule_that_is_not_payable_is_refused(trio, rule):
    with pytest.raises(InvalidInput, match="must be realised or declared or audible"):
        place(trio, request(rule=rule), rule={"responsibility": 3, "shapley": 4}[rule])


def test_an_order_signed_by_another_is_refused(trio):
    asked = request()
    order, _ = trio.order(asked)
    signature = "0x" + key("thief").sign(trio.typed.order_digest(order)).hex()
    with pytest.raises(Unauthorised, match="contract accounts"):
        take(trio.contexts[0], ordered(asked, order, signature))


def test_a_signature_for_another_order_is_refused(trio):
    asked = request()
    order, signature = trio.order(asked)
    with pytest.raises(Unauthorised):
        take(trio.contexts[0], ordered(asked, replace(order, nonce=1), signature))


def test_a_refusal_names_every_recording_that_may_not_be_used(trio):
    trio.ledger.register(recording(1, uses=1))
    trio.ledger.versions.pop(2)
    with pytest.raises(Refused) as caught:
        place(trio)
    assert [(r.recording, r.reason) for r in caught.value.refusals] == [
        (1, "unpermitted"), (2, "unknown"),
    ]  # fmt: skip
    assert kept(trio) == []


def test_escrow_must_cover_all_unfinished_orders(trio):
    trio.ledger.escrow[trio.payer.address.lower()] = 500_000
    place(trio, nonce=0)
    place(trio, nonce=1)
    with pytest.raises(Refused, match="escrow"):
        place(trio, nonce=2)
    assert len(kept(trio)) == 2


def test_a_payer_without_escrow_is_refused(trio):
    trio.ledger.escrow.clear()
    with pytest.raises(Refused, match="escrow"):
        place(trio)


def test_a_payer_that_requested_its_escrow_back_is_refused(trio):
    trio.ledger.exits[trio.payer.address.lower()] = NOW + 999_999
    with pytest.raises(Refused, match="asked for its escrow back"):
        place(trio)
    assert trio.contexts[0].store.unfinished() == []


def test_an_order_below_a_floor_is_refused(trio):
    trio.ledger.amend(1, floors=(0, 10**6, 0, 0))
    with pytest.raises(Refused, match="below the price of"):
        place(trio)


def test_a_nonce_used_on_the_chain_is_a_conflict(trio):
    trio.ledger.used[trio.payer.address.lower()] = {0}
    with pytest.raises(Conflict, match="nonce"):
        place(trio)


def test_a_nonce_of_an_unfinished_order_is_a_conflict(trio):
    place(trio)
    with pytest.raises(Conflict, match="nonce"):
        place(trio, request(prompt="another"))


def test_a_nonce_of_a_failed_order_can_be_used_again(trio):
    first = place(trio)
    trio.contexts[0].store.save(replace(first, stage=Stage.FAILED))
    assert place(trio, request(prompt="another")).stage == Stage.ORDERED


def test_the_same_order_gets_the_same_generation(trio):
    assert place(trio) == place(trio)
    assert len(kept(trio)) == 1


def test_a_known_order_costs_no_call_of_the_chain(trio):
    taken = place(trio)
    trio.ledger.fault = Unavailable("the chain was asked")
    assert place(trio) == taken
    with pytest.raises(Unavailable, match="the chain was asked"):
        place(trio, nonce=1)


def test_a_payer_cannot_be_exchanged(trio):
    place(trio)
    order, signature = trio.order(request(), nonce=1)
    stranger = replace(order, payer=PAYER)
    with pytest.raises(Unauthorised):
        take(trio.contexts[0], ordered(request(), stranger, signature))


def test_prompt_and_salt_are_saved_and_must_open_the_commitment(trio):
    sent = ordered(request(), *trio.order(request()))
    for wrong in ({"prompt": "other"}, {"salt": "00" * 32}):
        with pytest.raises(InvalidInput, match="do not give the request's prompt_commitment"):
            take(trio.contexts[0], replace(sent, **wrong))
    for wrong in ({"prompt": ""}, {"salt": "5A" * 32}, {"salt": ""}):
        with pytest.raises(InvalidInput, match=next(iter(wrong))):
            take(trio.contexts[0], replace(sent, **wrong))
    assert kept(trio) == []
    taken = take(trio.contexts[0], sent)
    saved = trio.reopened().store.load(taken.id)
    assert (saved.prompt, saved.salt) == (PROMPT, SALT)
    assert PROMPT not in repr(saved) and SALT not in repr(saved)


def test_a_request_with_its_prompt_is_not_ordered(trio):
    asked = parse_request(first_request_json())
    order, signature = trio.order(asked)
    with pytest.raises(InvalidInput, match="for ever"):
        take(trio.contexts[0], Ordered(asked, order, signature))


def test_a_settled_order_gets_the_same_answer(trio):
    taken = place(trio)
    pipeline = Pipeline(trio.contexts[0])
    while not pipeline.advance(taken.id).ended:
        pass
    trio.ledger.escrow.clear()
    trio.ledger.mine(seconds=10**6)
    assert place(trio).stage == Stage.SETTLED


def test_an_order_above_the_backlog_is_refused_and_not_saved(trio):
    small = replace(trio.contexts[0], terms=replace(trio.terms, backlog=1))
    trio.contexts[0] = small
    place(trio)
    with pytest.raises(Unavailable, match="unfinished"):
        place(trio, nonce=1)


def with_terms(trio, **changes):
    trio.contexts[0] = replace(trio.contexts[0], terms=replace(trio.terms, **changes))


def test_a_payer_has_a_share_of_the_backlog_only(trio):
    with_terms(trio, backlog_share=2)
    for nonce in (0, 1):
        place(trio, nonce=nonce)
    with pytest.raises(Unavailable, match=r"order\.payer: too many generations of this payer"):
        place(trio, nonce=2)
    assert len(kept(trio)) == 2
    assert place_for(trio, "another payer").stage == Stage.ORDERED


def place_for(trio, name):
    """An order of another funded payer."""
    own = key(name)
    trio.ledger.escrow[own.address.lower()] = 10**9
    order = order_for(request(), payer=own.address)
    signature = "0x" + own.sign(trio.typed.order_digest(order)).hex()
    return take(trio.contexts[0], ordered(request(), order, signature))


def test_tracks_that_were_made_and_not_paid_are_limited(trio):
    with_terms(trio, unpaid_seconds=12)
    store = trio.contexts[0].store
    made = [place(trio, nonce=nonce) for nonce in (0, 1)]
    for each in made:
        store.save(replace(each, stage=Stage.FAILED, made=True))
    with pytest.raises(Unavailable, match="10 seconds of tracks of this payer are made"):
        place(trio, nonce=2)
    assert place_for(trio, "another payer").stage == Stage.ORDERED
    store.save(replace(made[0], stage=Stage.SETTLED, made=True))
    assert place(trio, nonce=2).stage == Stage.ORDERED


def test_a_track_is_made_only_within_the_allowance(trio):
    """Orders that were taken while nothing was made yet wait until earlier ones are paid."""
    with_terms(trio, unpaid_seconds=5)
    first, second = (place(trio, nonce=nonce) for nonce in (0, 1))
    context = trio.contexts[0]
    context.store.save(replace(first, stage=Stage.POSTED, made=True))
    pipeline = Pipeline(context)
    for _ in range(3):
        waiting = pipeline.advance(second.id)
    assert (waiting.stage, waiting.made) == (Stage.CONSENTED, False)
    context.store.save(replace(first, stage=Stage.SETTLED, made=True))
    assert pipeline.advance(second.id).made


def test_nonces_stay_within_63_of_each_other(trio):
    place(trio, nonce=10)
    for nonce in (74, 80):
        with pytest.raises(Refused, match=r"order\.nonce: must be within 63 of .* nonce 10"):
            place(trio, nonce=nonce)
    place(trio, nonce=73)
    with pytest.raises(Refused, match="within 63 of the payer's open nonce 73"):
        place(trio, nonce=9)
    assert len(kept(trio)) == 2


def test_a_reference_without_a_beat_of_its_own_is_refused(trio):
    weights = [{"recording": 1, "weight": 900_000}, {"recording": 2, "weight": 100_000}]
    with pytest.raises(Refused) as caught:
        place(trio, request(references=weights))
    assert [(r.recording, r.reason) for r in caught.value.refusals] == [(2, "too_short")]


def apart(trio, *nodes):
    """Three references that some nodes say have no common tempo."""
    for index in nodes:
        trio.nodes[index].bpm = {1: 82, 2: 100, 3: 122}
    thirds = [{"recording": n, "weight": w} for n, w in ((1, 333_333), (2, 333_333), (3, 333_334))]
    return request(references=thirds)


def test_references_without_a_common_tempo_are_refused_by_name(trio):
    with pytest.raises(Refused) as caught:
        place(trio, apart(trio, 0, 1))
    (refusal,) = caught.value.refusals
    assert (refusal.recording, refusal.reason) == (3, "tempo")
    assert "has 122 bpm, which do not go together with 82 and 100 bpm" in refusal.detail
    assert kept(trio) == []


def test_one_node_alone_cannot_have_an_order_refused_for_its_tempi(trio):
    asked = apart(trio, 0)
    trio.nodes[1].bpm = {1: 120, 2: 120, 3: 120}
    assert place(trio, asked).stage == Stage.ORDERED


def test_a_price_below_the_gas_is_refused(trio):
    with_terms(trio, least_price=200_001)
    with pytest.raises(Refused) as caught:
        place(trio)
    assert [(r.recording, r.reason) for r in caught.value.refusals] == [(None, "below_cost")]


def test_a_cap_that_is_reached_is_refused_before_anything_is_made(trio):
    for node in trio.nodes:
        trio.ledger.spent[node.payee().lower()] = 10**9 - 199_999
    with pytest.raises(Refused) as caught:
        place(trio)
    assert [(r.recording, r.reason) for r in caught.value.refusals] == [(None, "cap_reached")]


def test_a_recording_on_one_node_only_is_refused(trio):
    trio.nodes[1].missing = {1}
    with pytest.raises(Refused) as caught:
        place(trio)
    assert [(r.recording, r.reason) for r in caught.value.refusals] == [(1, "not_held")]
    assert kept(trio) == []


def test_an_order_waits_for_nodes_that_do_not_say_what_they_hold(trio):
    trio.nodes[0].fault = Unavailable("down")
    with pytest.raises(Unavailable, match="1 do not answer now"):
        place(trio)
    trio.nodes[0].fault = None
    trio.clock.sleep(6)
    assert place(trio).stage == Stage.ORDERED


def test_a_short_escrow_is_named_like_in_a_quote(trio):
    trio.ledger.escrow[trio.payer.address.lower()] = 199_999
    with pytest.raises(Refused) as caught:
        place(trio)
    assert [(r.recording, r.reason) for r in caught.value.refusals] == [(None, "escrow_short")]
    assert caught.value.field == "escrow"


def test_an_inactive_set_accepts_no_orders(trio):
    trio.ledger.sets.clear()
    with pytest.raises(Unavailable, match="oracle set"):
        place(trio)


def test_the_same_order_ten_times_at_once_is_one_generation(trio):
    answers = []

    def send():
        try:
            answers.append(place(trio))
        except RefrainError as error:
            answers.append(error)

    threads = [threading.Thread(target=send) for _ in range(10)]
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
            answers.append(place(trio, nonce=nonce).id)
        except Refused:
            answers.append(None)

    threads = [threading.Thread(target=send, args=(nonce,)) for nonce in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([answer for answer in answers if answer]) == len(kept(trio)) == 3
