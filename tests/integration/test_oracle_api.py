"""The oracle over HTTP: every route, every refusal as a problem, and one generation an order."""

import json
import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from oracle import attesting
from oracle.api.app import create_app
from oracle.api.limits import LARGEST_BODY
from oracle.api.routes import Desk
from oracle.domain import canonical
from oracle.domain.attestation import Attested, attestation_json, parse_attestation
from oracle.domain.attribution import MOST_REFERENCES
from oracle.domain.batch import MOST
from oracle.domain.errors import Inconsistent, Unavailable
from oracle.domain.generation import Stage
from oracle.domain.order import order_json, parse_order
from oracle.domain.statement import Movement
from oracle.ordering import take
from oracle.pipeline import Pipeline
from oracle.readiness import Readiness
from oracle.worker import Worker
from tests.samples import recording, request, request_json
from tests.trio import key, make_trio

TOKEN = "a token that oracles share"
GATEWAY = "http://gateway"
JSON = {"Content-Type": "application/json"}
PROBLEM = "application/problem+json"


@pytest.fixture
def trio(tmp_path):
    return make_trio(tmp_path)


class Idle:
    """A worker's place that only remembers what it was given."""

    def __init__(self):
        self.given = []

    def start(self):
        pass

    def stop(self):
        pass

    def add(self, generation):
        self.given.append(generation)


def client_of(trio, worker, peers=None, index=0):
    world = trio.worlds[index]
    alive = {"one": lambda: None, "two": lambda: None} if peers is None else peers
    desk = Desk(world, worker.add, Readiness(world, alive, patience=60.0), GATEWAY)
    return TestClient(create_app(desk, worker, TOKEN), raise_server_exceptions=False)


@pytest.fixture
def idle():
    return Idle()


@pytest.fixture
def api(trio, idle):
    with client_of(trio, idle) as client:
        yield client


def body_of(trio, asked=None, **changes):
    asked = asked or request()
    order, signature = trio.order(asked, **changes)
    return {"request": asked.to_json(), "order": order_json(order), "signature": signature}


def send(api, body, name="key"):
    return api.post("/v1/generations", json=body, headers={"Idempotency-Key": name})


def problem(answer, status):
    """The problem in an answer, once it is one."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == PROBLEM
    found = answer.json()
    assert found["status"] == status
    assert found["type"].startswith("urn:refrain:")
    assert found["title"] and found["detail"]
    return found


def test_it_is_healthy_while_nothing_else_is(api, trio):
    trio.ledger.fault = Unavailable("down")
    assert api.get("/v1/health").json() == {"status": "ok"}


def test_it_is_ready_when_everything_answers(api):
    answer = api.get("/v1/ready")
    assert answer.status_code == 200
    assert set(answer.json()["parts"].values()) == {"ok"}


def test_an_app_goes_from_quote_to_settlement(trio):
    worker = Worker(Pipeline(trio.worlds[0]))
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
        signature = trio.sign(parse_order(message))
        body = {"request": request_json(), "order": message, "signature": signature}
        taken = send(api, body)
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
    worker = Worker(Pipeline(trio.worlds[0]))
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


def upgrade(api, body, name="upgrade"):
    return api.post("/v1/upgrades", json=body, headers={"Idempotency-Key": name})


def test_an_upgrade_of_nothing_is_refused(api, trio, idle):
    order, signature = trio.order(request())
    body = {"order": order_json(order), "signature": signature}
    assert problem(upgrade(api, body), 404)["field"] == "original"
    asked = {"original": "0x" + "11" * 32, "tier": "commercial", "payer": trio.payer.address}
    assert problem(api.post("/v1/upgrades/quotes", json=asked), 404)["field"] == "original"
    assert problem(api.post("/v1/upgrades/quotes", json=asked | {"tier": "free"}), 404)
    assert problem(api.post("/v1/upgrades/quotes", json=asked | {"original": "0x1"}), 422)
    assert idle.given == []


def test_a_floor_that_decides_is_shown(api, trio):
    trio.ledger.amend(2, floors=(0, 40_000, 0, 0))
    asked = {"request": request_json(), "payer": trio.payer.address}
    quote = api.post("/v1/quotes", json=asked).json()
    assert quote["floor"] == {"recording": 2, "per_second": "40000"}
    assert quote["price"] == "224718"


def wait_for_end(api, path):
    done = threading.Event()
    for _ in range(600):
        view = api.get(path).json()
        if view["stage"] in ("settled", "refused", "failed"):
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


def test_a_quote_says_who_refuses_and_why(api, trio):
    trio.ledger.revoke(1)
    trio.ledger.versions.pop(2)
    asked = {"request": request_json(), "payer": trio.payer.address.lower()}
    quote = api.post("/v1/quotes", json=asked).json()
    assert not quote["permitted"]
    assert quote["typed_data"] is None
    assert [(r["recording"], r["reason"]) for r in quote["refusals"]] == [
        (1, "revoked"), (2, "unknown"),
    ]  # fmt: skip


def test_a_refused_order_names_the_recordings_and_keeps_nothing(api, trio, idle):
    trio.ledger.register(recording(2, uses=1))
    found = problem(send(api, body_of(trio)), 422)
    assert found["title"] == "Refused"
    assert [(r["recording"], r["reason"]) for r in found["refusals"]] == [(2, "unpermitted")]
    assert idle.given == [] == trio.worlds[0].store.unfinished()
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
def test_an_order_that_does_not_fit_is_refused(api, trio, changes, status, field):
    assert problem(send(api, body_of(trio, **changes)), status)["field"] == field


def test_a_rule_that_is_not_paid_by_is_refused_clearly(api, trio):
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
    assert len(trio.worlds[0].store.unfinished()) == 1


def test_a_key_used_for_something_else_is_a_conflict(api, trio):
    assert send(api, body_of(trio)).status_code == 202
    found = problem(send(api, body_of(trio, request(prompt="other"), nonce=1)), 409)
    assert found["field"] == "Idempotency-Key"


def test_a_nonce_used_for_another_order_is_a_conflict(api, trio):
    assert send(api, body_of(trio)).status_code == 202
    assert problem(send(api, body_of(trio, request(prompt="other")), "b"), 409)


@pytest.mark.parametrize("name", ["", "x" * 256, "a\tb", "\u00fc"])
def test_a_key_is_short_printable_text(api, trio, name):
    answer = api.post(
        "/v1/generations", json=body_of(trio), headers=[(b"Idempotency-Key", name.encode())]
    )
    assert problem(answer, 422)["field"].lower() == "idempotency-key"


def test_a_key_is_needed(api, trio):
    assert problem(api.post("/v1/generations", json=body_of(trio)), 422)


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
        (["request", "prompt"], "", "request.prompt"),
        (["request", "prompt"], "  ", "request.prompt"),
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
def test_a_bad_field_is_named_with_what_was_found(api, trio, path, value, field):
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
def test_a_body_that_is_no_request_is_refused(api, route, case):
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
def test_a_lie_about_the_length_is_refused(api, length):
    headers = {**JSON, "Content-Length": length}
    problem(api.post("/v1/quotes", content=b"{}", headers=headers), 413)


def test_what_is_not_there_and_what_is_not_done_are_problems(api):
    assert problem(api.get("/v1/nothing"), 404)
    assert problem(api.get("/"), 404)
    answer = api.delete("/v1/quotes")
    assert problem(answer, 405)
    assert answer.headers["allow"] == "POST"


@pytest.mark.parametrize("id", ["5", "0x" + "ab" * 31, "0x" + "AB" * 32, "..%2f..%2fetc"])
def test_an_id_of_no_shape_is_refused(api, id):
    assert api.get(f"/v1/generations/{id}").status_code in (404, 422)


def test_recordings_come_in_pages(api, trio):
    first = api.get("/v1/recordings?limit=2").json()
    assert [r["recording"] for r in first["recordings"]] == [1, 2]
    rest = api.get(f"/v1/recordings?limit=2&cursor={first['next']}").json()
    assert [r["recording"] for r in rest["recordings"]] == [3]
    assert rest["next"] is None


def test_one_recording_is_shown_as_it_is_now(api, trio):
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
def test_a_page_that_is_none_is_refused(api, query):
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


def test_a_world_that_does_not_answer_is_told_with_when_to_return(api, trio):
    trio.ledger.fault = Unavailable("the chain is silent")
    for answer in (
        send(api, body_of(trio)),
        api.post("/v1/quotes", json={"request": request_json(), "payer": trio.payer.address}),
        api.get("/v1/recordings"),
        api.get("/v1/ready"),
    ):
        assert "the chain is silent" in problem(answer, 503)["detail"]
        assert answer.headers["retry-after"]


def test_two_sources_that_disagree_are_our_fault(api, trio):
    trio.ledger.fault = Inconsistent("two answers")
    assert problem(api.get("/v1/recordings"), 500)["title"] == "Inconsistent"


def test_a_bug_is_a_problem_that_tells_nothing_of_the_inside(api, trio):
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


@pytest.fixture
def attestation(trio):
    """What a leader sends to a peer: body of a published generation."""
    return published(trio)


def published(trio, **changes):
    asked = request()
    order, signature = trio.order(asked, **changes)
    world = trio.worlds[0]
    generation = take(world, asked, order, signature, f"key {order.nonce}", "body").id
    while (known := world.store.load(generation)).stage != Stage.PUBLISHED:
        Pipeline(world).advance(generation)
    attested = attestation_json(known.attestation)
    return {"order": order_json(order), "signature": signature, "attestation": attested}


BEARER = {"Authorization": f"Bearer {TOKEN}"}


def test_a_peer_signs_what_holds(trio, idle, attestation):
    with client_of(trio, idle, index=1) as peer:
        answer = peer.post("/v1/attestations", json=attestation, headers=BEARER)
    assert answer.status_code == 200, answer.text
    assert answer.json()["signer"] == trio.worlds[1].attester.address


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer wrong"},
        {"Authorization": TOKEN},
        {"Authorization": f"Basic {TOKEN}"},
        {"Authorization": f"Bearer {TOKEN}x"},
    ],
)
def test_nobody_else_is_let_in(trio, idle, attestation, headers):
    with client_of(trio, idle, index=1) as peer:
        answer = peer.post("/v1/attestations", json=attestation, headers=headers)
        assert problem(answer, 401)
        assert answer.headers["www-authenticate"] == "Bearer"
        # Before anything of the body is looked at.
        assert problem(peer.post("/v1/attestations", content=b"{", headers=headers), 401)
    assert (
        trio.worlds[1].store.bound(trio.typed.order_hash(parse_order(attestation["order"]))) is None
    )


def test_without_a_token_nobody_is_let_in(trio, idle, attestation):
    desk = Desk(trio.worlds[1], idle.add, Readiness(trio.worlds[1], {}), "")
    with TestClient(create_app(desk, idle, "")) as peer:
        for headers in ({}, {"Authorization": "Bearer "}):
            assert problem(peer.post("/v1/attestations", json=attestation, headers=headers), 401)


def test_a_peer_names_what_does_not_hold(trio, idle, attestation):
    attestation["attestation"]["price"] = "1"
    with client_of(trio, idle, index=1) as peer:
        found = problem(peer.post("/v1/attestations", json=attestation, headers=BEARER), 500)
    assert found["title"] == "Inconsistent"
    assert found["field"] == "attestation"


def test_a_peer_is_committed_to_its_first_attestation(trio, idle, attestation):
    with client_of(trio, idle, index=1) as peer:
        assert peer.post("/v1/attestations", json=attestation, headers=BEARER).status_code == 200
        attestation["attestation"]["price"] = "1"
        assert problem(peer.post("/v1/attestations", json=attestation, headers=BEARER), 409)


@pytest.fixture
def batch(trio):
    """What a leader sends to a peer of generations that are to be settled together."""
    return {"members": [published(trio, nonce=nonce) for nonce in range(2)]}


def ask_for(trio, idle, batch, status):
    with client_of(trio, idle, index=1) as peer:
        answer = peer.post("/v1/batches", json=batch, headers=BEARER)
    assert answer.status_code == status, answer.text
    return answer.json()


def test_a_peer_signs_a_batch_of_which_each_holds(trio, idle, batch):
    found = ask_for(trio, idle, batch, 200)
    assert found["signer"] == trio.worlds[1].attester.address
    members = [
        Attested(parse_order(m["order"]), m["signature"], parse_attestation(m["attestation"]))
        for m in batch["members"]
    ]
    hashes = attesting.hashes(trio.worlds[1], members)
    assert trio.typed.batch_signer(hashes, found["signature"]) == found["signer"]
    for member in members:
        assert trio.worlds[1].store.bound(trio.typed.order_hash(member.order)) == member.attestation


def test_a_batch_is_not_signed_for_one_that_does_not_hold(trio, idle, batch):
    batch["members"][1]["attestation"]["price"] = "1"
    found = ask_for(trio, idle, batch, 500)
    assert (found["title"], found["field"]) == ("Inconsistent", "attestation")


def test_a_batch_with_one_that_was_signed_otherwise_is_a_conflict(trio, idle, batch):
    ask_for(trio, idle, {"members": batch["members"][:1]}, 200)
    batch["members"][0]["attestation"]["price"] = "1"
    ask_for(trio, idle, batch, 409)


def test_what_is_no_batch_is_refused(trio, idle, batch):
    first = batch["members"][0]
    assert ask_for(trio, idle, {"members": []}, 422)["field"] == "members"
    assert ask_for(trio, idle, {"members": [first] * (MOST + 1)}, 422)["field"] == "members"
    assert ask_for(trio, idle, {"members": [first, first]}, 422)["field"] == "members"


@pytest.mark.parametrize("key_", ["entries", "manifest", "price", "node", "generatedAt"])
def test_a_malformed_member_is_named(trio, idle, batch, key_):
    batch["members"][1]["attestation"][key_] = "0xzz"
    assert ask_for(trio, idle, batch, 422)["field"] == f"members[1].attestation.{key_}"


def test_a_number_too_large_for_a_batch_is_named(trio, idle, batch):
    batch["members"][1]["order"]["nonce"] = str(2**32)
    found = ask_for(trio, idle, batch, 422)
    assert found["field"] == "members[1]" and "too large for a batch" in found["detail"]


def test_the_largest_batch_is_not_too_large_a_body(trio, batch):
    widest = batch["members"][0]
    widest["attestation"]["entries"] = "0x" + "0" * 16 * (MOST_REFERENCES + 1)
    for part in ("order", "attestation"):
        for name, value in widest[part].items():
            if not value.startswith("0x"):
                widest[part][name] = str(2**48)
    sent = canonical.dumps({"members": [widest] * MOST})
    assert len(sent) < LARGEST_BODY


def test_nobody_else_gets_a_batch_signed(trio, idle, batch):
    with client_of(trio, idle, index=1) as peer:
        assert problem(peer.post("/v1/batches", json=batch), 401)
        assert problem(peer.post("/v1/batches", content=b"{"), 401)


@pytest.mark.parametrize("key_", ["entries", "manifest", "price", "node", "generatedAt"])
def test_a_malformed_attestation_is_refused(trio, idle, attestation, key_):
    attestation["attestation"][key_] = "0xzz"
    with client_of(trio, idle, index=1) as peer:
        found = problem(peer.post("/v1/attestations", json=attestation, headers=BEARER), 422)
    assert found["field"] == f"attestation.{key_}"


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
        "/v1/attestations", "/v1/batches", "/v1/upgrades", "/v1/upgrades/quotes",
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
