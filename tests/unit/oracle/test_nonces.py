"""Nonces: each oracle offers its own ones, and open ones stay near each other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oracle.domain.errors import Refused, Unavailable
from oracle.orders import nonces
from oracle.orders.nonces import LastOffers, candidates, require_near

RESERVED = st.sets(st.integers(0, 200), max_size=40)


@given(st.integers(1, 7), st.integers(0, 100), RESERVED)
def test_oracles_offer_different_nonces_near_the_open_ones(count, next_nonce, reserved):
    offered = []
    for index in range(count):
        try:
            found = candidates(index, count, next_nonce, reserved)
        except Unavailable:
            continue
        assert list(found) == sorted(found)
        offered += found
    assert len(set(offered)) == len(offered)
    low, high = min([next_nonce, *reserved]), max([0, *reserved])
    assert set(offered) == set(range(max(next_nonce, high - 63), low + 64)) - reserved


@given(st.integers(0, 200), st.integers(0, 200), st.sets(st.integers(0, 63), max_size=40))
def test_an_offered_nonce_is_near_all_open_ones(next_nonce, low, above):
    reserved = {low + step for step in above}
    try:
        found = candidates(0, 1, next_nonce, reserved)
    except Unavailable:
        return
    for nonce in found:
        require_near(nonce, reserved)


@pytest.mark.parametrize(
    ("nonce", "reserved", "far"),
    [(0, [], None), (63, [0], None), (64, [0], 0), (0, [63], None), (0, [5, 64], 64)],
)
def test_the_distance_is_at_most_63(nonce, reserved, far):
    if far is None:
        require_near(nonce, reserved)
        return
    with pytest.raises(Refused, match=f"within 63 of the payer's open nonce {far}"):
        require_near(nonce, reserved)


def test_the_last_offer_is_not_repeated():
    offers = LastOffers()
    assert [offers.choose("0xA", [3, 6, 9]) for _ in range(5)] == [3, 6, 9, 3, 6]
    assert offers.choose("0xa", [6, 9]) == 9, "an address is one payer in any case"
    assert offers.choose("0xa", [9]) == 9
    assert offers.choose("0xb", [3, 6, 9]) == 3


def test_payers_are_forgotten_beyond_a_bound(monkeypatch):
    monkeypatch.setattr(nonces, "MOST_PAYERS", 2)
    offers = LastOffers()
    for payer in ("a", "b", "c"):
        assert offers.choose(payer, [0, 3]) == 0
    assert offers.choose("c", [0, 3]) == 3
    assert offers.choose("a", [0, 3]) == 0
