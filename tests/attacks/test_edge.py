"""Attempts of apps and strangers at an oracle's public routes; each meets three oracles."""

import json
import logging
from dataclasses import replace

import pytest

from oracle.adapters.signing import signatures
from oracle.domain.errors import Unavailable
from oracle.domain.generation import Stage
from oracle.domain.ordered import Ordered, placed_json, signed_json
from oracle.domain.quote_request import QuoteRequest
from oracle.domain.request import parse_request
from oracle.pipeline.runner import Pipeline
from tests.support.oracle_api import Idle, client_of, problem
from tests.support.samples import (
    SALT,
    first_request_json,
    order_for,
    ordered,
    request,
    request_json,
)
from tests.support.trio import key, make_trio

SECRET = "for Ada, 12 Elm Street, back door"
NODE_URL = "http://10.9.8.7:8090"


@pytest.fixture
def trio(tmp_path):
    return make_trio(tmp_path)


@pytest.fixture
def apis(trio):
    """The public routes of the three oracles."""
    clients = [client_of(trio, Idle(), index=index) for index in range(3)]
    for client in clients:
        client.__enter__()
    yield clients
    for client in clients:
        client.__exit__(None, None, None)


@pytest.fixture
def api(apis):
    return apis[0]


def body_of(trio, asked=None, payer=None, **changes):
    """The body that places an order; `payer`: a key other than the funded one."""
    asked, payer = asked or request(), payer or trio.payer
    order = order_for(asked, payer=payer.address, **changes)
    signature = "0x" + payer.sign(trio.typed.order_digest(order)).hex()
    return placed_json(ordered(asked, order, signature))


def place(api, body, name=None):
    headers = {"Idempotency-Key": name} if name else {}
    return api.post("/v1/generations", json=body, headers=headers)


def placed(api, body):
    answer = place(api, body)
    assert answer.status_code == 202, answer.text
    return answer.json()["id"]


def quoted(api, trio, **more):
    body = {"request": request_json(), "payer": trio.payer.address} | more
    answer = api.post("/v1/quotes", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def reasons(found):
    return [(refusal["recording"], refusal["reason"]) for refusal in found["refusals"]]


def run(trio, generation, until=Stage.SETTLED, steps=80):
    """All three oracles work on an order until the first one has it at a stage."""
    pipelines = [Pipeline(context) for context in trio.contexts]
    for _ in range(steps):
        for context, pipeline in zip(trio.contexts, pipelines, strict=True):
            if context.store.known(generation):
                pipeline.advance(generation)
        known = trio.contexts[0].store.load(generation)
        if known.stage is until or known.ended:
            return known
    raise AssertionError(known)


def rows_of(trio, index=0):
    with trio.contexts[index].store._engine.connect() as connection:
        return connection.exec_driver_sql("SELECT count(*) FROM generations").scalar_one()


def set_terms(trio, **changes):
    for index, context in enumerate(trio.contexts):
        trio.contexts[index] = replace(context, terms=replace(context.terms, **changes))


def test_a_prompt_is_read_by_nobody_outside_the_set(trio, apis, caplog):
    """Neither in a public file, nor by a route, nor in a log, nor at a generation node."""
    caplog.set_level(logging.DEBUG)
    asked = request(prompt=SECRET)
    body = body_of(trio, asked)
    generation = placed(apis[0], body)
    assert run(trio, generation).stage is Stage.SETTLED
    routes = [
        "/openapi.json", "/docs", "/v1/recordings", "/v1/ready",
        f"/v1/generations/{generation}", f"/v1/payees/{trio.payer.address}/statement",
    ]  # fmt: skip
    seen = [api.get(route).text for api in apis for route in routes]
    stranger = body | {"prompt": "what was it?", "salt": "00" * 32}
    seen += [place(api, stranger).text for api in apis]
    seen += [json.dumps(quoted(api, trio, request=asked.to_json())) for api in apis]
    seen += [data.decode("latin-1") for data in trio.pinner.files.values()]
    seen += [json.dumps(job) for node in trio.nodes for job in node.jobs.values()]
    seen += [caplog.text, *(repr(c.store.load(generation)) for c in trio.contexts[:1])]
    assert asked.prompt_commitment in "".join(seen), "the commitment is public"
    for text in seen:
        assert SECRET not in text and SALT not in text
    assert trio.contexts[0].store.load(generation).prompt == SECRET


def test_a_prompt_cannot_be_ordered_in_the_clear(trio, api):
    """An app of an older version is told, before its prompt is pinned for ever."""
    asked = parse_request(first_request_json())
    order, signature = trio.order(asked)
    old = signed_json(Ordered(asked, order, signature)) | {"prompt": asked.prompt, "salt": SALT}
    assert problem(place(api, old), 422)["field"] == "request.prompt"
    quote = {"request": asked.to_json(), "payer": trio.payer.address}
    assert "for ever" in problem(api.post("/v1/quotes", json=quote), 422)["detail"]
    assert rows_of(trio) == 0


def test_a_stranger_that_sends_a_public_order_under_a_name_blocks_nobody(trio, api):
    """The order and its signature are public in the manifest; its payer's next order goes on."""
    first = body_of(trio)
    generation = placed(api, first)
    public = {name: first[name] for name in ("request", "order", "signature")}
    stolen = public | {"prompt": "a guess", "salt": "00" * 32}
    for name in ("order-1", "order-2"):
        answer = place(api, stolen, name)
        assert (answer.status_code, answer.json()["id"]) == (202, generation)
    trio.ledger.fault = Unavailable("a known order asks the chain")
    assert place(api, stolen, "order-3").json()["id"] == generation
    trio.ledger.fault = None
    own = place(api, body_of(trio, nonce=1), "order-1")
    assert (own.status_code, own.json()["id"] != generation) == (202, True)
    assert trio.contexts[0].store.load(generation).prompt == first["prompt"]
    assert rows_of(trio) == 2


def test_another_spelling_of_a_signature_is_no_other_order(trio, api):
    body = body_of(trio)
    raw = bytes.fromhex(body["signature"][2:])
    zero = raw[:64] + bytes([raw[64] - 27])
    spellings = [raw.hex(), raw.hex().upper(), zero.hex(), signatures.compact(raw).hex()]
    assert len({placed(api, body | {"signature": "0x" + each}) for each in spellings}) == 1
    assert rows_of(trio) == 1
    (known,) = trio.contexts[0].store.unfinished()
    assert trio.contexts[0].store.load(known).order_signature == body["signature"]


def test_the_other_s_of_a_signature_is_refused(trio, api):
    body = body_of(trio)
    raw = bytes.fromhex(body["signature"][2:])
    other = (signatures.ORDER - int.from_bytes(raw[32:64], "big")).to_bytes(32, "big")
    turned = raw[:32] + other + bytes([55 - raw[64]])
    found = problem(place(api, body | {"signature": "0x" + turned.hex()}), 422)
    assert (found["field"], found["detail"]) == ("signature", "has s in the upper half")
    assert rows_of(trio) == 0


def test_three_quotes_give_three_nonces_at_three_oracles(trio, apis):
    offered = [
        int(quoted(api, trio)["typed_data"]["message"]["nonce"]) for _ in range(3) for api in apis
    ]
    assert len(set(offered)) == 9 and max(offered) <= 63
    for index in range(3):
        assert {nonce % 3 for nonce in offered[index::3]} == {index}


def test_a_nonce_that_would_kill_open_ones_is_refused_at_each_oracle(trio, apis):
    """Nonce 70, once settled, would make the nonces up to 6 unusable and their tracks unpaid."""
    generation = placed(apis[0], body_of(trio, nonce=6))
    run(trio, generation, until=Stage.CONSENTED)
    far = problem(place(apis[0], body_of(trio, nonce=70)), 422)
    assert (far["field"], "within 63" in far["detail"]) == ("order.nonce", True)
    # The second oracle knows of the first order by its reservation.
    known = [index for index in range(3) if trio.contexts[index].store.known(generation)]
    assert len(known) >= 2
    for index in known:
        problem(place(apis[index], body_of(trio, nonce=70)), 422)
    placed(apis[0], body_of(trio, nonce=69))
    problem(place(apis[0], body_of(trio, nonce=5)), 422)


def test_a_payer_that_floods_the_backlog_leaves_room_for_others(trio, api):
    trio.ledger.escrow[trio.payer.address.lower()] = 10**12
    share, answers = trio.terms.backlog_share, []
    for nonce in range(share + 5):
        answers.append(place(api, body_of(trio, nonce=nonce)).status_code)
    assert answers == [202] * share + [503] * 5
    assert share * 10 <= trio.terms.backlog
    honest = key("honest")
    trio.ledger.escrow[honest.address.lower()] = 10**6
    placed(api, body_of(trio, payer=honest))


def test_tracks_that_are_made_and_not_paid_have_an_end(trio, api):
    """The payer takes the money away after each track is made, and orders the next one."""
    set_terms(trio, unpaid_seconds=10)
    payer = trio.payer.address.lower()
    with client_of(trio, Idle()) as api:
        for nonce in range(2):
            trio.ledger.escrow[payer] = 10**9
            generation = placed(api, body_of(trio, nonce=nonce))
            assert run(trio, generation, until=Stage.GENERATED).made
            trio.ledger.escrow[payer] = 0
            assert run(trio, generation, until=Stage.REFUSED).stage is Stage.REFUSED
        trio.ledger.escrow[payer] = 10**9
        made = sum(node.started for node in trio.nodes)
        found = problem(place(api, body_of(trio, nonce=2)), 503)
        assert "10 seconds of tracks of this payer are made and not paid" in found["detail"]
        assert (sum(node.started for node in trio.nodes), trio.ledger.settled) == (made, {})
        honest = key("honest")
        trio.ledger.escrow[honest.address.lower()] = 10**6
        placed(api, body_of(trio, payer=honest))


def test_orders_that_end_unpaid_leave_few_rows(trio, api):
    """Refused orders leave no row; of a payer's cancelled ones only the newest stay."""
    store = trio.contexts[0].store
    for nonce in range(20):
        assert place(api, body_of(trio, nonce=nonce, max_price=1)).status_code == 422
    assert rows_of(trio) == 0
    for number in range(150):
        asked = request(prompt=f"again {number}")
        generation = placed(api, body_of(trio, asked))
        store.save(replace(store.load(generation), stage=Stage.CANCELLED))
    assert rows_of(trio) <= 101
    assert store.prune(trio.clock.now() + 1) >= 100 and rows_of(trio) == 0


def test_a_price_below_the_gas_of_its_settlement_is_refused(trio):
    set_terms(trio, least_price=200_001)
    with client_of(trio, Idle()) as api:
        found = quoted(api, trio)
        assert (found["permitted"], reasons(found)) == (False, [(None, "below_cost")])
        refused = problem(place(api, body_of(trio)), 422)
        assert reasons(refused) == [(None, "below_cost")]
    assert rows_of(trio) == 0


def test_a_recording_on_one_node_only_is_not_permitted(trio, apis):
    """Nobody but its maker could render the track again, so it could never be signed."""
    trio.nodes[1].missing = {2}
    for api in apis:
        assert reasons(quoted(api, trio)) == [(2, "not_held")]
        assert reasons(problem(place(api, body_of(trio)), 422)) == [(2, "not_held")]
    assert sum(node.started for node in trio.nodes) == 0


def test_a_cap_that_is_reached_is_told_before_anything_is_made(trio, api):
    for node in trio.nodes:
        trio.ledger.spent[node.payee().lower()] = 10**9 - 199_999
    assert reasons(quoted(api, trio)) == [(None, "cap_reached")]
    assert reasons(problem(place(api, body_of(trio)), 422)) == [(None, "cap_reached")]


def test_what_a_payer_reserves_is_not_told_to_a_stranger(trio, api):
    trio.ledger.escrow[trio.payer.address.lower()] = 399_999
    placed(api, body_of(trio))
    plain = quoted(api, trio)
    assert (plain["reserved"], reasons(plain)) == (None, [])
    now = trio.clock.now()
    question = QuoteRequest(trio.payer.address, request().digest(), now)

    def asked_by(signer):
        signature = "0x" + signer.sign(trio.typed.quote_digest(question)).hex()
        return {"request": request_json(), "payer": trio.payer.address, "time": now,
                "signature": signature}  # fmt: skip

    problem(api.post("/v1/quotes", json=asked_by(key("stranger"))), 401)
    told = api.post("/v1/quotes", json=asked_by(trio.payer)).json()
    assert (told["reserved"], reasons(told)) == ("200000", [(None, "escrow_short")])


def test_public_answers_hold_no_internal_url_and_no_cause(trio, api, caplog):
    generation = placed(api, body_of(trio))
    run(trio, generation, until=Stage.CONSENTED)
    cause = Unavailable("the generation node did not answer", field=NODE_URL, value="ConnectError")
    for node in trio.nodes:
        node.url, node.fault = NODE_URL, cause
    waiting = Pipeline(trio.contexts[0]).advance(generation)
    trio.clock.sleep(6)
    trio.ledger.fault = Unavailable("the chain did not answer", field="http://10.1.1.1:8545/key")
    seen = [
        api.get(f"/v1/generations/{generation}"),
        api.get("/v1/ready"),
        api.get("/v1/recordings"),
        api.post("/v1/quotes", json={"request": request_json(), "payer": trio.payer.address}),
        place(api, body_of(trio, nonce=1)),
    ]
    for answer in seen:
        assert "10." not in answer.text and "ConnectError" not in answer.text
    view = seen[0].json()
    assert view["detail"] == "trying again: waiting for a generation node" == waiting.detail
    assert [answer.status_code for answer in seen[1:]] == [503] * 4
    told = [line for line in caplog.messages if generation in line and NODE_URL in line]
    assert told, "the operator's log has the cause with the generation's id"
    assert any("10.1.1.1" in line for line in caplog.messages)
