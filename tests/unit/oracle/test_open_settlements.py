"""Orders that may settle without this oracle: it leads, refuses and makes nothing anew."""

import pytest

from oracle.domain.generation import Stage
from oracle.orders.acceptance import take
from oracle.pipeline.ending import WAITS_FINAL
from oracle.pipeline.runner import Pipeline
from tests.support.samples import ordered, request
from tests.support.trio import make_trio


@pytest.fixture
def trio(tmp_path):
    return make_trio(tmp_path)


def led_to(trio, stage):
    """An order that the first oracle led to a stage; then its lease is over."""
    order, signature = trio.order(request())
    known = take(trio.contexts[0], ordered(request(), order, signature))
    pipeline = Pipeline(trio.contexts[0])
    while known.stage is not stage:
        known = pipeline.advance(known.id)
    trio.clock.sleep(2 * trio.terms.lease)
    return known.id


def test_a_follower_waits_for_a_settlement_in_an_open_block(trio):
    trio.ledger.confirmations = 2
    trio.ledger.mine()
    trio.ledger.mine()
    generation = led_to(trio, Stage.POSTED)
    for _ in range(5):
        after = Pipeline(trio.contexts[1]).advance(generation)
        assert not after.ended, after.detail
    trio.ledger.mine()
    trio.ledger.mine()
    assert Pipeline(trio.contexts[1]).advance(generation).stage is Stage.CONFIRMED


def test_a_follower_waits_until_a_settlement_is_final(trio):
    trio.ledger.finalized_above, trio.ledger.final_depth = 0, 12
    generation = led_to(trio, Stage.POSTED)
    before = trio.contexts[1].store.seat(trio.payer.address, 0)
    for _ in range(5):
        after = Pipeline(trio.contexts[1]).advance(generation)
        assert (after.stage, after.detail) == (Stage.ORDERED, WAITS_FINAL)
    assert trio.contexts[1].store.seat(trio.payer.address, 0) == before


def test_a_signed_order_is_taken_over_although_its_escrow_is_gone(trio):
    """The chain decides then: the escrow may come back until `maxLag` is over."""
    generation = led_to(trio, Stage.SIGNED)
    made = trio.contexts[0].store.load(generation).attestation
    trio.ledger.escrow[trio.payer.address.lower()] = 0
    pipeline = Pipeline(trio.contexts[2])
    for _ in range(10):
        after = pipeline.advance(generation)
        trio.clock.sleep(30)
    assert (after.stage, after.attestation) == (Stage.PUBLISHED, made)
    trio.ledger.escrow[trio.payer.address.lower()] = 10_000_000
    for _ in range(4):
        after = pipeline.advance(generation)
    assert after.stage is Stage.SETTLED
