"""`refrain app quote | order | upgrade` against an oracle that answers as it is told."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from oracle.domain.request import Reference
from tests.support.chain_world import ESCROW, PRICE, copied_world
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
from tests.support.shell import Shell

WORDS = ["--prompt", DAWN, "--length", 30, "--reference", "1=60%", "--reference", "3=40%"]


@pytest.fixture
def world(tmp_path):
    with copied_world(tmp_path) as made:
        yield made


@pytest.fixture
def api():
    with scripted() as script:
        yield script


@pytest.fixture
def shell(world, api, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("REFRAIN_API", api.url)
    return Shell(world, tmp_path, monkeypatch, capsys)


def number_of(world, named=None, **changes):
    return world.typed.order_hash(order_of(world, named or REQUEST.digest(), **changes))


def settled(world, vector=None):
    """Settles the order, then says so."""
    order = order_of(world, REQUEST.digest())

    def answer():
        world.settle(settling(world, order, REQUEST.weights()))
        shares = [{"recording": n, "weight": w} for n, w in REQUEST.weights().items()]
        return view_of(world.typed.order_hash(order), price="1", vector=vector or shares)

    return answer


def test_a_quote_shows_who_gets_what(world, shell, api):
    in_turn(api, [quote_for(world, REQUEST)] * 2)
    assert shell("payer", "app", "quote", *WORDS) == 0
    assert "0.612 TUSD" in shell.out and "1.20 TUSD" in shell.out and "60%" in shell.out
    found = shell.json("payer", "app", "quote", *WORDS)
    assert found["price"] == {"units": str(PRICE), "decimals": 6, "symbol": "TUSD"}
    assert json.loads(api.asked[0].body)["request"] == REQUEST.to_json()


def test_weights_in_millionths_with_raw(world, shell, api):
    in_turn(api, [quote_for(world, REQUEST)])
    words = ["--prompt", DAWN, "--length", 30, "--reference", "1=600000", "--reference",
             "3=400000", "--raw"]  # fmt: skip
    assert shell("payer", "app", "quote", *words) == 0
    assert json.loads(api.asked[0].body)["request"] == REQUEST.to_json()
    assert f"{PRICE} units of TUSD" in shell.out


@pytest.mark.parametrize(
    ("references", "weights"),
    [
        (["2"], {2: 1_000_000}),
        (["3", "1", "2"], {1: 333_334, 2: 333_333, 3: 333_333}),
        (["2=100%"], {2: 1_000_000}),
    ],
)
def test_weights_may_be_left_out(world, shell, api, references, weights):
    listed = tuple(map(Reference, weights, weights.values()))
    request = replace(REQUEST, references=listed)
    in_turn(api, [quote_for(world, request)])
    words = [word for text in references for word in ("--reference", text)]
    assert shell("payer", "app", "quote", "--prompt", DAWN, *words) == 0
    asked = json.loads(api.asked[0].body)["request"]
    assert {item["recording"]: item["weight"] for item in asked["references"]} == weights
    assert asked["length"] == 30


@pytest.mark.parametrize("references", [["1", "1"], ["1=50%", "1=50%"], ["1", "2=50%"], ["1=99%"]])
def test_weights_that_do_not_add_up_are_refused(shell, references):
    words = [word for text in references for word in ("--reference", text)]
    assert shell("payer", "app", "quote", "--prompt", "x", *words) == 2
    assert "--reference: " in shell.err


def test_a_track_is_ordered_and_waited_for(world, shell, api):
    number = number_of(world)
    waiting = view_of(number, "generated", "running")
    in_turn(api, [quote_for(world, REQUEST), {"id": number}, waiting, settled(world)])
    found = shell.json("payer", "app", "order", *WORDS, "--limit", "1.20", "--yes")
    assert found["stage"] == "settled" and found["id"] == number
    assert found["price"]["units"] == str(PRICE)
    assert world.rpc.receipt(found["transaction"]).succeeded
    assert "in escrow" in shell.err and f"{ESCROW // 10**6}.00 TUSD" in shell.err
    assert "generated  running" in shell.err
    (file,) = (shell.folder / "orders").iterdir()
    assert file.name == f"{number}.json" and str(file) in shell.err
    assert json.loads(file.read_text())["prompt"] == DAWN == json.loads(api.asked[1].body)["prompt"]


def test_the_price_is_shown_before_the_question(world, shell, api):
    in_turn(api, [quote_for(world, REQUEST)])
    assert shell("payer", "app", "order", *WORDS, typed="n\n") == 1
    assert "1.20 TUSD" in shell.err and "nothing was changed" in shell.err
    assert [asked.path for asked in api.asked] == ["/v1/quotes"]


def test_an_order_that_does_not_settle_is_refused(world, shell, api):
    number = number_of(world)
    refused = view_of(number, "refused", "recording 1 was revoked")
    in_turn(api, [quote_for(world, REQUEST), {"id": number}, refused])
    assert shell("payer", "app", "order", *WORDS, "--limit", "2", "--yes") == 1
    assert "refused: recording 1 was revoked" in shell.err


@pytest.mark.parametrize(
    ("words", "said", "code"),
    [
        (["--yes"], "--limit: must be named with --yes", 2),
        (["--limit", "1.19", "--yes"], "maxPrice: is above", 1),
        (["--limit", "1e3", "--yes"], "--limit: must be an amount", 2),
        (["--limit", "2", "--wait", "-1", "--yes"], "--wait: must be", 2),
    ],
)
def test_a_limit_holds(world, shell, api, words, said, code):
    in_turn(api, [quote_for(world, REQUEST)])
    assert shell("payer", "app", "order", *WORDS, *words) == code
    assert said in shell.err


def test_too_little_escrow_says_how_much(world, shell, api):
    in_turn(api, [quote_for(world, REQUEST, payer=world.address("stranger"))])
    assert shell("stranger", "app", "order", *WORDS, "--limit", "2", "--yes") == 1
    assert "the price is 1.20 TUSD and your escrow 0.00 TUSD" in shell.err


def test_a_short_escrow_in_a_quote_says_how_much_and_what_is_reserved(world, shell, api):
    refusals = [{"recording": None, "reason": "escrow_short", "detail": "in smallest units"}]
    no = {"permitted": False, "refusals": refusals, "typed_data": None}
    in_turn(api, [quote_for(world, REQUEST) | no | {"reserved": str(ESCROW)}])
    assert shell("payer", "app", "order", *WORDS, "--limit", "2", "--yes") == 1
    assert "the price is 1.20 TUSD and your escrow" in shell.err
    assert "is reserved for orders under way: `refrain app fund`" in shell.err


def test_the_question_shows_what_other_orders_reserve(world, shell, api):
    in_turn(api, [quote_for(world, REQUEST) | {"reserved": "2500000"}])
    assert shell("payer", "app", "order", *WORDS, typed="n\n") == 1
    assert "reserved for orders" in shell.err
    assert "2.50 TUSD" in shell.err and "3.70 TUSD" in shell.err


def test_a_refusal_names_the_recording(world, shell, api):
    refusals = [{"recording": 3, "reason": "unpermitted", "detail": "uses 1 permitted"}]
    no = {"permitted": False, "refusals": refusals, "typed_data": None}
    in_turn(api, [quote_for(world, REQUEST) | no] * 2)
    assert shell("payer", "app", "order", *WORDS, "--limit", "2", "--yes") == 1
    assert "recording 3 does not permit this use" in shell.err
    assert shell("payer", "app", "quote", *WORDS) == 1
    assert "recording 3 does not permit this use" in shell.err


def test_a_track_is_upgraded(world, shell, api):
    weights = REQUEST.weights()
    original = settling(world, order_of(world, REQUEST.digest(), tier=0, use=1), weights)
    world.settle(original)
    order = order_of(world, bytes.fromhex(original.generation[2:]), nonce=1)
    number = world.typed.order_hash(order)

    def upgraded():
        world.upgrade(settling(world, order, weights), original)
        return view_of(number, original=original.generation)

    in_turn(api, [quote_of(world, order, weights), {"id": number}, upgraded])
    found = shell.json("payer", "app", "upgrade", original.generation, "--limit", "1.2", "--yes")
    assert found["id"] == number and found["price"]["units"] == str(PRICE)
    paths = [asked.path for asked in api.asked]
    assert paths[:2] == ["/v1/upgrades/quotes", "/v1/upgrades"]


def test_the_quote_shown_is_the_order_signed(world, shell, api):
    made = quote_for(world, REQUEST) | {"protocol_fee": "0"}
    in_turn(api, [made] * 2)
    for words in (["quote", *WORDS], ["order", *WORDS, "--limit", "2", "--yes"]):
        assert shell("payer", "app", *words) == 1
        assert "quote.split[0].amount" in shell.err and not shell.out
    assert {asked.path for asked in api.asked} == {"/v1/quotes"}


def test_an_oracle_that_is_away_is_said(shell, monkeypatch):
    monkeypatch.setenv("REFRAIN_API", "http://127.0.0.1:9")
    assert shell("payer", "app", "quote", *WORDS) == 3
    assert "the oracle did not answer" in shell.err


def test_a_file_is_uploaded_to_all_nodes(world, shell, api):
    api.says({"recording": 1, "seconds": 3, "bpm": 90}, 201)
    found = shell.json("mara", "catalogue", "upload", world.songs[0].path, "--recording", 1,
                       "--node", api.url)  # fmt: skip
    assert found["nodes"][api.url]["bpm"] == 90
    assert api.asked[0].body == world.songs[0].path.read_bytes()


def test_a_file_without_a_beat_is_said_so(world, shell, api):
    for _ in range(2):
        api.says({"recording": 1, "seconds": 3, "bpm": 0}, 201)
    words = ["catalogue", "upload", world.songs[0].path, "--recording", 1, "--node", api.url]
    assert shell("mara", *words) == 0
    assert "no beat found" in shell.out
    assert shell.json("mara", *words)["nodes"][api.url]["bpm"] == 0
