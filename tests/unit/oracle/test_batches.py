"""Batches: which generations wait, which are settled together, and that none is lost."""

from dataclasses import replace

import pytest

from oracle.domain.errors import Conflict, Inconsistent, Refused, Unavailable
from oracle.domain.generation import Stage
from oracle.orders.acceptance import take, take_upgrade
from oracle.pipeline.runner import Pipeline
from oracle.quorum.batch_queue import MemoryBatchQueue
from oracle.quorum.batches import WAITS
from oracle.quorum.leading import FOLLOWS
from tests.support.samples import ordered, request
from tests.support.trio import make_trio

MOST, PATIENCE = 3, 30


@pytest.fixture
def trio(tmp_path):
    """Three oracles, of which the first settles up to three generations together."""
    made = make_trio(tmp_path)
    made.contexts[0] = replace(made.contexts[0], batch_queue=MemoryBatchQueue(MOST, PATIENCE))
    return made


def place(trio, nonce):
    """Places an order at the first oracle; returns the generation's id."""
    asked = request(prompt=f"track {nonce}", tier="personal")
    order, signature = trio.order(asked, nonce=nonce)
    return take(trio.contexts[0], ordered(asked, order, signature)).id


def turn(trio, generations, rounds=12, context=None, tick=1):
    """Advances all of them in turns; returns the generations."""
    context = context or trio.contexts[0]
    pipeline = Pipeline(context)
    for _ in range(rounds):
        for each in generations:
            pipeline.advance(each)
        trio.clock.sleep(tick)
    return [context.store.load(each) for each in generations]


def published(trio, count=MOST):
    """This many generations at stage PUBLISHED."""
    made = [place(trio, nonce) for nonce in range(count)]
    pipeline = Pipeline(trio.contexts[0])
    for each in made:
        while pipeline.advance(each).stage != Stage.PUBLISHED:
            pass
    return made


def spent(trio):
    return 10_000_000 - trio.ledger.escrow[trio.payer.address.lower()]


def test_one_transaction_settles_as_many_as_fit(trio):
    placed = [place(trio, nonce) for nonce in range(MOST)]
    ends = turn(trio, placed)
    assert [each.stage for each in ends] == [Stage.SETTLED] * MOST
    assert trio.sender.posts == 1 and len(trio.ledger.settled) == MOST
    assert {each.batch for each in ends} == {tuple(each.id for each in ends)}
    assert {len(each.signatures) for each in ends} == {2}
    assert spent(trio) == sum(each.price for each in ends)


def test_each_moves_the_same_money_as_alone(trio, tmp_path_factory):
    other = make_trio(tmp_path_factory.mktemp("alone"))
    for made in (trio, other):
        turn(made, [place(made, nonce) for nonce in range(MOST)], rounds=30)
    assert (trio.sender.posts, other.sender.posts) == (1, MOST)
    for id_, settled in trio.ledger.settled.items():
        assert settled.amounts == other.ledger.settled[id_].amounts
        assert settled.manifest == other.ledger.settled[id_].manifest


def test_a_generation_waits_for_others_for_a_limited_time(trio):
    first, second = published(trio, 2)
    waiting = turn(trio, [first, second], rounds=PATIENCE - 1)
    assert [each.detail for each in waiting] == [WAITS] * 2
    ends = turn(trio, [first, second], rounds=5)
    assert [each.stage for each in ends] == [Stage.SETTLED] * 2
    assert trio.sender.posts == 1


def test_a_generation_without_others_is_settled_alone(trio):
    [only] = turn(trio, published(trio, 1), rounds=PATIENCE + 5)
    assert only.stage == Stage.SETTLED and not only.batch


def test_a_fourth_generation_waits_for_the_next_batch(trio):
    ends = turn(trio, published(trio, MOST + 1), rounds=6)
    assert [each.stage for each in ends] == [Stage.SETTLED] * MOST + [Stage.PUBLISHED]


def test_without_the_setting_no_generation_waits(tmp_path):
    trio = make_trio(tmp_path)
    ends = turn(trio, [place(trio, 0), place(trio, 1)])
    assert [each.stage for each in ends] == [Stage.SETTLED] * 2
    assert trio.sender.posts == 2 and not any(each.batch for each in ends)


@pytest.mark.parametrize("fault", [Unavailable("down"), Conflict("other"), Inconsistent("no")])
def test_the_generations_of_an_unsigned_batch_are_settled_alone(trio, fault):
    placed = published(trio)
    for peer in trio.peers[0]:
        peer.attest_batch = failing(fault)
    ends = turn(trio, placed)
    assert [each.stage for each in ends] == [Stage.SETTLED] * MOST
    assert trio.sender.posts == MOST and spent(trio) == sum(each.price for each in ends)


def failing(fault):
    def fail(members):
        raise fault

    return fail


def test_a_generation_that_fails_its_checks_is_left_out(trio):
    placed = published(trio)
    context = trio.contexts[0]
    broken = context.store.load(placed[1])
    context.store.save(replace(broken, attestation=replace(broken.attestation, price=1)))
    ends = turn(trio, placed)
    assert [each.stage for each in ends] == [Stage.SETTLED, Stage.FAILED, Stage.SETTLED]
    assert ends[0].batch == (placed[0], placed[2])


def test_a_generation_that_the_ledger_skips_continues_alone(trio):
    placed = published(trio)
    assert {each.stage for each in turn(trio, placed, rounds=1)} == {Stage.SIGNED}
    payer, price = trio.payer.address.lower(), trio.contexts[0].store.load(placed[0]).price
    trio.ledger.escrow[payer] = 2 * price
    # The third one costs no second transaction while its payer has no money for it.
    ends = turn(trio, placed, rounds=4)
    assert [each.stage for each in ends] == [Stage.SETTLED, Stage.SETTLED, Stage.SIGNED]
    assert trio.sender.posts == 1
    trio.ledger.escrow[payer] = price
    third = turn(trio, placed, rounds=2)[2]
    assert (third.stage, third.alone, third.batch) == (Stage.PUBLISHED, True, ())
    assert "not settled in a batch" in third.detail
    assert turn(trio, placed)[2].stage == Stage.SETTLED
    assert trio.sender.posts == 2 and trio.ledger.escrow[payer] == 0


def test_the_generations_of_a_refused_batch_continue_alone(trio):
    trio.sender.post_batch = lambda *_: (_ for _ in ()).throw(Inconsistent("reverts"))
    ends = turn(trio, published(trio))
    assert [each.stage for each in ends] == [Stage.SETTLED] * MOST
    assert trio.sender.posts == MOST


def test_a_batch_stays_while_the_chain_does_not_answer(trio):
    placed = published(trio)
    trio.sender.fault = Unavailable("silent")
    assert {each.stage for each in turn(trio, placed)} == {Stage.SIGNED}
    trio.sender.fault = None
    ends = turn(trio, placed)
    assert [each.stage for each in ends] == [Stage.SETTLED] * MOST
    assert trio.sender.posts == 1


@pytest.mark.parametrize("after", range(1, 5))
def test_after_a_restart_each_is_settled_once(trio, after):
    placed = published(trio)
    turn(trio, placed, rounds=after)
    again = replace(trio.reopened(), batch_queue=MemoryBatchQueue(MOST, PATIENCE))
    ends = turn(trio, placed, context=again, rounds=PATIENCE + 5)
    assert [each.stage for each in ends] == [Stage.SETTLED] * MOST
    assert len(trio.ledger.settled) == MOST and spent(trio) == sum(each.price for each in ends)


def test_a_generation_settled_by_another_oracle_is_settled_once(trio):
    placed = published(trio)
    asked = request(prompt="track 1", tier="personal")
    order, signature = trio.order(asked, nonce=1)
    taken = take(trio.contexts[1], ordered(asked, order, signature)).id
    assert taken == placed[1]
    # The first oracle is silent for longer than its lease, so the second one takes over.
    theirs = Pipeline(trio.contexts[1])
    assert theirs.advance(taken).detail == FOLLOWS
    trio.clock.sleep(trio.terms.lease + 10)
    for _ in range(20):
        theirs.advance(taken)
    assert trio.contexts[1].store.load(taken).stage == Stage.SETTLED
    ends = turn(trio, placed, rounds=PATIENCE + 5)
    assert [each.stage for each in ends] == [Stage.SETTLED] * MOST
    assert len(trio.ledger.settled) == MOST and spent(trio) == sum(each.price for each in ends)


def test_a_generation_of_a_batch_can_be_upgraded(trio):
    ends = turn(trio, published(trio))
    before = ends[1]
    asked = replace(before.request, tier="commercial")
    order, signature = trio.order(asked, nonce=9, request=bytes.fromhex(before.id[2:]))
    made = take_upgrade(trio.contexts[0], order, signature).id
    [done] = turn(trio, [made])
    assert done.stage == Stage.SETTLED, done.detail
    assert done.price == 3 * before.price and not done.batch


def test_two_threads_at_once_do_not_sign_twice(trio):
    placed = published(trio)
    context = trio.contexts[0]
    pipeline = Pipeline(context)
    with context.batch_queue.lock:
        assert pipeline.advance(placed[0]).stage == Stage.PUBLISHED
    assert [each.stage for each in turn(trio, placed)] == [Stage.SETTLED] * MOST
    assert trio.sender.posts == 1


def test_a_refused_order_never_waits(trio):
    first = place(trio, 0)
    trio.ledger.revoke(1)
    [end] = turn(trio, [first], rounds=3)
    assert end.stage == Stage.REFUSED
    with pytest.raises(Refused):
        place(trio, 1)


def test_the_leader_keeps_its_lease_while_a_batch_waits(trio):
    patience = 4 * trio.terms.lease
    queue = MemoryBatchQueue(MOST, patience)
    trio.contexts[0] = replace(trio.contexts[0], batch_queue=queue)
    placed = published(trio, 2)
    ballots = {each: trio.contexts[0].store.load(each).ballot for each in placed}
    waiting = turn(trio, placed, rounds=patience - 5)
    assert [each.detail for each in waiting] == [WAITS] * 2
    assert {each.id: each.ballot for each in waiting} == ballots
    assert all(each.until > trio.clock.now() for each in waiting)
    ends = turn(trio, placed, rounds=15)
    assert [each.stage for each in ends] == [Stage.SETTLED] * 2
    assert trio.sender.posts == 1 and ends[0].batch == tuple(placed)


def signed_together(trio):
    """Generations of one batch at stage SIGNED."""
    placed = [place(trio, nonce) for nonce in range(MOST)]
    pipeline = Pipeline(trio.contexts[0])
    while trio.contexts[0].store.load(placed[0]).stage != Stage.SIGNED:
        for each in placed:
            if trio.contexts[0].store.load(each).stage != Stage.SIGNED:
                pipeline.advance(each)
    return placed


def test_a_generation_that_settled_otherwise_does_not_hold_its_batch(trio):
    """Another leader settled one of them with another attestation, so the batch cannot be sent."""
    placed, store = signed_together(trio), trio.contexts[0].store
    last = store.load(placed[-1])
    store.save(replace(last, stage=Stage.SETTLED, attestation=None, signatures={}, final=True))
    ends = turn(trio, placed[:-1])
    assert [(each.stage, each.alone) for each in ends] == [(Stage.SETTLED, True)] * (MOST - 1)
