"""Withheld files are deleted in time, and never while their order can still be paid."""

from dataclasses import replace

import pytest

from oracle.domain.cid import cid_of
from oracle.domain.errors import Unavailable
from oracle.domain.generation import UNPAID, Generation, Stage
from oracle.domain.reservation import Accepted, Ballot
from oracle.domain.seat import Seat
from oracle.pipeline.sweep import sweep
from tests.support.samples import manifest, request
from tests.support.trio import make_trio

DATA = b"a withheld track"
DAY = 86_400
OPEN = [stage for stage in Stage if stage not in (*UNPAID, Stage.SETTLED)]


@pytest.fixture
def trio(tmp_path):
    return make_trio(tmp_path)


def held(trio, stage, accepted_at=None, **changes):
    """An order with a withheld file at oracle 0; its id."""
    context, (order, signature) = trio.contexts[0], trio.order(request())
    name = trio.typed.order_hash(order)
    made = replace(manifest().attestation(b"m" * 32), generated_at=accepted_at or 0)
    seat = Seat(name, Ballot(1, 1), 0, 0, Accepted(Ballot(1, 1), made) if accepted_at else None)
    row = Generation(name, request(), order, signature, 1, stage=stage, **changes)
    context.store.reserve(row, lambda _seat, _open: seat)
    context.withheld.put(name, DATA)
    return name


def pass_time(trio, seconds):
    trio.clock.sleep(seconds)
    trio.ledger.mine(seconds)


def is_held(trio, name):
    return trio.contexts[0].withheld.holds(name, cid_of(DATA))


def later_held(trio, name, seconds=10**7):
    pass_time(trio, seconds)
    sweep(trio.contexts[0])
    return is_held(trio, name)


@pytest.mark.parametrize("stage", OPEN)
def test_files_of_an_order_that_has_not_ended_stay_for_ever(trio, stage):
    assert later_held(trio, held(trio, stage))


def test_files_of_a_settlement_stay_until_its_block_is_final(trio):
    name = held(trio, Stage.SETTLED)
    assert later_held(trio, name)
    store = trio.contexts[0].store
    store.save(replace(store.load(name), final=True))
    assert not later_held(trio, name, 1)


@pytest.mark.parametrize("stage", UNPAID)
def test_files_of_an_unpaid_order_are_deleted_after_the_time_of_the_operator(trio, stage):
    name = held(trio, stage)
    assert later_held(trio, name, DAY - 1)
    assert not later_held(trio, name, 1)


def test_a_short_time_to_keep_never_deletes_what_an_attestation_can_still_settle(trio):
    trio.contexts[0] = replace(trio.contexts[0], terms=replace(trio.terms, keep_unpaid=0))
    lag, now = trio.ledger.lag, trio.ledger.closed_block().timestamp
    name = held(trio, Stage.FAILED, accepted_at=now + 500)
    assert later_held(trio, name, lag + 500)
    assert not later_held(trio, name, 1)


def test_files_stay_when_the_chain_has_settled_what_this_oracle_gave_up(trio):
    name = held(trio, Stage.FAILED)
    order = trio.contexts[0].store.load(name).order
    made = replace(manifest().attestation(b"m" * 32), price=1, node_fee=0)
    trio.ledger.pay(name, trio.terms.oracle_set, order, made)
    assert later_held(trio, name)


def test_files_of_which_the_store_knows_nothing_are_deleted_after_both_times(trio):
    name, context = "0x" + "77" * 32, trio.contexts[0]
    context.withheld.put(name, DATA)
    assert later_held(trio, name, DAY - 1)
    assert not later_held(trio, name, 1 + trio.ledger.lag)


def test_a_chain_that_does_not_answer_deletes_nothing(trio):
    name = held(trio, Stage.FAILED)
    pass_time(trio, 10**7)
    trio.ledger.fault = Unavailable("silent")
    sweep(trio.contexts[0])
    assert is_held(trio, name)
    trio.ledger.fault = None
    sweep(trio.contexts[0])
    assert not is_held(trio, name)
