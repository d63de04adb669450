"""Decisions for a transaction in flight, and its gas fees: pure functions, one line a case."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oracle.adapters.chain.fees import GWEI, FeePolicy, Fees
from oracle.adapters.chain.rpc_types import TransactionReceipt
from oracle.adapters.chain.send_state import Action, Attempt, ChainView, decide

OLD = Attempt("0xold", Fees(20 * GWEI, GWEI), 1_000, b"old")
NEW = Attempt("0xnew", Fees(30 * GWEI, 2 * GWEI), 2_000, b"new")
NONCE, PATIENCE = 7, 60
WAITING = ChainView(
    count=7, closed_count=7, closed=100, base_fee=GWEI, receipts=(), known=frozenset({"0xnew"})
)
DONE = TransactionReceipt("0xold", 101, "0xblock", True)
NOTHING = frozenset()


def act(now=2_001, **seen):
    return decide(NONCE, [OLD, NEW], replace(WAITING, **seen), now, PATIENCE).action


CASES = {
    "it is in the pool": (Action.WAIT, {}),
    "the pool has lost it": (Action.SEND, {"known": NOTHING}),
    "the pool has an older attempt only": (Action.SEND, {"known": frozenset({"0xold"})}),
    "it has waited long enough": (Action.BUMP, {"now": 2_060}),
    "one second short of that": (Action.WAIT, {"now": 2_059}),
    "an older attempt has waited long enough": (
        Action.BUMP, {"now": 2_060, "known": frozenset({"0xold"})},
    ),
    "lost for long is sent as it is, not dearer": (
        Action.SEND, {"now": 9_999, "known": NOTHING},
    ),
    "lost for long since it cannot pay the base fee": (
        Action.BUMP, {"now": 9_999, "known": NOTHING, "base_fee": 31 * GWEI},
    ),
    "it cannot pay the base fee for now": (
        Action.SEND, {"known": NOTHING, "base_fee": 31 * GWEI},
    ),
    "it was mined": (Action.WAIT, {"receipts": (DONE,), "count": 8}),
    "it was mined and is closed": (
        Action.DONE, {"receipts": (replace(DONE, block=9),), "count": 8, "closed_count": 8},
    ),
    "it was mined in the closed block": (
        Action.DONE, {"receipts": (replace(DONE, block=100),), "count": 8},
    ),
    "it was mined long ago": (Action.WAIT, {"receipts": (DONE,), "count": 8, "now": 99_999}),
    "it reverted in a block that may be undone": (
        Action.WAIT, {"receipts": (replace(DONE, succeeded=False),), "count": 8},
    ),
    "it reverted in the closed block": (
        Action.REVERTED, {"receipts": (replace(DONE, block=100, succeeded=False),), "count": 8},
    ),
    "its nonce is taken, by what is unknown": (Action.WAIT, {"count": 8, "known": NOTHING}),
    "its nonce is taken for good": (
        Action.DISPLACED, {"count": 8, "closed_count": 8, "known": NOTHING},
    ),
    "its nonce is taken, and the node contradicts itself": (
        Action.WAIT, {"count": 8, "closed_count": 8},
    ),
    "a reorg took an earlier one away": (Action.FILL, {"count": 6, "closed_count": 6}),
    "a reorg took both away": (Action.FILL, {"count": 6, "closed_count": 6, "known": NOTHING}),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_the_action_for_each_state(name):
    expected, seen = CASES[name]
    assert act(**seen) is expected


LOOKS = st.builds(
    ChainView,
    count=st.integers(5, 9),
    closed_count=st.integers(5, 9),
    closed=st.integers(90, 110),
    base_fee=st.integers(0, 50 * GWEI),
    receipts=st.lists(
        st.builds(TransactionReceipt, st.just("0xold"), st.integers(90, 110), st.just("0xb"),
                  st.booleans()),
        max_size=1,
    ),
    known=st.frozensets(st.sampled_from(["0xold", "0xnew"])),
)  # fmt: skip


@given(LOOKS, st.integers(0, 10_000))
def test_nothing_is_sent_after_it_is_mined_or_its_nonce_is_used(seen, now):
    action = decide(NONCE, [OLD, NEW], seen, now, PATIENCE).action
    if seen.receipts or seen.count > NONCE or seen.closed_count > NONCE:
        assert action not in (Action.SEND, Action.BUMP)
        assert action is not Action.FILL or seen.count < NONCE


@given(LOOKS, st.integers(0, 10_000))
def test_it_is_given_up_only_in_closed_blocks(seen, now):
    action = decide(NONCE, [OLD, NEW], seen, now, PATIENCE).action
    if action in (Action.REVERTED, Action.DONE):
        assert seen.receipts[0].succeeded is (action is Action.DONE)
        assert seen.receipts[0].block <= seen.closed
    if action is Action.DISPLACED:
        assert seen.closed_count > NONCE and not seen.receipts and not seen.known


@given(LOOKS, st.integers(-10_000, 2_059))
def test_a_clock_that_is_behind_causes_no_replacement(seen, now):
    assert decide(NONCE, [OLD, NEW], seen, now, PATIENCE).action is not Action.BUMP


WEI = st.integers(1, 400 * GWEI)


class TestFees:
    policy = FeePolicy(cap=500 * GWEI)

    @given(WEI, WEI)
    def test_the_first_fee_survives_rising_fees_and_stays_below_the_cap(self, base, tip):
        fees = self.policy.first(base, tip)
        assert base <= fees.max_fee <= self.policy.cap and 0 < fees.tip <= fees.max_fee
        assert fees.max_fee == self.policy.cap or fees.max_fee >= 2 * base + tip

    def test_above_the_cap_there_is_no_fee(self):
        assert self.policy.first(500 * GWEI + 1, 1) is None

    @given(WEI, WEI, WEI)
    def test_a_replacement_raises_both_fees_by_an_eighth(self, base, tip, old):
        before = Fees(old, min(old, tip))
        after = self.policy.bumped(before, base, tip)
        if after is None:
            assert before.max_fee * 1125 > self.policy.cap * 1000 - 1000
            return
        assert after.max_fee * 8 >= before.max_fee * 9 and after.tip * 8 >= before.tip * 9
        assert after.tip <= after.max_fee <= self.policy.cap

    def test_the_smallest_fees_rise_too(self):
        assert self.policy.bumped(Fees(1, 1), 0, 0).tip >= 2

    def test_a_replacement_follows_the_market(self):
        assert self.policy.bumped(Fees(GWEI, 1), 100 * GWEI, GWEI).max_fee == 201 * GWEI

    def test_bumping_ends_at_the_cap(self):
        fees, steps = Fees(GWEI, GWEI), 0
        while (dearer := self.policy.bumped(fees, GWEI, GWEI)) is not None and steps < 99:
            fees, steps = dearer, steps + 1
        assert fees.max_fee <= self.policy.cap and 40 < steps < 60
