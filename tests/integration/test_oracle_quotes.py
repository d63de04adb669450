"""Quotes over HTTP: reasons without a recording, and reserved money for the payer's signature."""

import pytest

from oracle.adapters.signing import signatures
from oracle.domain.ordered import placed_json
from oracle.domain.quote_request import QuoteRequest
from tests.support.oracle_api import Idle, client_of, problem
from tests.support.samples import ordered, request, request_json
from tests.support.trio import key, make_trio


@pytest.fixture
def trio(tmp_path):
    return make_trio(tmp_path)


@pytest.fixture
def api(trio):
    with client_of(trio, Idle()) as client:
        yield client


def signed(trio, signer=None, time=None, named=None):
    time = trio.clock.now() if time is None else time
    asked = QuoteRequest(trio.payer.address, named or request().digest(), time)
    signature = (signer or trio.payer).sign(trio.typed.quote_digest(asked))
    return {"payer": trio.payer.address, "time": time, "signature": "0x" + signature.hex()}


def ask(api, asker):
    return api.post("/v1/quotes", json={"request": request_json()} | asker)


def place(api, trio):
    body = placed_json(ordered(request(), *trio.order(request())))
    assert api.post("/v1/generations", json=body).status_code == 202


def test_reserved_money_needs_the_payers_signature(api, trio):
    trio.ledger.escrow[trio.payer.address.lower()] = 399_999
    place(api, trio)
    plain = ask(api, {"payer": trio.payer.address}).json()
    assert (plain["permitted"], plain["reserved"]) == (True, None)
    told = ask(api, signed(trio)).json()
    assert (told["permitted"], told["reserved"], told["typed_data"]) == (False, "200000", None)
    (refusal,) = told["refusals"]
    assert (refusal["recording"], refusal["reason"]) == (None, "escrow_short")


def test_any_spelling_of_the_signature_counts(api, trio):
    asker = signed(trio)
    raw = bytes.fromhex(asker["signature"][2:])
    for spelling in (signatures.compact(raw).hex(), raw.hex().upper()):
        assert ask(api, asker | {"signature": "0x" + spelling}).json()["reserved"] == "0"


def test_a_signature_of_another_or_of_another_time_is_refused(api, trio):
    assert problem(ask(api, signed(trio, key("thief"))), 401)["field"] == "signature"
    assert problem(ask(api, signed(trio, named=bytes(32))), 401)["field"] == "signature"
    late = signed(trio, time=trio.clock.now() - 301)
    assert problem(ask(api, late), 401)["field"] == "time"


@pytest.mark.parametrize("missing", ["time", "signature"])
def test_time_and_signature_come_together(api, trio, missing):
    asker = signed(trio)
    del asker[missing]
    assert problem(ask(api, asker), 422)["field"] == missing


def test_an_order_is_refused_for_the_reasons_of_its_quote(api, trio):
    trio.nodes[0].missing = {2}
    quote = ask(api, {"payer": trio.payer.address}).json()
    body = placed_json(ordered(request(), *trio.order(request())))
    refused = problem(api.post("/v1/generations", json=body), 422)
    assert quote["refusals"] == refused["refusals"]
    assert [(r["recording"], r["reason"]) for r in refused["refusals"]] == [(2, "not_held")]
    assert trio.contexts[0].store.unfinished() == []


def test_three_quotes_in_a_row_offer_three_nonces_at_any_oracle(trio):
    offered = []
    for index in range(3):
        with client_of(trio, Idle(), index=index) as api:
            quotes = [ask(api, {"payer": trio.payer.address}).json() for _ in range(3)]
        offered += [int(quote["typed_data"]["message"]["nonce"]) for quote in quotes]
    assert sorted(offered) == list(range(9))
