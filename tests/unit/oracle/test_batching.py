"""Batches: who waits, who is settled together, and that nobody loses by it."""

from dataclasses import replace

import pytest

from oracle.domain.errors import Conflict, Inconsistent, Refused, Unavailable
from oracle.domain.generation import Stage
from oracle.gathering import Gathering
from oracle.ordering import take, take_upgrade
from oracle.pipeline import Pipeline
from tests.samples import request
from tests.trio import make_trio

MOST, PATIENCE = 3, 30


@pytest.fixture
def trio(tmp_path):
    """The first oracle settles up to three together."""
    made = make_trio(tmp_path)
    made.worlds[0] = replace(made.worlds[0], gathering=Gathering(MOST, PATIENCE))
    return made


def place(trio, nonce):
    """Takes an order at the first oracle and gives the generation's id."""
    asked = request(prompt=f"track {nonce}", tier="personal")
    order, signature = trio.order(asked, nonce=nonce)
    return take(trio.worlds[0], asked, order, signature, f"key {nonce}", "body").id


def turn(trio, generations, rounds=12, world=None, tick=1):
    """Steps all of them in turns; what became of each."""
    world = world or trio.worlds[0]
    pipeline = Pipeline(world)
    for _ in range(rounds):
        for each in generations:
            pipeline.advance(each)
        trio.clock.sleep(tick)
    return [world.store.load(each) for each in generations]


def published(trio, count=MOST):
    """So many generations that are ready to be signed, one after another."""
    made = [place(trio, nonce) for nonce in range(count)]
    pipeline = Pipeline(trio.worlds[0])
    for each in made:
        while pipeline.advance(each).stage != Stage.PUBLISHED:
            pass
    return made


def spent(trio):
    return 10_000_000 - trio.ledger.escrow[trio.payer.address.lower()]


def test_as_many_as_fit_are_settled_by_one_transaction(trio):
    placed = [place(trio, nonce) for nonce in range(MOST)]
    ends = turn(trio, placed)
    assert [each.stage for each in ends] == [Stage.SETTLED] * MOST
    assert trio.sender.posts == 1 and len(trio.ledger.settled) == MOST
    assert {each.batch for each in ends} == {tuple(each.id for each in ends)}
    assert {len(each.signatures) for each in ends} == {2}
    assert spent(trio) == sum(each.price for each in ends)


def test_each_moves_what_it_would_have_moved_alone(trio, tmp_path_factory):
    other = make_trio(tmp_path_factory.mktemp("alone"))
    for made in (trio, other):
        turn(made, [place(made, nonce) for nonce in range(MOST)], rounds=30)
    assert (trio.sender.posts, other.sender.posts) == (1, MOST)
    for id_, settled in trio.ledger.settled.items():
        assert settled.amounts == other.ledger.settled[id_].amounts
        assert settled.manifest == other.ledger.settled[id_].manifest


def test_one_waits_for_others_and_not_for_ever(trio):
    first, second = published(trio, 2)
    waiting = turn(trio, [first, second], rounds=PATIENCE - 1)
    assert [each.detail for each in waiting] == ["waits for others to be settled with"] * 2
    ends = turn(trio, [first, second], rounds=5)
    assert [each.stage for each in ends] == [Stage.SETTLED] * 2
    assert trio.sender.posts == 1


def test_who_stays_without_company_is_settled_by_itself(trio):
    [only] = turn(trio, published(trio, 1), rounds=PATIENCE + 5)
    assert only.stage == Stage.SETTLED and not only.batch


def test_the_fourth_waits_for_the_next_batch(trio):
    ends = turn(trio, published(trio, MOST + 1), rounds=6)
    assert [each.stage for each in ends] == [Stage.SETTLED] * MOST + [Stage.PUBLISHED]


def test_without_the_setting_nobody_waits(tmp_path):
    trio = make_trio(tmp_path)
    ends = turn(trio, [place(trio, 0), place(trio, 1)])
    assert [each.stage for each in ends] == [Stage.SETTLED] * 2
    assert trio.sender.posts == 2 and not any(each.batch for each in ends)


@pytest.mark.parametrize("fault", [Unavailable("down"), Conflict("other"), Inconsistent("no")])
def test_a_batch_that_is_not_signed_costs_nobody_its_settlement(trio, fault):
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


def test_one_that_no_longer_holds_is_left_out(trio):
    placed = published(trio)
    world = trio.worlds[0]
    broken = world.store.load(placed[1])
    world.store.save(replace(broken, attestation=replace(broken.attestation, price=1)))
    ends = turn(trio, placed)
    assert [each.stage for each in ends] == [Stage.SETTLED, Stage.FAILED, Stage.SETTLED]
    assert ends[0].batch == (placed[0], placed[2])


def test_one_that_the_ledger_skips_goes_on_by_itself(trio):
    placed = published(trio)
    assert {each.stage for each in turn(trio, placed, rounds=1)} == {Stage.SIGNED}
    payer, price = trio.payer.address.lower(), trio.worlds[0].store.load(placed[0]).price
    trio.ledger.escrow[payer] = 2 * price
    ends = turn(trio, placed, rounds=2)
    assert [each.stage for each in ends] == [Stage.SETTLED, Stage.SETTLED, Stage.PUBLISHED]
    assert ends[2].alone and not ends[2].batch and "skipped" in ends[2].detail
    trio.ledger.escrow[payer] = price
    assert turn(trio, placed)[2].stage == Stage.SETTLED
    assert trio.sender.posts == 2 and trio.ledger.escrow[payer] == 0


def test_a_batch_that_the_ledger_refuses_is_taken_apart(trio):
    trio.sender.post_batch = lambda *_: (_ for _ in ()).throw(Inconsistent("reverts"))
    ends = turn(trio, published(trio))
    assert [each.stage for each in ends] == [Stage.SETTLED] * MOST
    assert trio.sender.posts == MOST


def test_a_chain_that_is_silent_keeps_the_batch(trio):
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
    again = replace(trio.reopened(), gathering=Gathering(MOST, PATIENCE))
    ends = turn(trio, placed, world=again, rounds=PATIENCE + 5)
    assert [each.stage for each in ends] == [Stage.SETTLED] * MOST
    assert len(trio.ledger.settled) == MOST and spent(trio) == sum(each.price for each in ends)


def test_one_settled_by_another_oracle_meanwhile_stays_settled_once(trio):
    placed = published(trio)
    asked = request(prompt="track 1", tier="personal")
    order, signature = trio.order(asked, nonce=1)
    taken = take(trio.worlds[1], asked, order, signature, "key", "body").id
    assert taken == placed[1]
    theirs = Pipeline(trio.worlds[1])
    while not theirs.advance(taken).ended:
        pass
    ends = turn(trio, placed, rounds=PATIENCE + 5)
    assert [each.stage for each in ends] == [Stage.SETTLED] * MOST
    assert len(trio.ledger.settled) == MOST and spent(trio) == sum(each.price for each in ends)


def test_one_of_a_batch_can_be_upgraded(trio):
    ends = turn(trio, published(trio))
    before = ends[1]
    asked = replace(before.request, tier="commercial")
    order, signature = trio.order(asked, nonce=9, request=bytes.fromhex(before.id[2:]))
    made = take_upgrade(trio.worlds[0], order, signature, "up", "body").id
    [done] = turn(trio, [made])
    assert done.stage == Stage.SETTLED, done.detail
    assert done.price == 3 * before.price and not done.batch


def test_two_that_look_at_once_are_not_signed_twice(trio):
    placed = published(trio)
    world = trio.worlds[0]
    pipeline = Pipeline(world)
    with world.gathering.lock:
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
