"""Money: the parts of a division sum to the amount, to the last unit."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oracle.domain.attribution import largest_remainder
from oracle.domain.errors import InvalidInput
from oracle.domain.money import MILLION, divide, fees, node_fee, price_of, smallest_price

WEIGHTS = (
    st.lists(st.integers(0, 10**6), min_size=1, max_size=12)
    .filter(any)
    .map(lambda scores: list(largest_remainder(dict(enumerate(scores, 1))).values()))
)
AMOUNTS = st.integers(0, 2**128)


@given(AMOUNTS, WEIGHTS)
def test_the_parts_sum_to_the_amount(amount, weights):
    assert sum(divide(amount, weights)) == amount


@given(AMOUNTS, WEIGHTS)
def test_each_part_differs_from_its_exact_share_by_less_than_a_unit(amount, weights):
    for part, weight in zip(divide(amount, weights), weights, strict=True):
        assert abs(part - Fraction(amount * weight, MILLION)) < 1


@given(AMOUNTS, WEIGHTS)
def test_no_part_is_negative_and_no_weight_means_no_money(amount, weights):
    for part, weight in zip(divide(amount, weights), weights, strict=True):
        assert part >= 0
        assert part == 0 or weight > 0


def test_a_known_division():
    assert divide(10, [333_333, 333_333, 333_334]) == (3, 3, 4)
    assert divide(1, [500_000, 500_000]) == (0, 1)


@pytest.mark.parametrize("weights", [[], [999_999], [500_000, 500_001], [-1, 1_000_001]])
def test_weights_that_do_not_sum_to_a_million_are_refused(weights):
    with pytest.raises(InvalidInput):
        divide(100, weights)


def test_a_negative_amount_is_refused():
    with pytest.raises(InvalidInput):
        divide(-1, [MILLION])


@given(st.integers(0, 2**128), st.integers(0, 5_000), st.integers(0, 5_000))
def test_fees_and_royalty_sum_to_the_price(price, node_bps, protocol_bps):
    parts = fees(price, node_fee(price, node_bps), protocol_bps)
    assert parts.node + parts.protocol + parts.royalty == price
    assert min(parts.node, parts.protocol, parts.royalty) >= 0


def test_fees_above_the_price_are_refused():
    with pytest.raises(InvalidInput):
        fees(100, 100, 100)


def test_fees_round_down():
    assert node_fee(19, 1_000) == 1
    assert fees(199, 19, 50).protocol == 0


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 5_000), st.integers(0, 4_999))
def test_only_prices_from_the_smallest_one_leave_enough(least, royalty, node_bps, bps):
    def left(price):
        return fees(price, node_fee(price, node_bps), bps).royalty

    found = smallest_price(least, royalty, node_bps, bps)
    assert found >= least and left(found) >= royalty
    assert not any(left(price) >= royalty for price in range(max(least, found - 50), found))


def test_a_larger_price_can_leave_a_smaller_royalty():
    # Both fees step up at 20, so 19 is enough and 20 is not.
    assert smallest_price(0, 19, 500, 500) == 19
    assert smallest_price(20, 19, 500, 500) == 21


def test_fees_that_leave_no_royalty_are_refused():
    with pytest.raises(InvalidInput, match="leave no royalty"):
        smallest_price(0, 1, 5_000, 5_000)


def test_the_price_is_proportional_to_the_seconds():
    assert price_of(30, "commercial", {"commercial": 40_000}) == 1_200_000


def test_a_tier_without_a_price_is_refused():
    with pytest.raises(InvalidInput, match=r"request\.tier"):
        price_of(30, "free", {"commercial": 40_000})
