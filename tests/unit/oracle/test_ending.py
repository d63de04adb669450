"""How orders end: finality, reorganisations, and the time after which nothing can settle."""

import logging
from dataclasses import replace

import pytest

from oracle.domain.errors import Unavailable
from oracle.domain.generation import UNPAID, Stage
from oracle.orders.acceptance import take
from oracle.pipeline.ending import UNDONE, WAITS_FINAL
from oracle.pipeline.runner import Pipeline
from oracle.quorum.attestations import attest
from tests.support.samples import ordered, request
from tests.support.trio import make_trio

PRICE = 200_000


@pytest.fixture
def trio(tmp_path):
    return make_trio(tmp_path)


def place(trio, *indexes, nonce=0):
    asked = request()
    made = ordered(asked, *trio.order(asked, nonce=nonce))
    (name,) = {take(trio.contexts[index], made).id for index in indexes or (0,)}
    return name


def advance(trio, name, index=0, steps=60, until=None):
    """Advances at one oracle until a stage, or as long as something may change."""
    pipeline, context = Pipeline(trio.contexts[index]), trio.contexts[index]
    for _ in range(steps):
        if pipeline.advance(name).stage == until:
            break
    return context.store.load(name)


def spent(trio):
    return 10_000_000 - trio.ledger.escrow[trio.payer.address.lower()]


class TestTime:
    def test_a_signed_order_expires_after_the_last_second_at_which_it_can_settle(self, trio):
        name = place(trio)
        signed = advance(trio, name, until=Stage.SIGNED)
        trio.ledger.spent[signed.payee.lower()] = 10**9
        last = signed.attestation.generated_at + trio.ledger.lag
        trio.ledger.mine(seconds=last - trio.ledger.blocks[-1].timestamp)
        assert advance(trio, name, steps=5).stage == Stage.SIGNED
        trio.ledger.mine(seconds=1)
        done = advance(trio, name, steps=1)
        assert (done.stage, str(last) in done.detail) == (Stage.EXPIRED, True)
        trio.ledger.spent.clear()
        assert advance(trio, name).stage == Stage.EXPIRED
        assert (trio.sender.posts, spent(trio)) == (0, 0)

    def test_a_follower_waits_for_an_attestation_that_it_was_not_asked_for(self, trio):
        """It has signed one, but without it the others can sign another one until the deadline."""
        name = place(trio)
        signed = advance(trio, name, until=Stage.SIGNED)
        for index in (1, 2):
            attest(trio.contexts[index], signed.proposed())
        trio.ledger.spent[signed.payee.lower()] = 10**9
        last = signed.order.deadline + trio.ledger.lag
        trio.ledger.mine(seconds=last - trio.ledger.blocks[-1].timestamp)
        assert not any(advance(trio, name, index, steps=1).ended for index in (1, 2))
        trio.ledger.mine(seconds=1)
        stages = {advance(trio, name, index, steps=1).stage for index in (0, 1, 2)}
        assert stages == {Stage.EXPIRED}

    @pytest.mark.parametrize("stage", [Stage.ORDERED, Stage.CONSENTED, Stage.GENERATED])
    def test_an_order_that_nobody_signed_ends_after_its_deadline(self, trio, stage):
        name = place(trio)
        known = trio.contexts[0].store.load(name)
        while known.stage != stage:
            known = advance(trio, name, steps=1)
        trio.ledger.mine(seconds=known.order.deadline + 1 - trio.ledger.blocks[-1].timestamp)
        done = advance(trio, name)
        assert done.stage in UNPAID and not done.signatures

    @pytest.mark.parametrize("down", ["chain", "nodes", "oracles", "pinner"])
    def test_an_order_ends_though_a_service_never_comes_back(self, trio, down):
        name = place(trio)
        advance(trio, name, until=Stage.GENERATED if down == "pinner" else Stage.CONSENTED)
        parts = {"chain": [trio.sender], "nodes": trio.nodes, "oracles": trio.peers[0],
                 "pinner": [trio.pinner]}  # fmt: skip
        for part in parts[down]:
            part.fault = Unavailable("is gone for ever")
        for _ in range(60):
            known = advance(trio, name, steps=1)
            trio.clock.sleep(trio.terms.lease)
            trio.ledger.mine(seconds=trio.terms.lease * 60)
        end = known.order.deadline + trio.ledger.lag
        trio.ledger.mine(seconds=end + 1 - trio.ledger.blocks[-1].timestamp)
        done = advance(trio, name)
        assert done.stage in UNPAID and done.final

    def test_an_order_that_expired_here_and_was_paid_elsewhere_is_delivered(self, trio):
        name = place(trio)
        signed = advance(trio, name, until=Stage.SIGNED)
        context = trio.contexts[0]
        for stage in UNPAID:
            context.store.save(replace(signed, stage=stage, detail="ended here"))
            assert advance(trio, name, steps=3).stage == stage
        context.store.save(replace(signed, stage=Stage.REFUSED, detail="ended here"))
        trio.ledger.final_depth, trio.ledger.finalized_above = 3, 0
        trio.ledger.settle(trio.typed, trio.terms, signed.order, signed.attestation,
                           signed.signatures)  # fmt: skip
        waiting = advance(trio, name, steps=3)
        assert (waiting.stage, waiting.detail) == (Stage.REFUSED, "ended here")
        for _ in range(3):
            trio.ledger.mine()
        done = advance(trio, name)
        assert (done.stage, done.final) == (Stage.SETTLED, True)
        assert trio.pinner.pinned(done.audio)

    def test_an_unpaid_order_is_final_when_nothing_can_settle_any_more(self, trio):
        name = place(trio)
        known = advance(trio, name, until=Stage.CONSENTED)
        context = trio.contexts[0]
        context.store.save(replace(known, stage=Stage.REFUSED))
        last = known.order.deadline + trio.ledger.lag
        trio.ledger.mine(seconds=last - trio.ledger.blocks[-1].timestamp)
        assert not advance(trio, name, steps=1).final
        assert context.store.unfinished() == [name]
        trio.ledger.mine(seconds=1)
        assert advance(trio, name, steps=1).final
        assert context.store.unfinished() == []


class TestFinality:
    def settle_at(self, trio, depth, index=0):
        """An order whose settlement is this many blocks below the newest one."""
        name = place(trio)
        advance(trio, name, index, until=Stage.POSTED)
        for _ in range(depth):
            trio.ledger.mine()
        return name

    def test_nothing_is_public_before_the_settlement_is_final(self, trio):
        trio.ledger.final_depth, trio.ledger.finalized_above = 4, PRICE - 1
        name = self.settle_at(trio, 0)
        for depth in range(4):
            known = advance(trio, name, steps=3)
            assert (known.stage, known.detail) == (Stage.POSTED, WAITS_FINAL), depth
            assert not any(trio.pinner.pinned(cid) for cid in (known.audio, known.trace))
            trio.ledger.mine()
        done = advance(trio, name)
        assert done.stage == Stage.SETTLED
        assert all(trio.pinner.pinned(cid) for cid in (done.audio, done.trace))

    def test_a_small_amount_is_final_with_its_confirmations(self, trio):
        trio.ledger.final_depth, trio.ledger.finalized_above = 50, PRICE
        trio.ledger.confirmations = 2
        trio.ledger.mine()
        trio.ledger.mine()
        name = self.settle_at(trio, 1)
        assert advance(trio, name, steps=3).stage == Stage.POSTED
        trio.ledger.mine()
        done = advance(trio, name)
        assert (done.stage, done.final) == (Stage.SETTLED, False)

    def test_a_settlement_that_a_reorganisation_takes_before_it_is_final_is_posted_again(
        self, trio
    ):
        trio.ledger.final_depth, trio.ledger.finalized_above = 4, 0
        name = self.settle_at(trio, 2)
        assert advance(trio, name, steps=1).detail == WAITS_FINAL
        trio.ledger.reorganise(3)
        assert advance(trio, name, steps=1).detail == UNDONE
        advance(trio, name, steps=3)
        assert (trio.sender.resent, spent(trio)) == (1, PRICE)
        for _ in range(5):
            trio.ledger.mine()
        assert advance(trio, name).stage == Stage.SETTLED
        assert trio.sender.posts == 1

    def test_a_settled_order_is_watched_until_its_block_is_final(self, trio):
        trio.ledger.final_depth = 10
        name = self.settle_at(trio, 0)
        done = advance(trio, name)
        assert (done.stage, done.final) == (Stage.SETTLED, False)
        assert trio.contexts[0].store.unfinished() == [name]
        for _ in range(10):
            trio.ledger.mine()
        assert advance(trio, name, steps=1).final
        assert trio.contexts[0].store.unfinished() == []

    def test_a_reorganisation_after_settled_puts_it_back_and_settles_it_again(self, trio, caplog):
        trio.ledger.final_depth = 20
        name = self.settle_at(trio, 11)
        before = advance(trio, name)
        assert before.stage == Stage.SETTLED
        trio.ledger.reorganise(12)
        assert spent(trio) == 0
        with caplog.at_level(logging.WARNING):
            back = advance(trio, name, steps=1)
        assert (back.stage, back.detail, back.settled_block) == (Stage.POSTED, UNDONE, None)
        assert (back.transaction, back.signatures) == (before.transaction, before.signatures)
        assert name in caplog.text and UNDONE in caplog.text
        again = advance(trio, name)
        assert (again.stage, spent(trio)) == (Stage.SETTLED, PRICE)
        assert (trio.sender.posts, trio.sender.resent) == (1, 1)
        assert again.settled_block == trio.ledger.settled[name].block != before.settled_block

    def test_a_settlement_in_another_block_after_a_reorganisation_stays(self, trio):
        trio.ledger.final_depth = 20
        name = self.settle_at(trio, 2)
        before = advance(trio, name)
        trio.ledger.reorganise(3)
        trio.ledger.settle(trio.typed, trio.terms, before.order, before.attestation,
                           before.signatures)  # fmt: skip
        after = advance(trio, name, steps=1)
        assert after.stage == Stage.SETTLED
        assert after.settled_block == trio.ledger.settled[name].block

    def test_a_reorganisation_while_the_files_are_pinned_puts_it_back(self, trio):
        trio.ledger.final_depth = 20
        name = self.settle_at(trio, 2)
        known = advance(trio, name, until=Stage.CONFIRMED)
        trio.pinner.fault = Unavailable("is asleep")
        assert advance(trio, name, steps=2).stage == Stage.CONFIRMED
        trio.pinner.fault = None
        trio.ledger.reorganise(3)
        assert advance(trio, name, steps=1).stage == Stage.POSTED
        assert not trio.pinner.pinned(known.audio)
        assert advance(trio, name).stage == Stage.SETTLED

    def test_a_follower_waits_for_the_oracle_that_posted_it(self, trio):
        trio.ledger.final_depth = 20
        name = self.settle_at(trio, 2)
        for index in (0, 1):
            assert advance(trio, name, index).stage == Stage.SETTLED
        trio.ledger.reorganise(3)
        back = advance(trio, name, 1, steps=5)
        assert back.stage not in (Stage.SETTLED, Stage.POSTED)
        assert not trio.ledger.settled
        assert advance(trio, name, 0).stage == Stage.SETTLED
        assert advance(trio, name, 1).stage == Stage.SETTLED
        assert (trio.sender.posts, spent(trio)) == (1, PRICE)

    def test_a_follower_settles_it_when_the_oracle_that_posted_it_is_gone(self, trio):
        trio.ledger.final_depth = 20
        name = self.settle_at(trio, 2)
        for index in (0, 1, 2):
            assert advance(trio, name, index).stage == Stage.SETTLED
        trio.ledger.reorganise(3)
        # The first oracle has lost everything, its outbox too.
        trio.sender.outbox.clear()
        trio.sender._calls.clear()
        for peers in (trio.peers[1], trio.peers[2]):
            for peer in peers:
                peer.fault = Unavailable("gone") if peer.url == "oracle-0" else None
        for _ in range(60):
            for index in (1, 2):
                advance(trio, name, index, steps=1)
            trio.clock.sleep(5)
        stages = [trio.contexts[index].store.load(name).stage for index in (1, 2)]
        assert (stages, spent(trio)) == ([Stage.SETTLED] * 2, PRICE)
