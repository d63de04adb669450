"""Reservations: what an oracle promises to a leader, what it checks first, and what it tells."""

from dataclasses import replace

import pytest

from oracle.domain.errors import (
    Conflict,
    InvalidInput,
    NotFound,
    Refused,
    Unauthorised,
    Unavailable,
)
from oracle.domain.generation import Stage
from oracle.domain.reservation import CLOCK_SKEW, MOST_AHEAD, Ballot, Reservation
from oracle.domain.seat import accepting, cancelling
from oracle.orders.acceptance import take
from oracle.pipeline.runner import Pipeline
from oracle.quorum.reservations import grant
from tests.support.samples import manifest, ordered, recording, request
from tests.support.trio import key, make_trio

FIRST, SECOND, THIRD = Ballot(1, 0), Ballot(1, 2), Ballot(2, 0)
PRICE = 200_000


@pytest.fixture
def trio(tmp_path):
    return make_trio(tmp_path)


def placed(trio, nonce=0, prompt="warm, slow", tier="commercial", **changes):
    """An order as its leader sends it."""
    asked = request(prompt=prompt, tier=tier)
    return ordered(asked, *trio.order(asked, nonce=nonce, **changes))


def ask(trio, made, ballot=FIRST, index=1):
    """The answer of the second oracle, or of another one, to the leader of a ballot."""
    return grant(trio.contexts[index], made, ballot)


def seat_of(trio, made, index=1):
    return trio.contexts[index].store.seat(made.order.payer, made.order.nonce)


def pass_lease(trio):
    trio.clock.sleep(trio.terms.lease + 1)


def fund(trio, amount):
    trio.ledger.escrow[trio.payer.address.lower()] = amount


def signer_of(trio, made, answer):
    name, order = trio.typed.order_hash(made.order), made.order
    promise = Reservation(name, order.payer, order.nonce, answer.ballot, answer.until)
    set_id = trio.typed.set_id(trio.terms.oracle_set)
    return trio.typed.reservation_signer(promise, set_id, answer.signature)


def test_the_first_reservation_is_signed_and_saved(trio):
    made = placed(trio)
    answer = ask(trio, made)
    assert signer_of(trio, made, answer) == answer.signer == trio.contexts[1].attester.address
    assert (answer.ballot, answer.until) == (FIRST, trio.clock.now() + trio.terms.lease)
    assert (answer.accepted, answer.vote, answer.open, answer.ended) == (None, "", (), "")
    again = trio.reopened(1).store
    assert again.seat(made.order.payer, made.order.nonce) == seat_of(trio, made)
    known = again.load(trio.typed.order_hash(made.order))
    assert (known.stage, known.taken, known.price) == (Stage.ORDERED, False, PRICE)
    assert (known.prompt, known.salt, known.order_signature) == (
        made.prompt, made.salt, made.signature,
    )  # fmt: skip


def test_the_leader_renews_its_lease(trio):
    made = placed(trio)
    first = ask(trio, made)
    trio.clock.sleep(20)
    # A renewal reserves nothing new, so that a poor payer does not stop a leader at work.
    fund(trio, 0)
    again = ask(trio, made)
    assert (again.ballot, again.until) == (FIRST, first.until + 20)
    assert signer_of(trio, made, again) == again.signer


def test_another_leader_is_told_who_leads_until_the_lease_is_over(trio):
    made = placed(trio)
    first = ask(trio, made)
    trio.clock.sleep(trio.terms.lease)
    told = ask(trio, made, SECOND)
    assert (told.grants, told.ballot, told.until) == (False, FIRST, first.until)
    trio.clock.sleep(1)
    assert ask(trio, made, SECOND).grants
    assert not ask(trio, made, FIRST).grants
    assert seat_of(trio, made).ballot == SECOND


def test_another_order_under_the_nonce_is_a_conflict_until_the_first_one_is_over(trio):
    made, other = placed(trio), placed(trio, prompt="another one")
    ask(trio, made)
    with pytest.raises(Conflict, match=r"order\.nonce: is used by another order"):
        ask(trio, other, Ballot(9, 2))
    pass_lease(trio)
    assert ask(trio, other, SECOND).grants
    assert seat_of(trio, made).order == trio.typed.order_hash(other.order)


def accept(trio, made, ballot=FIRST, index=1):
    """The oracle has signed an attestation of the order."""
    name = trio.typed.order_hash(made.order)
    block = trio.ledger.blocks[-1]
    attestation = replace(manifest().attestation(b"m" * 32), generated_at=block.timestamp)
    trio.contexts[index].store.change_seat(
        made.order.payer, made.order.nonce, lambda s: accepting(s, name, ballot, attestation)
    )
    return attestation


def test_a_signed_order_holds_its_nonce_until_it_cannot_settle(trio):
    made, other = placed(trio), placed(trio, prompt="another one")
    ask(trio, made)
    attestation = accept(trio, made)
    trio.clock.sleep(attestation.generated_at + trio.ledger.lag - trio.clock.now())
    with pytest.raises(Conflict, match="is used by another order"):
        ask(trio, other, SECOND)
    trio.clock.sleep(1)
    assert ask(trio, other, SECOND).grants


def test_an_answer_names_the_signed_attestation_with_a_proof(trio):
    made = placed(trio)
    ask(trio, made)
    attestation = accept(trio, made)
    pass_lease(trio)
    answer = ask(trio, made, SECOND)
    assert (answer.accepted.ballot, answer.accepted.attestation) == (FIRST, attestation)
    name, set_id = trio.typed.order_hash(made.order), trio.typed.set_id(trio.terms.oracle_set)
    voter = trio.typed.attestation_signer(attestation, name, set_id, answer.vote)
    assert voter == answer.signer
    # Also when it does not grant: the one who asks must know.
    assert ask(trio, made, FIRST).accepted == answer.accepted


def test_escrow_must_cover_the_payers_other_open_orders(trio):
    fund(trio, 2 * PRICE)
    ask(trio, placed(trio, nonce=0))
    ask(trio, placed(trio, nonce=1))
    with pytest.raises(Refused, match="must cover 200000 and 400000 of unfinished orders"):
        ask(trio, placed(trio, nonce=2))
    assert trio.contexts[1].store.seat(trio.payer.address, 2) is None
    assert len(trio.contexts[1].store.unfinished()) == 2


def test_lapsed_reservations_of_other_oracles_do_not_count(trio):
    fund(trio, PRICE)
    ask(trio, placed(trio, nonce=0))
    with pytest.raises(Refused, match="escrow"):
        ask(trio, placed(trio, nonce=1))
    pass_lease(trio)
    assert ask(trio, placed(trio, nonce=1)).grants
    # The first one must be reserved anew, and there is no money for it now.
    with pytest.raises(Refused, match="escrow"):
        ask(trio, placed(trio, nonce=0), SECOND)


def test_a_signed_order_counts_after_its_lease(trio):
    fund(trio, PRICE)
    made = placed(trio, nonce=0)
    ask(trio, made)
    accept(trio, made)
    pass_lease(trio)
    with pytest.raises(Refused, match="escrow"):
        ask(trio, placed(trio, nonce=1))


def test_an_order_that_this_oracle_took_counts_without_a_lease(trio):
    fund(trio, PRICE)
    take(trio.contexts[1], placed(trio, nonce=0))
    with pytest.raises(Refused, match="escrow"):
        ask(trio, placed(trio, nonce=1))


def test_an_ended_order_does_not_count(trio):
    fund(trio, PRICE)
    store, made = trio.contexts[1].store, placed(trio, nonce=0)
    ask(trio, made)
    known = store.load(trio.typed.order_hash(made.order))
    store.save(replace(known, stage=Stage.REFUSED))
    assert ask(trio, placed(trio, nonce=1)).grants


def test_the_orders_of_another_payer_do_not_count(trio):
    fund(trio, PRICE)
    ask(trio, placed(trio, nonce=0))
    other, asked = key("another payer"), request()
    trio.ledger.escrow[other.address.lower()] = PRICE
    order, _ = trio.order(asked)
    theirs = replace(order, payer=other.address)
    signature = "0x" + other.sign(trio.typed.order_digest(theirs)).hex()
    answer = ask(trio, ordered(asked, theirs, signature))
    assert answer.grants and answer.open == ()


def test_the_answer_names_the_payers_other_open_orders_with_signatures(trio):
    first, second = placed(trio, nonce=0), placed(trio, nonce=4)
    ask(trio, first)
    assert ask(trio, second).open == ((first.order, first.signature),)
    assert ask(trio, first).open == ((second.order, second.signature),)
    pass_lease(trio)
    third = ask(trio, placed(trio, nonce=9))
    assert third.open == ()


@pytest.mark.parametrize(("open_nonce", "nonce"), [(0, MOST_AHEAD), (MOST_AHEAD, 0), (70, 7)])
def test_a_nonce_within_the_ledgers_memory_is_reserved(trio, open_nonce, nonce):
    ask(trio, placed(trio, nonce=open_nonce))
    assert ask(trio, placed(trio, nonce=nonce)).grants


@pytest.mark.parametrize(("open_nonce", "nonce"), [(0, MOST_AHEAD + 1), (70, 6), (5, 2**64)])
def test_a_nonce_that_would_kill_an_open_one_is_refused(trio, open_nonce, nonce):
    ask(trio, placed(trio, nonce=open_nonce))
    with pytest.raises(Refused, match="within 63 of the payer's other open nonces"):
        ask(trio, placed(trio, nonce=nonce))
    pass_lease(trio)
    assert ask(trio, placed(trio, nonce=nonce)).grants


def test_a_used_nonce_is_a_conflict(trio):
    trio.ledger.used[trio.payer.address.lower()] = {0}
    with pytest.raises(Conflict, match=r"order\.nonce: is already used"):
        ask(trio, placed(trio))
    assert ask(trio, placed(trio, nonce=1)).grants


def test_an_order_that_is_settled_in_an_open_block_waits(trio):
    made = placed(trio)
    trio.ledger.used[trio.payer.address.lower()] = {0}
    trio.ledger.settled[trio.typed.order_hash(made.order)] = object()
    with pytest.raises(Unavailable, match="not closed yet"):
        ask(trio, made)


def test_a_price_above_the_limit_is_refused_with_the_reason(trio):
    trio.ledger.register(recording(2, floors=(0, 40_000, 0, 0)))
    with pytest.raises(Refused, match="above 224717 by the floor 40000 of recording 2"):
        ask(trio, placed(trio, max_price=224_717))
    assert trio.contexts[1].store.unfinished() == []
    assert ask(trio, placed(trio, max_price=224_718)).grants


def test_an_order_reserves_its_price_and_not_its_limit(trio):
    fund(trio, 2 * PRICE)
    for nonce in (0, 1):
        assert ask(trio, placed(trio, nonce=nonce, max_price=10 * PRICE)).grants


SPOILED = {
    "another signature": (
        lambda t, m: {"signature": "0x" + key("thief").sign(t.typed.order_digest(m.order)).hex()},
        Unauthorised),
    "another limit": (
        lambda t, m: {"order": replace(m.order, max_price=m.order.max_price + 1)}, Unauthorised),
    "another request": (lambda t, m: {"request": request(length=6)}, InvalidInput),
    "another tier": (lambda t, m: {"request": request(tier="personal")}, InvalidInput),
    "another prompt": (lambda t, m: {"prompt": "something else"}, InvalidInput),
    "another salt": (lambda t, m: {"salt": "00" * 32}, InvalidInput),
    "no prompt": (lambda t, m: {"prompt": "", "salt": ""}, InvalidInput),
}  # fmt: skip


@pytest.mark.parametrize("case", SPOILED)
def test_an_order_that_its_payer_did_not_sign_so_is_not_reserved(trio, case):
    change, kind = SPOILED[case]
    made = placed(trio)
    spoiled = replace(made, **change(trio, made))
    with pytest.raises(kind):
        ask(trio, spoiled)
    assert seat_of(trio, made) is None
    assert trio.contexts[1].store.unfinished() == []


def test_no_round_is_promised_that_oracles_cannot_have_come_to(trio):
    made, now = placed(trio), trio.clock.now()
    for far in (now + CLOCK_SKEW + 1, 2**32):
        with pytest.raises(InvalidInput, match=r"ballot\.round: is too far ahead"):
            ask(trio, made, Ballot(far, 0))
    assert seat_of(trio, made) is None
    # Even after the highest one, the next leader has a round above it when the lease is over.
    highest = Ballot(now + CLOCK_SKEW, 2)
    assert ask(trio, made, highest).grants
    pass_lease(trio)
    assert ask(trio, made, highest.next(0)).grants


def test_a_cancelled_order_is_not_reserved(trio):
    made = placed(trio)
    ask(trio, made)
    name = trio.typed.order_hash(made.order)
    trio.contexts[1].store.change_seat(
        made.order.payer, made.order.nonce, lambda s: cancelling(s, name, "0x01", trio.clock.now())
    )
    pass_lease(trio)
    for ballot in (FIRST, SECOND, THIRD):
        with pytest.raises(Conflict, match="cancelled"):
            ask(trio, made, ballot)


@pytest.mark.parametrize("stage", [Stage.REFUSED, Stage.FAILED, Stage.EXPIRED, Stage.CANCELLED])
def test_an_order_that_ended_where_it_was_led_is_told_so(trio, stage):
    context, made = trio.contexts[0], placed(trio)
    ask(trio, made, FIRST, index=0)
    known = context.store.load(trio.typed.order_hash(made.order))
    context.store.save(replace(known, stage=stage, ballot=FIRST))
    pass_lease(trio)
    answer = ask(trio, made, SECOND, index=0)
    assert (answer.grants, answer.ended, answer.ballot) == (False, stage.value, FIRST)


def test_an_order_that_ended_at_a_follower_names_no_end(trio):
    context, made = trio.contexts[1], placed(trio)
    ask(trio, made)
    known = context.store.load(trio.typed.order_hash(made.order))
    context.store.save(replace(known, stage=Stage.REFUSED))
    answer = ask(trio, made, SECOND)
    assert (answer.grants, answer.ended, answer.ballot) == (False, "", FIRST)


def test_an_upgrade_of_an_unknown_track_is_not_reserved(trio):
    asked, original = request(), "0x" + "11" * 32
    order, signature = trio.order(asked, request=bytes.fromhex(original[2:]), max_price=150_000)
    made = replace(ordered(asked, order, signature), original=original, prompt="", salt="")
    with pytest.raises(NotFound):
        ask(trio, made)


def test_an_upgrade_reserves_its_limit(trio):
    first = take(trio.contexts[0], placed(trio, nonce=0, tier="personal")).id
    pipeline = Pipeline(trio.contexts[0])
    while pipeline.advance(first).stage is not Stage.SETTLED:
        pass
    asked = replace(trio.contexts[0].store.load(first).request, tier="commercial")
    order, signature = trio.order(
        asked, request=bytes.fromhex(first[2:]), max_price=150_000, nonce=1
    )
    made = replace(ordered(asked, order, signature), original=first, prompt="", salt="")
    fund(trio, 199_999)
    with pytest.raises(Refused, match="must cover 150000"):
        ask(trio, made)
    fund(trio, 200_000)
    assert ask(trio, made).grants
    known = trio.contexts[1].store.load(trio.typed.order_hash(order))
    assert (known.original, known.price, known.vectors != {}) == (first, 150_000, True)


def test_a_silent_chain_reserves_nothing(trio):
    made = placed(trio)
    trio.ledger.fault = Unavailable("is asleep")
    with pytest.raises(Unavailable, match="is asleep"):
        ask(trio, made)
    assert seat_of(trio, made) is None
