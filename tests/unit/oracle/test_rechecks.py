"""What is checked again right before a track is made, signed and posted, and what then happens."""

from dataclasses import replace

import pytest

from oracle.domain.errors import Refused, Unavailable
from oracle.domain.generation import Stage
from oracle.orders.acceptance import take
from oracle.orders.rechecks import (
    MAKING_SECONDS,
    before_making,
    before_posting,
    before_signing,
)
from oracle.pipeline.runner import Pipeline
from tests.support.samples import ordered, recording, request
from tests.support.trio import make_trio

PRICE, CAP = 200_000, 10**9


@pytest.fixture
def trio(tmp_path):
    return make_trio(tmp_path)


def place(trio, nonce=0):
    asked = request()
    return take(trio.contexts[0], ordered(asked, *trio.order(asked, nonce=nonce))).id


def advance(trio, name, steps=40, until=None):
    pipeline, context = Pipeline(trio.contexts[0]), trio.contexts[0]
    for _ in range(steps):
        known = pipeline.advance(name)
        if known.ended or known.stage == until:
            break
    return context.store.load(name)


def started(trio):
    return sum(node.started for node in trio.nodes)


def payer(trio):
    return trio.payer.address.lower()


def settle_another(trio):
    """Another order under the same nonce is settled."""
    trio.ledger.used[payer(trio)] = {0}


def take_escrow(trio):
    trio.ledger.escrow[payer(trio)] = PRICE - 1


def spend_cap(trio):
    for node in trio.ledger.nodes:
        trio.ledger.spent[node] = CAP - PRICE + 1


def revoke(trio):
    trio.ledger.revoke(2)


def forbid(trio):
    trio.ledger.register(recording(1, uses=1))


def near_deadline(trio):
    pass_to_deadline(trio, MAKING_SECONDS - 1)


def pass_to_deadline(trio, left):
    """Time passes until so many seconds before the deadline of an order."""
    newest = trio.ledger.blocks[-1].timestamp
    trio.ledger.mine(seconds=request_deadline(trio) - left - newest)


def request_deadline(trio):
    return trio.order(request())[0].deadline


def drop_reference(trio):
    trio.nodes[1].missing = {2}


def silence_node(trio):
    trio.nodes[1].fault = Unavailable("is asleep")


def leave(trio):
    now = trio.ledger.closed_block().timestamp
    trio.ledger.exits[payer(trio)] = now + trio.ledger.max_lag()


ENDS = {
    "exit": (leave, "may leave before the track is settled"),
    "nonce": (settle_another, "order.nonce"),
    "escrow": (take_escrow, "escrow"),
    "revoked": (revoke, "revoked"),
    "unpermitted": (forbid, "unpermitted"),
    "deadline": (near_deadline, "order.deadline"),
}  # fmt: skip
WAITS = {
    "cap": (spend_cap, lambda t: t.ledger.spent.clear()),
    "a reference": (drop_reference, lambda t: t.nodes[1].missing.clear()),
    "a node": (silence_node, lambda t: setattr(t.nodes[1], "fault", None)),
}


class TestBeforeMaking:
    @pytest.mark.parametrize("case", ENDS)
    def test_what_has_changed_ends_the_order_before_it_costs_anything(self, trio, case):
        change, reason = ENDS[case]
        name = place(trio)
        advance(trio, name, until=Stage.CONSENTED)
        change(trio)
        done = advance(trio, name)
        assert (done.stage, done.made, started(trio)) == (Stage.REFUSED, False, 0)
        assert reason in done.detail

    @pytest.mark.parametrize("case", WAITS)
    def test_what_may_pass_is_waited_for(self, trio, case):
        change, undo = WAITS[case]
        name = place(trio)
        advance(trio, name, until=Stage.CONSENTED)
        change(trio)
        waiting = advance(trio, name, steps=5)
        assert (waiting.stage, waiting.made, started(trio)) == (Stage.CONSENTED, False, 0)
        undo(trio)
        assert advance(trio, name).stage == Stage.SETTLED

    def test_an_exit_that_comes_after_the_last_settlement_changes_nothing(self, trio):
        name = place(trio)
        advance(trio, name, until=Stage.CONSENTED)
        leave(trio)
        trio.ledger.exits[payer(trio)] += 600
        assert advance(trio, name).stage == Stage.SETTLED

    def test_the_last_moment_is_in_time(self, trio):
        name = place(trio)
        advance(trio, name, until=Stage.CONSENTED)
        pass_to_deadline(trio, MAKING_SECONDS)
        assert advance(trio, name, until=Stage.GENERATED).made

    def test_an_order_of_a_lower_nonce_that_came_since_comes_first(self, trio):
        """Another oracle took it, and the escrow covers one of them."""
        trio.ledger.escrow[payer(trio)] = 2 * PRICE
        name = place(trio, nonce=5)
        advance(trio, name, until=Stage.CONSENTED)
        for index in (1, 2):
            asked = request(prompt="another one")
            made = ordered(asked, *trio.order(asked, nonce=4, max_price=PRICE))
            take(trio.contexts[index], made)
        trio.ledger.escrow[payer(trio)] = 2 * PRICE - 1
        done = advance(trio, name)
        assert (done.stage, started(trio)) == (Stage.REFUSED, 0)
        assert f"must cover {PRICE} and {PRICE} of unfinished orders" in done.detail


class TestBeforeSigning:
    @pytest.mark.parametrize(("change", "reason"), [
        (settle_another, "order.nonce"), (take_escrow, "escrow"),
    ])  # fmt: skip
    def test_what_cannot_settle_is_not_signed(self, trio, change, reason):
        name = place(trio)
        advance(trio, name, until=Stage.PUBLISHED)
        change(trio)
        done = advance(trio, name)
        assert (done.stage, done.signatures, reason in done.detail) == (Stage.REFUSED, {}, True)
        seats = [c.store.seat(done.order.payer, done.order.nonce) for c in trio.contexts]
        assert all(seat.accepted is None for seat in seats)

    def test_a_reached_cap_is_waited_for(self, trio):
        name = place(trio)
        advance(trio, name, until=Stage.PUBLISHED)
        spend_cap(trio)
        waiting = advance(trio, name, steps=5)
        assert (waiting.stage, waiting.signatures) == (Stage.PUBLISHED, {})
        trio.ledger.spent.clear()
        assert advance(trio, name).stage == Stage.SETTLED


class TestBeforePosting:
    @pytest.mark.parametrize("change", [take_escrow, spend_cap, settle_another])
    def test_what_would_revert_costs_no_gas(self, trio, change):
        name = place(trio)
        advance(trio, name, until=Stage.SIGNED)
        change(trio)
        waiting = advance(trio, name, steps=10)
        assert (waiting.stage, trio.sender.posts) == (Stage.SIGNED, 0)

    @pytest.mark.parametrize("change", [take_escrow, spend_cap])
    def test_it_settles_when_that_is_over(self, trio, change):
        name = place(trio)
        advance(trio, name, until=Stage.SIGNED)
        change(trio)
        advance(trio, name, steps=10)
        trio.ledger.escrow[payer(trio)] = PRICE
        trio.ledger.spent.clear()
        assert advance(trio, name).stage == Stage.SETTLED
        assert (trio.sender.posts, trio.ledger.escrow[payer(trio)]) == (1, 0)

    def test_a_pause_is_waited_for(self, trio):
        name = place(trio)
        advance(trio, name, until=Stage.SIGNED)
        trio.ledger.stopped = True
        assert advance(trio, name, steps=10).stage == Stage.SIGNED
        trio.ledger.stopped = False
        assert advance(trio, name).stage == Stage.SETTLED


class TestRules:
    """The checks themselves, at their limits."""

    @pytest.fixture
    def known(self, trio):
        return trio.contexts[0].store.load(place(trio))

    def checks(self, trio, known):
        node = trio.nodes[0].payee()
        ready = replace(known, payee=node)
        return [
            lambda: before_making(trio.ledger, trio.terms, known, node),
            lambda: before_signing(trio.ledger, trio.terms, ready),
            lambda: before_posting(trio.ledger, trio.terms, ready),
        ]

    def test_an_order_that_fits_exactly_passes(self, trio, known):
        trio.ledger.escrow[payer(trio)] = PRICE
        trio.ledger.spent[trio.nodes[0].payee().lower()] = CAP - PRICE
        pass_to_deadline(trio, MAKING_SECONDS)
        for check in self.checks(trio, known):
            check()

    @pytest.mark.parametrize("change", [settle_another, take_escrow])
    def test_nonce_and_escrow_refuse_before_t_signatures_only(self, trio, known, change):
        change(trio)
        making, signing, posting = self.checks(trio, known)
        for check in (making, signing):
            with pytest.raises(Refused):
                check()
        with pytest.raises(Unavailable, match="cannot settle now"):
            posting()

    def test_one_unit_above_the_cap_waits_and_names_what_is_left(self, trio, known):
        spend_cap(trio)
        for check in self.checks(trio, known):
            with pytest.raises(Unavailable, match=f"leaves {PRICE - 1} of {CAP}"):
                check()

    def test_the_cap_of_another_node_does_not_matter(self, trio, known):
        trio.ledger.spent[trio.nodes[1].payee().lower()] = CAP
        for check in self.checks(trio, known):
            check()

    def test_a_settlement_of_the_order_itself_is_no_refusal(self, trio, known):
        settle_another(trio)
        trio.ledger.settled[known.id] = object()
        for check in self.checks(trio, known):
            with pytest.raises(Unavailable, match="in a block that is not closed yet"):
                check()

    def test_a_silent_chain_is_unavailable(self, trio, known):
        checks = self.checks(trio, known)
        trio.ledger.fault = Unavailable("is asleep")
        for check in checks:
            with pytest.raises(Unavailable, match="is asleep"):
                check()
