"""Quotes: what is told before paying is what would be paid, and what to sign is complete."""

from dataclasses import replace

import pytest

from oracle.domain.errors import InvalidInput, Unavailable
from oracle.domain.generation import Stage
from oracle.domain.order import parse_order
from oracle.domain.terms import Floor
from oracle.ordering import take
from oracle.quoting import quote
from tests.samples import NOW, recording, request
from tests.trio import make_trio


@pytest.fixture
def trio(tmp_path):
    return make_trio(tmp_path)


def ask(trio, **changes):
    return quote(trio.worlds[0], request(**changes), trio.payer.address)


def test_a_permitted_request_is_priced_and_divided(trio):
    found = ask(trio)
    assert found.refusals == ()
    assert (found.price, found.use) == (200_000, 5)
    assert (found.fees.node, found.fees.protocol, found.fees.royalty) == (20_000, 2_000, 178_000)
    assert found.split == ((1, 500_000, 89_000), (2, 500_000, 89_000))
    assert found.expires == trio.ledger.blocks[-1].timestamp + 3_600


def test_the_amounts_sum_to_the_royalty(trio):
    thirds = [{"recording": n, "weight": w} for n, w in ((1, 333_333), (2, 333_333), (3, 333_334))]
    found = ask(trio, references=thirds, length=7, tier="personal")
    assert sum(amount for _, _, amount in found.split) == found.fees.royalty


def test_what_is_to_be_signed_is_an_order_that_would_be_taken(trio):
    asked = request()
    order = parse_order(quote(trio.worlds[0], asked, trio.payer.address).typed_data["message"])
    taken = take(trio.worlds[0], asked, order, trio.sign(order), "key", "body")
    assert taken.stage == Stage.ORDERED


def test_a_wallet_finds_everything_it_needs(trio):
    data = ask(trio).typed_data
    assert data["primaryType"] == "Order"
    assert data["domain"] == {
        "name": "Refrain", "version": "1", "chainId": 31337,
        "verifyingContract": trio.ledger.address,
    }  # fmt: skip
    assert set(data["types"]) == {"EIP712Domain", "Order"}
    assert {member["name"] for member in data["types"]["Order"]} == set(data["message"])


def test_a_floor_above_the_list_decides_the_price(trio):
    trio.ledger.amend(1, floors=(0, 40_000, 0, 0))
    trio.ledger.amend(2, floors=(90_000, 35_601, 0, 0))
    found = ask(trio)
    # 5 seconds of 40,000 are left of it when 10 % and 1 % are taken.
    assert (found.price, found.fees.royalty) == (224_718, 200_000)
    assert found.floor == Floor(1, 40_000)
    assert sum(amount for _, _, amount in found.split) == 200_000
    assert parse_order(found.typed_data["message"]).max_price == found.price


def test_a_floor_that_the_list_satisfies_decides_nothing(trio):
    trio.ledger.amend(1, floors=(99_000_000, 35_600, 0, 0))
    found = ask(trio)
    assert (found.price, found.floor) == (200_000, None)


def test_nothing_is_quoted_while_settling_is_paused(trio):
    trio.ledger.stopped = True
    with pytest.raises(Unavailable, match="paused"):
        ask(trio)


def test_refused_recordings_are_named_and_nothing_is_to_be_signed(trio):
    trio.ledger.register(recording(2, max_share=5_400))
    found = ask(trio)
    assert [(r.recording, r.reason) for r in found.refusals] == [(2, "share")]
    assert found.typed_data is None
    assert found.price == 200_000


def nonce(trio):
    return int(ask(trio).typed_data["message"]["nonce"])


def test_the_nonce_is_beyond_the_chain_and_the_orders_under_way(trio):
    assert nonce(trio) == 0
    trio.ledger.used[trio.payer.address.lower()] = {0, 6}
    assert nonce(trio) == 7
    asked = request()
    order, signature = trio.order(asked, nonce=9)
    taken = take(trio.worlds[0], asked, order, signature, "key", "body")
    assert nonce(trio) == 10
    trio.worlds[0].store.save(replace(taken, stage=Stage.REFUSED))
    assert nonce(trio) == 7


def test_a_clock_ahead_of_a_sleeping_chain_gives_the_full_hour(trio):
    trio.clock.sleep(86_400)
    assert ask(trio).expires == NOW + 86_400 + 3_600


def test_a_rule_that_is_not_paid_by_is_refused(trio):
    with pytest.raises(InvalidInput, match=r"request\.rule"):
        ask(trio, rule="shapley")


def test_a_set_that_is_not_active_quotes_nothing(trio):
    trio.ledger.sets.clear()
    with pytest.raises(Unavailable, match="set"):
        ask(trio)
