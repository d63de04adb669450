"""What a thief of one oracle's key attempts at the honest oracles; two of three must sign."""

from dataclasses import replace

import pytest

from oracle.domain.cid import decode
from oracle.domain.errors import (
    Conflict,
    InvalidInput,
    NotFound,
    RefrainError,
    Refused,
    Unavailable,
)
from oracle.domain.generation import Stage
from oracle.domain.ordered import Ordered
from oracle.domain.reservation import CLOCK_SKEW, MOST_AHEAD, Ballot
from oracle.orders.acceptance import take
from oracle.pipeline.runner import Pipeline
from oracle.quorum import attestations, cancelling
from oracle.quorum.reservations import grant
from tests.support.oracle_api import Idle, client_of
from tests.support.samples import PROMPT, SALT, ordered, recording, request
from tests.support.trio import make_trio

THIEF = 2
FIRST = Ballot(1, THIEF)
HONEST = (0, 1)


@pytest.fixture
def trio(tmp_path):
    return make_trio(tmp_path)


def placed(trio, asked=None, **changes):
    asked = asked or request()
    return ordered(asked, *trio.order(asked, **changes))


def ask(trio, made, ballot=FIRST, index=0):
    """The thief asks an honest oracle for a reservation, which it needs beside its own."""
    return grant(trio.contexts[index], made, ballot)


def advance(trio, index, generation, stage):
    pipeline = Pipeline(trio.contexts[index])
    for _ in range(40):
        if pipeline.advance(generation).stage == stage:
            return
    raise AssertionError(f"is not {stage}")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda t: t.ledger.revoke(2),
        lambda t: t.ledger.register(recording(1, uses=1)),
        lambda t: t.ledger.versions.pop(1),
    ],
    ids=["revoked", "not for this use", "unknown"],
)
def test_a_thief_of_one_key_gets_no_reservation_without_consent(trio, spoil):
    made = placed(trio)
    spoil(trio)
    for index in HONEST:
        with pytest.raises(Refused):
            ask(trio, made, index=index)


@pytest.mark.parametrize("deadline", [1, 2**63, 2**256 - 1])
def test_an_order_far_in_the_past_or_future_is_reserved_and_taken_by_nobody(trio, deadline):
    made = placed(trio, deadline=deadline)
    with pytest.raises(Refused) as caught:
        ask(trio, made)
    assert caught.value.field == "order.deadline"
    with pytest.raises(Refused):
        take(trio.contexts[0], made)


def test_tracks_that_a_thief_may_have_made_count_as_unpaid(trio):
    asked = request(length=60)
    most, price = trio.terms.unpaid_seconds // asked.length, 2_400_000
    for nonce in range(most):
        assert ask(trio, placed(trio, asked, nonce=nonce, max_price=price)).grants
        trio.clock.sleep(trio.terms.lease + 1)
    with pytest.raises(Unavailable) as caught:
        ask(trio, placed(trio, asked, nonce=most, max_price=price))
    assert caught.value.field == "order.payer"


def test_forged_upgrades_fill_no_backlog(trio):
    for nonce in range(5):
        order, signature = trio.order(request(), nonce=nonce)
        made = Ordered(request(), order, signature, PROMPT, SALT, "0x" + "ab" * 32)
        with pytest.raises(RefrainError):
            ask(trio, made)
    assert trio.contexts[0].store.unfinished() == []
    take(trio.contexts[0], placed(trio))


def test_orders_that_other_oracles_tell_of_leave_room_for_orders_of_apps(trio):
    terms = replace(trio.terms, backlog=1)
    trio.contexts[0] = replace(trio.contexts[0], terms=terms)
    ask(trio, placed(trio, nonce=0))
    with pytest.raises(Unavailable):
        ask(trio, placed(trio, nonce=1))
    assert take(trio.contexts[0], placed(trio, nonce=2)).stage is Stage.ORDERED


def test_nobody_uses_up_the_rounds_of_an_order(trio):
    made = placed(trio)
    with pytest.raises(InvalidInput) as caught:
        ask(trio, made, Ballot(2**32, THIEF))
    assert caught.value.field == "ballot.round"
    last = trio.clock.now() + CLOCK_SKEW
    assert ask(trio, made, Ballot(last, THIEF)).grants
    trio.clock.sleep(trio.terms.lease + 1)
    assert ask(trio, made, Ballot(last + 1, 1)).grants


def test_a_cancellation_that_the_leader_refuses_changes_nothing_anywhere(trio):
    for node in trio.nodes:
        node.looks = 3
    generation = take(trio.contexts[0], placed(trio)).id
    pipeline = Pipeline(trio.contexts[0])
    while not pipeline.advance(generation).made:
        pass
    signature = "0x" + trio.payer.sign(trio.typed.cancel_digest(generation)).hex()
    for index in (1, 0):
        with pytest.raises((Conflict, Unavailable)):
            cancelling.cancel(trio.contexts[index], generation, signature)
    known = trio.contexts[0].store.load(generation)
    for context in trio.contexts:
        seat = context.store.seat(known.order.payer, known.order.nonce)
        assert seat.cancelled == ""
    advance(trio, 0, generation, Stage.SETTLED)


def test_a_follower_cancels_through_the_leader(trio):
    generation = take(trio.contexts[0], placed(trio)).id
    advance(trio, 0, generation, Stage.CONSENTED)
    signature = "0x" + trio.payer.sign(trio.typed.cancel_digest(generation)).hex()
    assert cancelling.cancel(trio.contexts[1], generation, signature).stage is Stage.CANCELLED
    assert trio.contexts[0].store.load(generation).stage is Stage.CANCELLED


def test_a_paid_track_is_delivered_when_the_public_manifest_is_lost(trio):
    generation = take(trio.contexts[0], placed(trio)).id
    advance(trio, 0, generation, Stage.SIGNED)
    cid = trio.contexts[0].store.load(generation).manifest
    decode(cid)
    del trio.pinner.files[cid]
    advance(trio, 0, generation, Stage.SETTLED)
    known = trio.contexts[0].store.load(generation)
    assert {cid, known.audio, known.trace} <= trio.pinner.files.keys()


def test_cancelled_orders_that_could_not_be_paid_take_no_place(trio):
    asked, honest = trio.contexts[0], trio.terms.oracle_set.signers[THIEF]
    orders = [placed(trio, nonce=nonce) for nonce in (0, MOST_AHEAD, MOST_AHEAD + 1, 10**9)]
    agreed = []
    for sent in orders:
        name = trio.typed.order_hash(sent.order)
        signature = "0x" + trio.payer.sign(trio.typed.cancel_digest(name)).hex()
        try:
            agreed.append(cancelling.agree(asked, sent, signature, honest))
        except Refused as error:
            assert error.field == "order.nonce"
    assert len(agreed) == 2
    trio.ledger.escrow[trio.payer.address.lower()] = 0
    poor = placed(trio, nonce=1)
    name = trio.typed.order_hash(poor.order)
    signature = "0x" + trio.payer.sign(trio.typed.cancel_digest(name)).hex()
    with pytest.raises(Refused, match="escrow"):
        cancelling.agree(asked, poor, signature, honest)


def test_an_order_that_ended_here_is_not_counted_because_another_oracle_names_it(trio):
    trio.ledger.escrow[trio.payer.address.lower()] = 200_000
    old = take(trio.contexts[0], placed(trio, nonce=0))
    signature = "0x" + trio.payer.sign(trio.typed.cancel_digest(old.id)).hex()
    assert cancelling.cancel(trio.contexts[0], old.id, signature).stage is Stage.CANCELLED
    liar = trio.peers[0][0]
    honest = liar.reserve

    def reserve(sent, ballot):
        answer = honest(sent, ballot)
        return replace(answer, open=((old.order, old.order_signature),))

    liar.reserve = reserve
    new = take(trio.contexts[0], placed(trio, nonce=1)).id
    advance(trio, 0, new, Stage.SETTLED)


def test_the_page_of_all_routes_answers(trio):
    with client_of(trio, Idle(), index=0) as client:
        page = client.get("/docs")
    assert page.status_code == 200
    assert "/v1/peers/reservations" in page.text


def test_one_ballot_of_a_thief_gets_one_signature_of_an_honest_oracle(trio):
    generation = take(trio.contexts[0], placed(trio)).id
    advance(trio, 0, generation, Stage.SIGNED)
    proposed = trio.contexts[0].store.load(generation).proposed()
    other = replace(proposed.member, attestation=replace(proposed.attestation, price=1))
    for index in HONEST:
        with pytest.raises((Conflict, NotFound, RefrainError)):
            attestations.attest(trio.contexts[index], replace(proposed, member=other))


def test_orders_that_an_app_placed_and_a_thief_led_count_as_unpaid(trio):
    """The payer works with the thief: each order is cancelled once its track may be made."""
    asked, honest = request(length=60), trio.contexts[0]
    price, most = 2_400_000, trio.terms.unpaid_seconds // 60
    made = [placed(trio, asked, nonce=nonce, max_price=price) for nonce in range(most + 1)]
    for each in made[:most]:
        name = take(honest, each).id
        assert ask(trio, each).grants
        signature = "0x" + trio.payer.sign(trio.typed.cancel_digest(name)).hex()
        cancelling.agree(honest, each, signature, honest.terms.oracle_set.signers[THIEF])
        trio.clock.sleep(trio.terms.lease + 1)
        advance(trio, 0, name, Stage.CANCELLED)
    assert honest.store.reservations(trio.payer.address).unpaid == most * 60
    with pytest.raises(Unavailable):
        take(honest, made[most])
