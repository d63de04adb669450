"""The oracle's HTTP API: every route, every error as a problem, and one generation for an order."""

import json
import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oracle.adapters.signing import signatures
from oracle.api.limits import LARGEST_BODY
from oracle.domain.errors import Inconsistent, Unavailable
from oracle.domain.generation import ENDS
from oracle.domain.order import order_json, parse_order
from oracle.domain.ordered import placed_json
from oracle.domain.statement import Movement
from oracle.pipeline.runner import Pipeline
from oracle.pipeline.worker import Worker
from tests.support.oracle_api import GATEWAY, JSON, PROBLEM, Idle, client_of, problem
from tests.support.samples import (
    first_request_json,
    ordered,
    recording,
    request,
    request_json,
)
from tests.support.trio import key, make_trio


@pytest.fixture
def trio(tmp_path):
    return make_trio(tmp_path)


@pytest.fixture
def idle():
    return Idle()


@pytest.fixture
def api(trio, idle):
    with client_of(trio, idle) as client:
        yield client


def body_of(trio, asked=None, **changes):
    asked = asked or request()
    return placed_json(ordered(asked, *trio.order(asked, **changes)))


def send(api, body, name=None):
    headers = {"Idempotency-Key": name} if name else {}
    return api.post("/v1/generations", json=body, headers=headers)


def test_it_is_healthy_when_all_other_services_fail(api, trio):
    trio.ledger.fault = Unavailable("down")
    assert api.get("/v1/health").json() == {"status": "ok"}


def test_it_is_ready_when_everything_answers(api):
    answer = api.get("/v1/ready")
    assert answer.status_code == 200
    assert set(answer.json()["parts"].values()) == {"ok"}


def test_an_app_goes_from_quote_to_settlement(trio):
    worker = Worker(Pipeline(trio.contexts[0]))
    with client_of(trio, worker) as api:
        asked = {"request": request_json(), "payer": trio.payer.address}
        quote = api.post("/v1/quotes", json=asked).json()
        assert quote["permitted"] and quote["refusals"] == []
        assert (quote["price"], quote["node_fee"], quote["protocol_fee"]) == (
            "200000", "20000", "2000",
        )  # fmt: skip
        assert quote["split"][0] == {"recording": 1, "weight": 500_000, "amount": "89000"}
        message = quote["typed_data"]["message"]
        assert message["deadline"] == str(quote["expires"])
        order = parse_order(message)
        taken = send(api, placed_json(ordered(request(), order, trio.sign(order))))
        assert taken.status_code == 202
        assert taken.headers["location"] == taken.json()["links"]["self"]
        view = wait_for_end(api, taken.json()["links"]["self"])
    assert view["stage"] == "settled"
    assert view["price"] == "200000"
    assert view["vector"] == [
        {"recording": 1, "weight": 600_000}, {"recording": 2, "weight": 400_000},
    ]  # fmt: skip
    settlement = trio.ledger.settled[view["id"]]
    assert (view["transaction"], view["block"]) == (settlement.transaction, settlement.block)
    cids = {link.removeprefix(f"{GATEWAY}/ipfs/") for link in view["links"].values()}
    assert cids - {view["links"]["self"]} <= trio.pinner.files.keys()


def test_an_app_upgrades_what_it_has(trio):
    worker = Worker(Pipeline(trio.contexts[0]))
    with client_of(trio, worker) as api:
        body = body_of(trio, request(tier="personal"))
        original = wait_for_end(api, send(api, body).json()["links"]["self"])
        asked = {"original": original["id"], "tier": "commercial", "payer": trio.payer.address}
        quote = api.post("/v1/upgrades/quotes", json=asked).json()
        assert (quote["permitted"], quote["price"], quote["floor"]) == (True, "150000", None)
        assert [share["weight"] for share in quote["split"]] == [600_000, 400_000]
        message = quote["typed_data"]["message"]
        body = {"order": message, "signature": trio.sign(parse_order(message))}
        taken = upgrade(api, body)
        assert taken.status_code == 202
        view = wait_for_end(api, taken.json()["links"]["self"])
        assert upgrade(api, body).json()["id"] == view["id"]
    assert (view["stage"], view["price"], view["original"]) == (
        "settled", "150000", original["id"],
    )  # fmt: skip
    assert view["vector"] == original["vector"]
    assert view["links"]["manifest"] == original["links"]["manifest"]


def upgrade(api, body):
    return api.post("/v1/upgrades", json=body)


def test_an_upgrade_without_an_original_is_refused(api, trio, idle):
    order, signature = trio.order(request())
    body = {"order": order_json(order), "signature": signature}
    assert problem(upgrade(api, body), 404)["field"] == "original"
    asked = {"original": "0x" + "11" * 32, "tier": "commercial", "payer": trio.payer.address}
    assert problem(api.post("/v1/upgrades/quotes", json=asked), 404)["field"] == "original"
    assert problem(api.post("/v1/upgrades/quotes", json=asked | {"tier": "free"}), 404)
    assert problem(api.post("/v1/upgrades/quotes", json=asked | {"original": "0x1"}), 422)
    assert idle.given == []


def test_a_floor_that_decides_the_price_is_shown(api, trio):
    trio.ledger.amend(2, floors=(0, 40_000, 0, 0))
    asked = {"request": request_json(), "payer": trio.payer.address}
    quote = api.post("/v1/quotes", json=asked).json()
    assert quote["floor"] == {"recording": 2, "per_second": "40000"}
    assert quote["price"] == "224718"


def wait_for_end(api, path):
    done = threading.Event()
    for _ in range(600):
        view = api.get(path).json()
        if view["stage"] in ENDS:
            return view
        done.wait(0.1)
    raise AssertionError(view)


def test_a_new_generation_has_no_links_yet(api, trio, idle):
    taken = send(api, body_of(trio)).json()
    assert idle.given == [taken["id"]]
    view = api.get(taken["links"]["self"]).json()
    assert view == {
        "id": taken["id"], "stage": "ordered", "detail": "", "price": "200000",
        "links": {"self": f"/v1/generations/{taken['id']}", "manifest": None, "audio": None,
                  "trace": None},
        "transaction": None, "vector": None, "block": None, "original": None,
    }  # fmt: skip


def test_a_quote_names_refused_recordings_with_reasons(api, trio):
    trio.ledger.revoke(1)
    trio.ledger.versions.pop(2)
    asked = {"request": request_json(), "payer": trio.payer.address.lower()}
    quote = api.post("/v1/quotes", json=asked).json()
    assert not quote["permitted"]
    assert quote["typed_data"] is None
    assert [(r["recording"], r["reason"]) for r in quote["refusals"]] == [
        (1, "revoked"), (2, "unknown"),
    ]  # fmt: skip


def test_a_refused_order_names_the_recordings_and_is_not_saved(api, trio, idle):
    trio.ledger.register(recording(2, uses=1))
    found = problem(send(api, body_of(trio)), 422)
    assert found["title"] == "Refused"
    assert [(r["recording"], r["reason"]) for r in found["refusals"]] == [(2, "unpermitted")]
    assert idle.given == [] == trio.contexts[0].store.unfinished()
    assert problem(api.get(f"/v1/generations/0x{'00' * 32}"), 404)


REFUSED = {
    "another's signature": ({"signature": "0x" + key("thief").sign(bytes(32)).hex()}, 401),
    "no signature": ({"signature": "0x"}, 422),
    "a high s": ({"signature": "0x" + "11" * 32 + "ff" * 32 + "1b"}, 422),
}


@pytest.mark.parametrize("case", REFUSED)
def test_an_order_needs_its_payers_signature(api, trio, case):
    change, status = REFUSED[case]
    problem(send(api, {**body_of(trio), **change}), status)


@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"max_price": 1}, 422, "order.maxPrice"),
        ({"deadline": 1}, 422, "order.deadline"),
        ({"use": 1}, 422, "order.use"),
        ({"tier": 0}, 422, "order.tier"),
        ({"rule": 1}, 422, "order.rule"),
        ({"request": bytes(32)}, 422, "order.request"),
    ],
)
def test_an_order_that_does_not_match_is_refused(api, trio, changes, status, field):
    assert problem(send(api, body_of(trio, **changes)), status)["field"] == field


def test_a_rule_that_is_not_payable_is_refused(api, trio):
    asked = request(rule="shapley")
    found = problem(send(api, body_of(trio, asked, rule=4)), 422)
    assert found["field"] == "request.rule"
    assert "realised or declared" in found["detail"]
    asked = {"request": asked.to_json(), "payer": trio.payer.address}
    assert problem(api.post("/v1/quotes", json=asked), 422)["field"] == "request.rule"


def test_escrow_that_does_not_cover_is_refused(api, trio):
    trio.ledger.escrow[trio.payer.address.lower()] = 199_999
    assert problem(send(api, body_of(trio)), 422)["field"] == "escrow"


def test_the_same_order_ten_times_at_once_is_one_generation(api, trio, idle):
    body, answers = body_of(trio), []

    def go(number):
        answers.append(send(api, body, f"key {number % 3}"))

    threads = [threading.Thread(target=go, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.text for answer in answers}) == 1
    assert len(trio.contexts[0].store.unfinished()) == 1


def test_a_key_reserves_nothing(api, trio, idle):
    """A stranger that posts a public order under a payer's next key takes nothing from it."""
    first = send(api, body_of(trio), "order-1")
    assert send(api, body_of(trio), "of a stranger").json() == first.json()
    second = send(api, body_of(trio, request(prompt="other"), nonce=1), "order-1")
    assert second.status_code == 202
    assert len(trio.contexts[0].store.unfinished()) == 2


def test_a_nonce_used_for_another_order_is_a_conflict(api, trio):
    assert send(api, body_of(trio)).status_code == 202
    assert problem(send(api, body_of(trio, request(prompt="other"))), 409)


def spellings(signature):
    """One signature as wallets write it: any case, v 27/28 or 0/1, or 64 bytes."""
    raw = bytes.fromhex(signature[2:])
    low = raw[:64] + bytes([raw[64] - 27])
    for each in (raw, low, signatures.compact(raw)):
        yield "0x" + each.hex()
        yield "0x" + each.hex().upper()


def test_all_spellings_of_a_signature_are_one_order(api, trio):
    body = body_of(trio)
    answers = {send(api, body | {"signature": s}).text for s in spellings(body["signature"])}
    assert len(answers) == len(trio.contexts[0].store.unfinished()) == 1


def test_a_signature_is_stored_in_its_one_form(trio, tmp_path):
    body, saved = body_of(trio), set()
    for number, spelling in enumerate(spellings(body["signature"])):
        own = make_trio(tmp_path / str(number))
        with client_of(own, Idle()) as api:
            taken = send(api, body | {"signature": spelling}).json()
        saved.add(own.contexts[0].store.load(taken["id"]).order_signature)
    assert saved == {body["signature"]}


def test_a_signature_with_a_high_s_is_refused(api, trio):
    body = body_of(trio)
    raw = bytes.fromhex(body["signature"][2:])
    high = (signatures.ORDER - int.from_bytes(raw[32:64], "big")).to_bytes(32, "big")
    other = bytes([27 + 28 - raw[64]])
    for end in (other, bytes([other[0] - 27])):
        turned = "0x" + (raw[:32] + high + end).hex()
        found = problem(send(api, body | {"signature": turned}), 422)
        assert (found["field"], found["detail"]) == ("signature", "has s in the upper half")
    assert trio.contexts[0].store.unfinished() == []


def test_a_request_with_its_prompt_is_refused_with_the_reason(api, trio):
    asked = {"request": first_request_json(), "payer": trio.payer.address}
    found = problem(api.post("/v1/quotes", json=asked), 422)
    assert (found["field"], "for ever" in found["detail"]) == ("request.prompt", True)
    found = problem(send(api, body_of(trio) | {"request": first_request_json()}), 422)
    assert found["field"] == "request.prompt"


def test_a_prompt_that_is_not_the_committed_one_is_refused(api, trio):
    for wrong in ({"prompt": "other"}, {"salt": "00" * 32}):
        assert problem(send(api, body_of(trio) | wrong), 422)["field"] == "prompt"
    assert trio.contexts[0].store.unfinished() == []


@pytest.mark.parametrize("name", ["", "x" * 256, "a\tb", "\u00fc"])
def test_a_key_is_short_printable_text(api, trio, name):
    answer = api.post(
        "/v1/generations", json=body_of(trio), headers=[(b"Idempotency-Key", name.encode())]
    )
    assert problem(answer, 422)["field"].lower() == "idempotency-key"


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        (["request", "length"], 4, "request.length"),
        (["request", "length"], "30", "request.length"),
        (["request", "length"], True, "request.length"),
        (["request", "references", 1, "weight"], 0, "request.references[1].weight"),
        (["request", "references", 1, "weight"], 1, "request.references"),
        (["request", "references", 0, "recording"], 2, "request.references[1].recording"),
        (["request", "references"], [{"recording": 1, "weight": 1}] * 13, "request.references"),
        (["request", "engine"], "radio", "request.engine"),
        (["request", "tier"], "free", "request.tier"),
        (["request", "extra"], 1, "request.extra"),
        (["request", "version"], 1, "request.version"),
        (["request", "prompt_commitment"], "", "request.prompt_commitment"),
        (["prompt"], "", "prompt"),
        (["prompt"], "  ", "prompt"),
        (["prompt"], "x" * 501, "prompt"),
        (["salt"], "", "salt"),
        (["salt"], "5A" * 32, "salt"),
        (["order", "maxPrice"], 5, "order.maxPrice"),
        (["order", "nonce"], "-1", "order.nonce"),
        (["order", "nonce"], str(2**256), "order.nonce"),
        (["order", "payer"], "0x12", "order.payer"),
        (["order", "payer"], "0x70997970c51812dc3A010C7d01b50e0d17dc79C8", "order.payer"),
        (["order"], None, "order"),
        (["signature"], 7, "signature"),
        (["extra"], 1, "extra"),
    ],
)
def test_a_bad_field_is_named_with_its_value(api, trio, path, value, field):
    body = body_of(trio)
    place = body
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    found = problem(send(api, body), 422)
    assert found["field"] == field
    assert "title" in found


RAW = {
    "nothing": (b"", 400),
    "not JSON": (b"{", 400),
    "not UTF-8": (b'{"payer":"\xff"}', 400),
    "two equal keys": (b'{"payer":"a","payer":"b"}', 400),
    "NaN": (b'{"payer":NaN}', 400),
    "infinity": (b'{"payer":1e400}', 400),
    "a fraction": (b'{"payer":1.0}', 400),
    "half a surrogate": (b'{"payer":"\\ud800"}', 400),
    "deep": (b"[" * 30_000 + b"]" * 30_000, 400),
    "a huge number": (b'{"payer":' + b"9" * 5_000 + b"}", 400),
    "a list": (b"[]", 422),
    "null": (b"null", 422),
    "text": (b'"request"', 422),
}


@pytest.mark.parametrize("case", RAW)
@pytest.mark.parametrize("route", ["/v1/quotes", "/v1/generations"])
def test_a_malformed_body_is_refused(api, route, case):
    data, status = RAW[case]
    headers = {**JSON, "Idempotency-Key": "key"}
    problem(api.post(route, content=data, headers=headers), status)


@pytest.mark.parametrize("media", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_another_media_type_is_refused(api, media):
    headers = {"Content-Type": media} if media else {}
    problem(api.post("/v1/quotes", content=b"{}", headers=headers), 415)


def chunks(size):
    for _ in range(size // 1_000 + 1):
        yield b"x" * 1_000


@pytest.mark.parametrize("content", [b"x" * (LARGEST_BODY + 1), chunks(LARGEST_BODY)])
def test_a_body_that_is_too_large_is_refused(api, content):
    found = problem(api.post("/v1/quotes", content=content, headers=JSON), 413)
    assert str(LARGEST_BODY) in found["detail"]


@pytest.mark.parametrize("length", ["1e3", "-5", "99999999999999999999999"])
def test_a_wrong_content_length_is_refused(api, length):
    headers = {**JSON, "Content-Length": length}
    problem(api.post("/v1/quotes", content=b"{}", headers=headers), 413)


def test_unknown_routes_and_methods_are_problems(api):
    assert problem(api.get("/v1/nothing"), 404)
    assert problem(api.get("/"), 404)
    answer = api.delete("/v1/quotes")
    assert problem(answer, 405)
    assert answer.headers["allow"] == "POST"


@pytest.mark.parametrize("id", ["5", "0x" + "ab" * 31, "0x" + "AB" * 32, "..%2f..%2fetc"])
def test_a_malformed_id_is_refused(api, id):
    assert api.get(f"/v1/generations/{id}").status_code in (404, 422)


def test_recordings_come_in_pages(api, trio):
    first = api.get("/v1/recordings?limit=2").json()
    assert [r["recording"] for r in first["recordings"]] == [1, 2]
    rest = api.get(f"/v1/recordings?limit=2&cursor={first['next']}").json()
    assert [r["recording"] for r in rest["recordings"]] == [3]
    assert rest["next"] is None


def test_one_recording_is_shown_in_its_current_state(api, trio):
    found = api.get("/v1/recordings/1").json()
    assert (found["recording"], found["uses"], found["max_share"]) == (1, 15, 10_000)
    assert found["revoked_at"] is None and found["version"] == 0
    assert found["floors"] == ["0", "0", "0", "0"]
    trio.ledger.amend(1, floors=(5, 2**64 - 1, 0, 0))
    assert api.get("/v1/recordings/1").json()["floors"] == ["5", str(2**64 - 1), "0", "0"]
    trio.ledger.revoke(1)
    assert api.get("/v1/recordings/1").json()["revoked_at"] == trio.ledger.blocks[-1].timestamp
    assert problem(api.get("/v1/recordings/99"), 404)
    assert problem(api.get("/v1/recordings/0"), 422)
    assert problem(api.get("/v1/recordings/x"), 422)


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "cursor=-1", "cursor=1.5"])
def test_a_malformed_page_is_refused(api, query):
    assert problem(api.get(f"/v1/recordings?{query}"), 422)


def test_a_statement_comes_as_json_and_as_csv(api, trio):
    word = "0x" + "aa" * 32
    trio.ledger.rows = [
        Movement("withdrawn", 6, 0, word, 2, "", "", None, 600),
        Movement("credited", 5, 1, word, 2, word, word, 600_000, 1_000),
    ]
    path = f"/v1/payees/{trio.payer.address}/statement"
    found = api.get(path).json()
    assert found["payee"] == trio.payer.address
    assert [row["kind"] for row in found["rows"]] == ["credited", "withdrawn"]
    text = api.get(path, headers={"Accept": "text/csv"})
    assert text.headers["content-type"].startswith("text/csv")
    assert text.text.splitlines()[1] == f"credited,5,1,{word},2,{word},{word},600000,1000,"
    assert problem(api.get("/v1/payees/0x12/statement"), 422)


def test_an_unavailable_service_gives_503_with_retry_after(api, trio, caplog):
    """The caller reads that a service is away; the log has which one, and what it said."""
    trio.ledger.fault = Unavailable("the chain is silent", field="http://10.0.0.5:8545/key")
    for answer in (
        send(api, body_of(trio)),
        api.post("/v1/quotes", json={"request": request_json(), "payer": trio.payer.address}),
        api.get("/v1/recordings"),
        api.get("/v1/ready"),
    ):
        assert problem(answer, 503)["title"] == "Unavailable"
        assert "silent" not in answer.text and "10.0.0.5" not in answer.text
        assert answer.headers["retry-after"]
    told = [line for line in caplog.messages if "the chain is silent" in line]
    assert [line.split(":")[0] for line in told if not line.startswith("not ready")] == [
        "POST /v1/generations", "POST /v1/quotes", "GET /v1/recordings",
    ]  # fmt: skip
    # Readiness names each part, to the operator too.
    assert any(line.startswith("not ready: chain:") for line in told)


def test_inconsistent_sources_give_500(api, trio, caplog):
    trio.ledger.fault = Inconsistent("two answers")
    found = problem(api.get("/v1/recordings"), 500)
    assert found["title"] == "Inconsistent" and "two answers" not in found["detail"]
    assert "two answers" in caplog.text


def test_a_bug_is_a_problem_without_internal_details(api, trio):
    trio.ledger.versions = None
    found = problem(api.get("/v1/recordings/1"), 500)
    assert "NoneType" not in json.dumps(found)


def break_node(trio):
    trio.nodes[0].fault = Unavailable("asleep")


def break_pinner(trio):
    trio.pinner.fault = Unavailable("asleep")


def break_set(trio):
    trio.ledger.sets.clear()


@pytest.mark.parametrize("spoil", [break_node, break_pinner, break_set])
def test_it_is_not_ready_without_what_a_generation_needs(api, trio, spoil):
    spoil(trio)
    assert problem(api.get("/v1/ready"), 503)


def asleep():
    raise Unavailable("asleep")


@pytest.mark.parametrize(
    ("peers", "status"),
    [
        ({"one": asleep, "two": lambda: None}, 200),
        ({"one": asleep, "two": asleep}, 503),
        ({}, 503),
    ],
)
def test_it_is_ready_when_enough_peers_are(trio, idle, peers, status):
    with client_of(trio, idle, peers) as api:
        assert api.get("/v1/ready").status_code == status


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.lists(st.integers(0, 7), min_size=1, max_size=4), value=JSONS)
def test_no_spoiled_order_breaks_anything(api, trio, path, value):
    body = body_of(trio)
    place = body
    for step in path:
        keys = list(place) if isinstance(place, dict) else range(len(place))
        chosen = keys[step % len(keys)]
        if not isinstance(place[chosen], dict | list) or step == path[-1]:
            place[chosen] = value
            break
        place = place[chosen]
    data = json.dumps(body)
    answer = api.post("/v1/generations", content=data, headers={**JSON, "Idempotency-Key": "k"})
    assert answer.status_code in (202, 400, 401, 409, 413, 422), answer.text


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
def test_no_bytes_break_anything(api, data):
    assert api.post("/v1/quotes", content=data, headers=JSON).status_code in (400, 422)


def test_the_document_describes_every_route_and_every_refusal(api):
    document = api.get("/v1/openapi.json").json()
    assert set(document["paths"]) == {
        "/v1/health", "/v1/ready", "/v1/recordings", "/v1/recordings/{recording}", "/v1/quotes",
        "/v1/generations", "/v1/generations/{generation}", "/v1/payees/{address}/statement",
        "/v1/generations/{generation}/delivery", "/v1/upgrades", "/v1/upgrades/quotes",
        "/v1/peers/reservations", "/v1/peers/attestations", "/v1/peers/batches",
        "/v1/peers/cancellations", "/v1/peers/withheld/{generation}/{cid}",
        "/v1/recordings/{recording}/copies", "/v1/rulings", "/v1/peers/rulings",
    }  # fmt: skip
    for methods in document["paths"].values():
        for operation in methods.values():
            for status, answer in operation["responses"].items():
                if int(status) >= 400:
                    schema = answer["content"][PROBLEM]["schema"]
                    assert schema == {"$ref": "#/components/schemas/Problem"}
    names = json.dumps(document)
    for reference in set(_references(document)):
        assert reference.removeprefix("#/components/schemas/") in document["components"]["schemas"]
    assert "HTTPValidationError" not in names


def _references(value):
    if isinstance(value, dict):
        for key_, item in value.items():
            if key_ == "$ref":
                yield item
            else:
                yield from _references(item)
    elif isinstance(value, list):
        for item in value:
            yield from _references(item)
