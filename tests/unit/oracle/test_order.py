"""Orders: JSON with decimal strings, and no contradiction to the request."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oracle.domain.errors import InvalidInput
from oracle.domain.order import Order, check_against, order_json, parse_order
from tests.support.samples import PAYER, order_for, request

UINT = st.integers(0, 2**256 - 1)
ORDERS = st.builds(
    Order, payer=st.just(PAYER), nonce=UINT, request=st.binary(min_size=32, max_size=32),
    max_price=UINT, tier=UINT, use=UINT, rule=UINT, deadline=UINT,
)  # fmt: skip


@given(ORDERS)
def test_an_order_survives_json_unchanged(order):
    assert parse_order(order_json(order)) == order


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("payer", "0x12"),
        ("payer", None),
        ("payer", "0x" + "g" * 40),
        ("nonce", 5),
        ("nonce", "-1"),
        ("nonce", "01"),
        ("nonce", "1.0"),
        ("nonce", "\u0661"),
        ("nonce", str(2**256)),
        ("request", "ab" * 32),
        ("request", "0x" + "ab" * 31),
        ("request", "0x" + "AB" * 32),
        ("maxPrice", "1e6"),
        ("maxPrice", ""),
        ("tier", True),
        ("use", " 5"),
        ("rule", "0\n"),
        ("deadline", None),
        ("surprise", "1"),
    ],
)
def test_a_bad_field_is_named(key, value):
    spoiled = {**order_json(order_for(request())), key: value}
    with pytest.raises(InvalidInput, match=f"order.{key}"):
        parse_order(spoiled)


@pytest.mark.parametrize("key", sorted(order_json(order_for(request()))))
def test_every_key_is_required(key):
    value = order_json(order_for(request()))
    del value[key]
    with pytest.raises(InvalidInput, match=f"order.{key}: is missing"):
        parse_order(value)


def test_an_order_for_its_request_is_accepted():
    for tier in ("personal", "commercial"):
        asked = request(tier=tier)
        check_against(order_for(asked), asked)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"request": bytes(32)}, "order.request"),
        ({"tier": 0}, "order.tier"),
        ({"use": 1}, "order.use"),
        ({"use": 13}, "order.use"),
        ({"rule": 1}, "order.rule"),
    ],
)
def test_an_order_that_contradicts_its_request_is_refused(changes, field):
    asked = request()
    with pytest.raises(InvalidInput, match=field):
        check_against(replace(order_for(asked), **changes), asked)
