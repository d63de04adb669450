"""An app signs only the order that it wants, and believes a settlement that the chain has."""

from __future__ import annotations

import json
import re
import stat
import time

import pytest

from oracle.client.app import App
from oracle.client.kept_orders import KeptOrders, new_salt
from oracle.domain.errors import Inconsistent, InvalidInput, NotFound, Refused, Unavailable
from oracle.domain.ordered import Ordered
from oracle.domain.quote_request import QuoteRequest
from tests.support.chain_world import PRICE, copied_world
from tests.support.http_script import scripted
from tests.support.oracle_answers import (
    DAWN,
    REQUEST,
    in_turn,
    order_of,
    quote_for,
    quote_of,
    settling,
    view_of,
)
from tests.support.samples import SALT

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
def kept(tmp_path):
    return KeptOrders(tmp_path / "orders")


@pytest.fixture
def app(world, api, kept):
    return App(world.wallet("payer"), world.keys["payer"], world.deployment, api.url, kept)


def assert_proven(world, asked, named):
    """The payer signed the question, so that the oracle tells what is reserved."""
    question = QuoteRequest(world.address("payer"), named, asked["time"])
    assert world.typed.quote_signer(question, asked["signature"]) == world.address("payer")
    assert abs(asked["time"] - time.time()) < 60


def test_a_quote_is_asked_for_and_its_order_signed(world, app, api):
    api.says(quote_for(world, REQUEST))
    order = app.order_from(app.quote(REQUEST), REQUEST, PRICE)
    asked = json.loads(api.asked[0].body)
    assert (asked["request"], asked["payer"]) == (REQUEST.to_json(), world.address("payer"))
    assert_proven(world, asked, REQUEST.digest())
    assert world.typed.order_signer(order, app.sign(order)) == world.address("payer")


@pytest.mark.parametrize(
    ("member", "value"),
    [("tier", 0), ("use", 1), ("use", 15), ("rule", 1), ("max_price", PRICE + 1),
     ("max_price", PRICE - 1), ("request", bytes(32)), ("nonce", 64), ("nonce", 2**32 - 1),
     ("nonce", 2**255)],
)  # fmt: skip
def test_an_order_that_differs_is_not_signed(world, app, member, value):
    field = {"max_price": "maxPrice"}.get(member, member)
    with pytest.raises(Inconsistent, match=f"typed_data.message.{field}: .*found"):
        app.order_from(quote_for(world, REQUEST, **{member: value}), REQUEST, PRICE)


def test_an_order_of_another_payer_is_not_signed(world, app):
    made = quote_for(world, REQUEST, payer=world.address("mara"))
    with pytest.raises(Inconsistent, match=r"typed_data.message.payer"):
        app.order_from(made, REQUEST, PRICE)


@pytest.mark.parametrize("seconds", [-1, 0, 2**31, 86_400])
def test_a_deadline_that_oracles_do_not_give_is_not_signed(world, app, seconds):
    deadline = world.rpc.block().timestamp + seconds
    with pytest.raises(Inconsistent, match=f"message.deadline: .*found {deadline}"):
        app.order_from(quote_for(world, REQUEST, deadline=deadline), REQUEST, PRICE)


def test_a_chain_without_new_blocks_has_an_old_clock(world, api):
    """The oracle's clock goes on while no block is mined, and so does the app's."""
    later = world.rpc.block().timestamp + 50_000
    app = App(world.wallet("payer"), world.keys["payer"], world.deployment, api.url,
              now=lambda: later)  # fmt: skip
    made = quote_for(world, REQUEST, deadline=later + 3_600)
    assert app.order_from(made, REQUEST, PRICE).deadline == later + 3_600


def test_a_nonce_that_the_chain_used_is_not_signed(world, app):
    made = quote_for(world, REQUEST, nonce=3)
    world.settle(world.case(nonce=3))
    with pytest.raises(Inconsistent, match=r"message.nonce: is used on the chain.*found 3"):
        app.order_from(made, REQUEST, PRICE)
    assert app.order_from(quote_for(world, REQUEST, nonce=2), REQUEST, PRICE).nonce == 2
    assert app.order_from(quote_for(world, REQUEST, nonce=67), REQUEST, PRICE).nonce == 67
    with pytest.raises(Inconsistent, match=r"message.nonce: is above 67"):
        app.order_from(quote_for(world, REQUEST, nonce=68), REQUEST, PRICE)


@pytest.mark.parametrize("place", ["domain", "types", "primaryType"])
def test_nor_an_order_for_another_ledger_chain_or_type(world, app, place):
    made = quote_for(world, REQUEST)
    other = {"domain": {**made["typed_data"]["domain"], "chainId": 1}, "types": {},
             "primaryType": "Permit"}[place]  # fmt: skip
    made["typed_data"] = {**made["typed_data"], place: other}
    with pytest.raises(Inconsistent, match=f"typed_data.{place}"):
        app.order_from(made, REQUEST, PRICE)


def split(*shares):
    return [{"recording": n, "weight": w, "amount": str(a)} for n, w, a in shares]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"node_fee": "120001"}, r"quote.split\[0\].amount"),
        ({"protocol_fee": str(2 * PRICE)}, "quote.price"),
        ({"split": split((1, 600_000, 612_000))}, "quote.split"),
        (
            {"split": split((1, 600_000, 612_000), (2, 400_000, 408_000))},
            r"quote.split\[1\].recording",
        ),
        (
            {"split": split((1, 500_000, 612_000), (3, 400_000, 408_000))},
            r"quote.split\[0\].weight",
        ),
        (
            {"split": split((1, 600_000, 612_001), (3, 400_000, 407_999))},
            r"quote.split\[0\].amount",
        ),
        ({"price": str(PRICE - 1)}, "typed_data.message.maxPrice"),
        ({"use": 1}, "quote.use"),
        ({"expires": 9}, "quote.expires"),
        ({"floor": {"recording": 1, "per_second": "-1"}}, "quote.floor.per_second"),
    ],
)
def test_a_quote_that_does_not_fit_its_order_is_refused(world, app, changes, field):
    with pytest.raises(Inconsistent, match=f"{field}: "):
        app.order_from(quote_for(world, REQUEST) | changes, REQUEST, PRICE)


def test_an_order_that_is_too_dear_is_not_signed(world, app):
    with pytest.raises(InvalidInput, match=f"maxPrice: is above {PRICE - 1}"):
        app.order_from(quote_for(world, REQUEST), REQUEST, PRICE - 1)


def test_a_refusal_says_which_recording_and_why(world, app):
    made = quote_for(world, REQUEST) | {"permitted": False, "typed_data": None}
    made["refusals"] = [{"recording": 7, "reason": "revoked", "detail": "was revoked at 9"}]
    with pytest.raises(Refused, match="recording 7: was revoked at 9"):
        app.order_from(made, REQUEST, PRICE)


REASONS = {
    (7, "not_held", "1 of them"): "recording 7 is not at two generation nodes: 1 of them",
    (7, "too_short", "gets less than one of 6 beats"): "recording 7: gets less than one of 6 beats",
    (7, "tempo", "has 100 bpm, which do not go"): "recording 7: has 100 bpm, which do not go",
    (None, "cap_reached", "9 left"): "have reached their limit for now, try again later",
    (None, "below_cost", "least 9"): "below what the settlement costs this oracle",
    (None, "escrow_short", "escrow 1 must cover 2"): "escrow 1 must cover 2",
}


@pytest.mark.parametrize(("refusal", "said"), REASONS.items())
def test_a_reason_that_is_not_consent_is_said_in_words(world, app, refusal, said):
    made = quote_for(world, REQUEST) | {"permitted": False, "typed_data": None}
    made["refusals"] = [dict(zip(("recording", "reason", "detail"), refusal, strict=True))]
    with pytest.raises(Refused, match=re.escape(said)):
        app.order_from(made, REQUEST, PRICE)


def test_an_order_is_kept_and_placed_with_its_prompt(world, app, api, kept):
    order = app.order_from(quote_for(world, REQUEST), REQUEST, PRICE)
    number, signature = world.typed.order_hash(order), app.sign(order)
    api.says({"id": number, "stage": "ordered", "links": {}}, 202)
    assert app.place(REQUEST, order, signature, DAWN, SALT) == number
    sent = json.loads(api.asked[0].body)
    assert (sent["prompt"], sent["salt"]) == (DAWN, SALT)
    assert DAWN not in json.dumps(sent["request"])
    assert kept.load(number) == Ordered(REQUEST, order, signature, DAWN, SALT)
    assert stat.S_IMODE(kept.path(number).stat().st_mode) == 0o600
    api.says({"id": "0x" + "00" * 32, "stage": "ordered", "links": {}}, 202)
    with pytest.raises(Inconsistent, match="order's hash"):
        app.place(REQUEST, order, signature, DAWN, SALT)


def test_an_order_is_kept_even_if_the_oracle_does_not_answer(world, app, api, kept):
    order = app.order_from(quote_for(world, REQUEST), REQUEST, PRICE)
    api.problem("Unavailable", 503, detail="later")
    with pytest.raises(Unavailable):
        app.place(REQUEST, order, app.sign(order), DAWN, SALT)
    assert kept.load(world.typed.order_hash(order)).salt == SALT


def test_a_prompt_that_is_not_committed_is_not_sent(world, app, api, kept):
    order = app.order_from(quote_for(world, REQUEST), REQUEST, PRICE)
    with pytest.raises(InvalidInput, match="prompt_commitment"):
        app.place(REQUEST, order, app.sign(order), "another", SALT)
    assert api.asked == [] and not kept.folder.exists()


def test_a_damaged_or_absent_kept_order_is_said(kept):
    with pytest.raises(NotFound, match="no order is kept"):
        kept.load(NOBODY)
    kept.folder.mkdir()
    kept.path(NOBODY).write_text("{}")
    with pytest.raises(InvalidInput, match=r"order\.order: is missing"):
        kept.load(NOBODY)


def test_salts_are_32_random_bytes():
    assert new_salt(lambda count: bytes(range(count))) == bytes(range(32)).hex()
    assert len({new_salt() for _ in range(100)}) == 100


@pytest.fixture
def original(world):
    """A settled generation whose track has other weights than were requested."""
    order = order_of(world, REQUEST.digest(), tier=0, use=1)
    case = settling(world, order, {1: 550_000, 3: 450_000})
    world.settle(case)
    return case


def upgrade_quote(world, original, **changes):
    named = bytes.fromhex(original.generation[2:])
    order = order_of(world, named, nonce=1, **changes)
    return order, quote_of(world, order, {1: 550_000, 3: 450_000})


def test_an_upgrade_names_the_original(world, app, api, original):
    order, made = upgrade_quote(world, original)
    number = world.typed.order_hash(order)

    def settled():
        world.upgrade(settling(world, order, {1: 550_000, 3: 450_000}), original)
        return view_of(number)

    in_turn(api, [made, {"id": number}, settled])
    assert app.upgrade(original.generation, "commercial", PRICE)["stage"] == "settled"
    paths = [asked.path for asked in api.asked]
    assert paths[:2] == ["/v1/upgrades/quotes", "/v1/upgrades"]
    asked = json.loads(api.asked[0].body)
    assert (asked["original"], asked["tier"]) == (original.generation, "commercial")
    assert_proven(world, asked, bytes.fromhex(original.generation[2:]))


@pytest.mark.parametrize(
    ("member", "value"), [("tier", 0), ("use", 1), ("rule", 1), ("request", b"\xab" * 32)]
)
def test_an_upgrade_that_differs_is_not_signed(world, app, original, member, value):
    made = upgrade_quote(world, original, **({} if member == "request" else {member: value}))[1]
    if member == "request":
        made["typed_data"]["message"]["request"] = "0x" + value.hex()
    with pytest.raises(Inconsistent, match=f"typed_data.message.{member}"):
        app.upgrade_from(made, original.generation, "commercial", PRICE)


def test_an_upgrade_of_nothing_is_not_signed(world, app, original):
    with pytest.raises(NotFound, match="no settlement"):
        app.upgrade_from(upgrade_quote(world, original)[1], NOBODY, "commercial", PRICE)
