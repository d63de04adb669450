"""The node's HTTP interface: health, uploads, who may call, and malformed requests."""

import asyncio
import errno
import json

import pytest
from eth_account import Account
from starlette.requests import Request

from generator.node import errors, request_body
from generator.node.routes import CHECK_PARTS, MOST_JOB_BYTES
from generator.node.vault import LARGEST
from oracle.adapters.signing.calls import CallSigner
from oracle.http.problems import TooSlow
from tests.support.quorum import STRANGER
from tests.unit.generator import songs
from tests.unit.generator.served_node import DEADLINE, NOW, problem, served_node
from tests.unit.generator.test_upload_signature import DOMAIN, OWNER, signature

JOB = f"0x{1:064x}"


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    with served_node(tmp_path_factory.mktemp("node")) as made:
        yield made


@pytest.fixture(scope="module")
def client(node):
    return node.client


@pytest.fixture(scope="module")
def stocked(node):
    return node.stock()


def test_health_needs_no_signature_and_does_not_name_recordings(client, stocked):
    assert client.get("/v1/health").json() == {
        "status": "ok",
        "engines": ["mosaic"],
        "payee": OWNER.address,
        "clap": "absent: set REFRAIN_CLAP_CHECKPOINT",
    }


GUARDED = [
    ("POST", "/v1/held"),
    ("POST", "/v1/copies"),
    ("POST", "/v1/jobs"),
    ("GET", f"/v1/jobs/{JOB}"),
    ("GET", f"/v1/jobs/{JOB}/audio"),
    ("GET", f"/v1/jobs/{JOB}/trace"),
    ("GET", f"/v1/jobs/{JOB}/records"),
    ("POST", "/v1/checks"),
]


@pytest.mark.parametrize(("method", "path"), GUARDED)
@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": "Bearer a token that is long enough"}],
    ids=["nothing", "the token that oracles shared before"],
)
def test_a_request_that_no_oracle_signs_is_refused(client, method, path, headers):
    problem(client.request(method, path, headers=headers), 403, "X-Refrain-Signer")


@pytest.mark.parametrize(("method", "path"), GUARDED)
def test_a_request_by_a_stranger_is_refused_unread(node, method, path):
    signer = CallSigner(STRANGER, DOMAIN, lambda: NOW)
    problem(node.call(method, path, b"x" * 100, signer), 403, "X-Refrain-Signer")
    headers = signer.headers("http://node.example", method, path, b"x")
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    assert asyncio.run(unread(node.client.app, method, path, raw)) == (403, 0)


@pytest.mark.parametrize(("method", "path"), GUARDED)
def test_a_call_is_served_once(node, method, path):
    headers = node.signer(0).headers("http://node.example", method, path, b"")
    first = node.client.request(method, path, headers=headers)
    assert first.status_code in (404, 422)
    problem(node.client.request(method, path, headers=headers), 403, "X-Refrain-Nonce")


@pytest.mark.parametrize(("method", "path"), GUARDED)
def test_a_call_for_another_server_path_or_body_is_refused(node, method, path):
    ours, signer = "http://node.example", node.signer(0)
    for url, target, body, field in (
        ("http://other.example", path, b"", "X-Refrain-Signature"),
        (ours, path + "?x=1", b"", "X-Refrain-Signature"),
        (ours, path, b"other", "body"),
    ):
        headers = signer.headers(url, method, target, body)
        if method == "POST" and field == "body":
            kind = {"Content-Type": "multipart/form-data; boundary=x"}
            answer = node.client.request(method, path, content=b"--x--\r\n", headers=headers | kind)
        else:
            answer = node.client.request(method, path, headers=headers)
        problem(answer, 403, field)


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (OSError(errno.ENOSPC, "no space"), 503, "disk is full"),
        (KeyError("a secret"), 500, "its log says more"),
    ],
)
def test_a_bug_and_a_full_disk_are_problems_without_details(error, status, said):
    request = Request({"type": "http", "method": "GET", "path": "/v1/x", "headers": []})
    answer = asyncio.run(errors.on_bug(request, error))
    found = json.loads(answer.body)
    assert (answer.status_code, found["status"]) == (status, status)
    assert said in found["detail"] and "secret" not in found["detail"]


def test_every_route_needs_a_signature_or_is_listed_as_open(client):
    open_routes = {("GET", "/v1/health"), ("PUT", "/v1/vault/{recording}")}
    known = open_routes | {(m, p.replace(JOB, "{job_id}")) for m, p in GUARDED}
    assert routes(client.app) == known


def routes(app):
    """Method and path of every route."""
    found, waiting = set(), list(app.routes)
    while waiting:
        route = waiting.pop()
        inner = getattr(route, "original_router", None) or getattr(route, "router", None)
        if inner is not None:
            waiting += inner.routes
        elif hasattr(route, "methods"):
            found |= {(method, route.path) for method in route.methods - {"HEAD"}}
    return found


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/none", "/docs", "/openapi.json", "/v1/jobs/"])
def test_other_paths_are_problems_too(client, path):
    answer = client.get(path, follow_redirects=False)
    assert answer.status_code in (404, 307)


def test_other_methods_are_problems_too(client):
    problem(client.delete("/v1/health"), 405)


def test_a_browser_reads_why_no_page_can_call_a_node(client):
    asked = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"}
    found = problem(client.options("/v1/jobs", headers=asked), 405)
    assert "web pages cannot call a node" in found["detail"]


def test_unknown_jobs_are_not_found_and_malformed_ids_refused(node):
    problem(node.get(f"/v1/jobs/0x{9:064x}"), 404, "id")
    for strange in ("0x12", "..%2f..%2fetc", "0x" + "AB" * 32, "0x" + "zz" * 32):
        answer = node.get(f"/v1/jobs/{strange}")
        assert answer.status_code in (404, 422)


BAD_JSON = {
    "not JSON": b"{",
    "a float": b'{"length":5.0}',
    "NaN": b'{"length":NaN}',
    "infinity by exponent": b'{"length":1e400}',
    "a key twice": b'{"id":"a","id":"a"}',
    "a list": b"[]",
    "half a surrogate": b'{"id":"\\ud800"}',
    "not UTF-8": b'{"id":"\xff"}',
    "deep": b"[" * 30_000,
    "nothing": b"",
}


@pytest.mark.parametrize("content", BAD_JSON.values(), ids=BAD_JSON.keys())
@pytest.mark.parametrize("path", ["/v1/jobs", "/v1/held"])
def test_json_that_is_not_strict_is_refused(node, path, content):
    answer = node.call("POST", path, content)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("path", "most"),
    [("/v1/jobs", MOST_JOB_BYTES), ("/v1/checks", sum(CHECK_PARTS.values()) + 16 * 1024)],
)
def test_bodies_are_bounded_with_and_without_a_declared_length(node, path, most):
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    opening = b'--x\r\nContent-Disposition: form-data; name="audio"; filename="a"\r\n\r\n'
    content = opening + bytes(most)
    problem(node.call("POST", path, content, headers=kind), 413, "body")
    headers = node.signer(0).headers("http://node.example", "POST", path, content)

    def chunks():
        for start in range(0, len(content), 1 << 20):
            yield content[start : start + (1 << 20)]

    problem(node.client.post(path, content=chunks(), headers=headers | kind), 413, "body")


def test_a_slow_body_is_refused():
    async def receive():
        await asyncio.sleep(0.02)
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def read():
        request = Request({"type": "http", "method": "POST", "headers": []}, receive)
        return [piece async for piece in request_body.pieces(request, 1000, seconds=0.2)]

    with pytest.raises(TooSlow):
        asyncio.run(read())


def test_the_body_of_an_upload_by_another_key_is_not_read(node):
    entry = node.register(5, songs.song(5))
    other = Account.from_key("0x" + "33" * 32)
    signed = "0x" + signature(other, entry, deadline=DEADLINE).hex()
    path, query = f"/v1/vault/{entry.recording}", f"deadline={DEADLINE}"
    headers = [(b"x-refrain-signature", signed.encode())]
    assert asyncio.run(unread(node.client.app, "PUT", path, headers, query)) == (403, 0)


async def unread(app, method, path, headers, query=""):
    """Status of a request whose body never arrives, and how often the node tried to read it."""
    reads, sent = [], []

    async def receive():
        reads.append(1)
        return {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method,
        "scheme": "http", "path": path, "raw_path": path.encode(), "root_path": "",
        "query_string": query.encode(), "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 2), "headers": headers,
    }  # fmt: skip
    await app(scope, receive, send)
    return sent[0]["status"], len(reads)


def test_an_upload_of_other_bytes_leaves_no_file(node):
    entry = node.register(6, songs.song(6))
    problem(node.upload(entry, songs.song(7)), 422, "body")
    assert node.post("/v1/held", {"recordings": [6]}).json() == {"held": []}
    assert not (node.folder / "audio" / entry.audio[:2] / entry.audio).exists()


def test_an_upload_that_is_not_audio_is_refused(node):
    content = b"a text about music"
    entry = node.register(7, content)
    found = problem(node.upload(entry, content), 422, "audio")
    assert found["title"] == "Unusable audio"
    assert not (node.folder / "audio" / entry.audio[:2] / entry.audio).exists()


def test_an_upload_with_a_declared_length_above_the_limit_is_refused(node):
    entry = node.register(8, b"x")
    answer = node.upload(entry, b"x", headers={"Content-Length": str(LARGEST + 1)})
    problem(answer, 413, "body")


@pytest.mark.parametrize(
    ("recording", "query", "field"),
    [
        ("0", "?deadline=2000", "recording"),
        ("4294967296", "?deadline=2000", "recording"),
        ("01", "?deadline=2000", "recording"),
        ("one", "?deadline=2000", "recording"),
        ("1", "", "deadline"),
        ("1", "?deadline=-1", "deadline"),
        ("1", "?deadline=2e3", "deadline"),
        ("1", "?deadline=2000", "X-Refrain-Signature"),
    ],
)
def test_malformed_uploads_name_the_field(client, stocked, recording, query, field):
    answer = client.put(f"/v1/vault/{recording}{query}", content=b"x")
    problem(answer, 422, field)


def test_an_upload_of_an_unregistered_recording_is_not_found(client):
    problem(client.put("/v1/vault/99?deadline=2000", content=b"x"), 404, "recording")


def test_an_upload_after_the_deadline_is_refused(node, stocked):
    entry = node.registry.entries[1]
    problem(node.upload(entry, songs.song(1), deadline=NOW - 1), 403, "deadline")


def test_without_a_chain_uploads_fail_and_other_routes_work(node, stocked):
    node.registry.away = True
    try:
        problem(node.upload(node.registry.entries[1], songs.song(1)), 503)
        assert node.client.get("/v1/health").status_code == 200
        assert node.get(f"/v1/jobs/{JOB}").status_code == 404
    finally:
        node.registry.away = False
