"""An app believes that an order is settled only when the chain has the settlement."""

from __future__ import annotations

import pytest

from oracle.client.app import App
from oracle.domain.attestation import Attested
from oracle.domain.errors import Inconsistent, Unavailable
from tests.integration.outbox_fixture import sender
from tests.support.chain_world import PRICE, copied_world
from tests.support.http_script import scripted
from tests.support.oracle_answers import (
    REQUEST,
    order_of,
    settling,
    view_of,
)

WEIGHTS = REQUEST.weights()
VECTOR = [{"recording": 1, "weight": 600_000}, {"recording": 3, "weight": 400_000}]
NOBODY = "0x" + "ab" * 32


@pytest.fixture
def world(tmp_path):
    with copied_world(tmp_path) as made:
        yield made


@pytest.fixture
def api():
    with scripted() as script:
        yield script


@pytest.fixture
def app(world, api):
    return App(world.wallet("payer"), world.keys["payer"], world.deployment, api.url)


@pytest.fixture
def original(world):
    """A settled generation whose track has other weights than were requested."""
    order = order_of(world, REQUEST.digest(), tier=0, use=1)
    case = settling(world, order, {1: 550_000, 3: 450_000})
    world.settle(case)
    return case


def test_it_waits_and_tells_each_change_once(world, app, api):
    order = order_of(world, REQUEST.digest())
    number, seen = world.typed.order_hash(order), []

    def tell(view):
        seen.append(view["stage"])
        if view["stage"] == "posted":
            world.settle(settling(world, order, WEIGHTS))
            api.says(view_of(number, price="1", transaction=NOBODY, vector=VECTOR))

    api.says(view_of(number, "posted"))
    found = app.wait(number, 20, tell, pause=0.01, most=PRICE)
    assert seen == ["posted", "settled"]
    assert (found["price"], found["block"]) == (str(PRICE), world.rpc.block().number)
    assert world.rpc.receipt(found["transaction"]).succeeded


def test_an_oracle_that_lies_about_the_end_is_not_believed(app, api):
    api.says(view_of(NOBODY, transaction=NOBODY, block=1))
    with pytest.raises(Inconsistent, match="oracle says settled; the chain does not"):
        app.wait(NOBODY, 20)


def test_nor_one_that_names_another_settlement(world, app, api, original):
    api.says(view_of(original.generation))
    with pytest.raises(Inconsistent, match="order's hash"):
        app.wait(NOBODY, 20)


@pytest.mark.parametrize(
    "vector",
    [[{"recording": 2, "weight": 1_000_000}], [{"recording": 1, "weight": 1}],
     [{"recording": 1, "weight": 500_000}, {"recording": 3, "weight": 500_000}],
     [{"recording": 1, "weight": 1}, {"recording": 3, "weight": 1}]],
)  # fmt: skip
def test_nor_one_that_shows_other_shares(app, api, original, vector):
    api.says(view_of(original.generation, vector=vector))
    with pytest.raises(Inconsistent, match="vector: "):
        app.wait(original.generation, 20)


def test_a_price_above_the_order_is_told(app, api, original):
    api.says(view_of(original.generation))
    with pytest.raises(Inconsistent, match=f"price: is above the order's maxPrice {PRICE - 1}"):
        app.wait(original.generation, 20, most=PRICE - 1)


def test_a_batch_settles_too(world, app, api):
    orders = [order_of(world, REQUEST.digest(), nonce=nonce) for nonce in (0, 1)]
    cases = [settling(world, order, WEIGHTS) for order in orders]
    members = [Attested(case.order, case.order_signature, case.attestation) for case in cases]
    ids = [case.generation for case in cases]
    poster = sender(world, world.folder / "oracle.sqlite")
    poster.post_batch(ids, members, world.sign_batch(cases))
    api.says(view_of(cases[1].generation, vector=VECTOR))
    assert app.wait(cases[1].generation, 20, most=PRICE)["price"] == str(PRICE)


def test_it_does_not_wait_for_ever(app, api):
    api.says(view_of(NOBODY, "posted", "waiting"))
    with pytest.raises(Unavailable, match=r"has not ended after 0 s \(found posted: waiting\)"):
        app.wait(NOBODY, 0.2, pause=0.01)
