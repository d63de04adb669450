"""The node's HTTP interface in one process, with a small engine and a listed repertoire."""

import asyncio
import errno
import hashlib
import json
import time
from dataclasses import dataclass, field

import pytest
from eth_account import Account
from starlette.requests import Request
from starlette.testclient import TestClient

from generator import bodies, problems, replays
from generator.jobs import Jobs
from generator.node import MOST_JOB_BYTES, Node, create_app
from generator.problems import TooSlow
from generator.repertoire import Entry
from generator.settings import Secret
from generator.vault import LARGEST, Vault
from generator.workshop import Workshop
from oracle.domain.audio import read_wave
from oracle.domain.errors import NotFound, Unavailable
from tests.unit.generator import songs
from tests.unit.generator.test_uploads import DEPLOYMENT, OWNER, signature
from tests.unit.generator.tiny_engine import CrashingEngine, TinyEngine

TOKEN = "a token that is long enough"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
NOW, DEADLINE = 1_000, 2_000
JOB = f"0x{1:064x}"


@dataclass
class ListedRepertoire:
    """A repertoire that is a list; `away` is a chain that does not answer."""

    entries: dict[int, Entry] = field(default_factory=dict)
    away: bool = False

    def entry(self, recording: int) -> Entry:
        if self.away:
            raise Unavailable("the chain does not answer")
        if recording not in self.entries:
            raise NotFound("is not registered", field="recording", value=recording)
        return self.entries[recording]


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("node")
    repertoire = ListedRepertoire()
    engines = {"tiny": TinyEngine, "crashing": CrashingEngine}
    desk, works = (Workshop(engines, folder / "cache") for _ in range(2))
    vault = Vault(folder, "here", desk, "tiny")
    node = Node(
        engines=tuple(engines),
        payee=OWNER.address,
        token=Secret(TOKEN),
        clap="absent: set REFRAIN_CLAP_CHECKPOINT",
        deployment=DEPLOYMENT,
        repertoire=repertoire,
        vault=vault,
        jobs=Jobs(folder / "jobs", works, vault),
        desk=desk,
        scratch=folder,
        clock=lambda: NOW,
    )
    with TestClient(create_app(node), raise_server_exceptions=False) as client:
        yield client, repertoire, folder


@pytest.fixture(scope="module")
def client(world):
    return world[0]


@pytest.fixture(scope="module")
def repertoire(world):
    return world[1]


def register(repertoire, recording, content, owner=OWNER):
    entry = Entry(recording, owner.address, hashlib.sha256(content).hexdigest())
    repertoire.entries[recording] = entry
    return entry


def upload(client, entry, content, deadline=DEADLINE, by=OWNER, headers=None):
    signed = "0x" + signature(by, entry, deadline=deadline).hex()
    return client.put(
        f"/v1/vault/{entry.recording}?deadline={deadline}",
        content=content,
        headers={"X-Refrain-Signature": signed} | (headers or {}),
    )


@pytest.fixture(scope="module")
def stocked(client, repertoire):
    """Recordings 1 and 2 in the vault; the references of a job with both."""
    references = []
    for recording, weight in ((1, 250_000), (2, 750_000)):
        content = songs.song(recording)
        entry = register(repertoire, recording, content)
        assert upload(client, entry, content).status_code == 201
        references.append({"recording": recording, "audio": entry.audio, "weight": weight})
    return references


def terms(references, **changes):
    made = {"id": JOB, "engine": "tiny", "length": 5, "seed": "42", "references": references}
    return made | changes


def ended(client, job_id):
    end = time.monotonic() + 30
    while True:
        view = client.get(f"/v1/jobs/{job_id}", headers=BEARER).json()
        if view["state"] not in ("queued", "running"):
            return view
        assert time.monotonic() < end
        time.sleep(0.02)


def problem(answer, status, field=None):
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    found = answer.json()
    assert found["status"] == status and found["title"] and found["detail"]
    assert found.get("field") == field, found
    return found


@pytest.fixture(scope="module")
def done(client, stocked):
    first = client.post("/v1/jobs", json=terms(stocked), headers=BEARER)
    assert first.status_code == 202
    assert set(first.json()) == {"id", "state", "progress"}
    return ended(client, JOB)


def test_health_needs_no_token_and_says_what_is_here(client, stocked):
    answer = client.get("/v1/health")
    assert answer.json() == {
        "status": "ok",
        "engines": ["tiny", "crashing"],
        "payee": OWNER.address,
        "clap": "absent: set REFRAIN_CLAP_CHECKPOINT",
        "held": [1, 2],
    }


def test_a_job_from_submission_to_its_files(client, done):
    assert done["state"] == "done" and done["progress"] == 100 and done["error"] is None
    audio = client.get(f"/v1/jobs/{JOB}/audio", headers=BEARER)
    assert audio.headers["content-type"] == "audio/wav"
    assert hashlib.sha256(audio.content).hexdigest() == done["audio"]
    assert read_wave(audio.content).frames == 5 * 44_100
    trace = client.get(f"/v1/jobs/{JOB}/trace", headers=BEARER)
    assert hashlib.sha256(trace.content).hexdigest() == done["trace"]
    assert sum(item["weight"] for item in done["vectors"]["shapley"]) == 1_000_000


def test_a_replay_gives_the_same_bytes(client, done):
    trace = client.get(f"/v1/jobs/{JOB}/trace", headers=BEARER).content
    answer = client.post("/v1/replays", content=trace, headers=BEARER)
    assert answer.status_code == 200 and answer.headers["content-type"] == "audio/wav"
    assert hashlib.sha256(answer.content).hexdigest() == done["audio"]


def test_the_same_job_again_and_other_terms(client, stocked, done):
    again = client.post("/v1/jobs", json=terms(stocked[::-1]), headers=BEARER)
    assert again.status_code == 202 and again.json()["state"] == "done"
    problem(client.post("/v1/jobs", json=terms(stocked, seed="1"), headers=BEARER), 409, "id")


def test_a_crash_of_the_engine_is_told_and_the_node_lives(client, stocked):
    job_id = f"0x{2:064x}"
    client.post("/v1/jobs", json=terms(stocked, id=job_id, engine="crashing"), headers=BEARER)
    view = ended(client, job_id)
    assert view["state"] == "failed" and "SIGSEGV" in view["error"]["detail"]
    assert client.get("/v1/health").status_code == 200
    problem(client.get(f"/v1/jobs/{job_id}/audio", headers=BEARER), 404, "id")


GUARDED = [
    ("POST", "/v1/jobs"),
    ("GET", f"/v1/jobs/{JOB}"),
    ("GET", f"/v1/jobs/{JOB}/audio"),
    ("GET", f"/v1/jobs/{JOB}/trace"),
    ("POST", "/v1/replays"),
]


@pytest.mark.parametrize(("method", "path"), GUARDED)
@pytest.mark.parametrize(
    "shown", [None, "", TOKEN, f"bearer {TOKEN}", "Bearer ", f"Bearer {TOKEN}x", "Bearer \xff"]
)
def test_without_the_token_nothing_is_done(client, method, path, shown):
    headers = {} if shown is None else {"Authorization": shown.encode("latin-1")}
    answer = client.request(method, path, headers=headers)
    problem(answer, 401, "Authorization")
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (OSError(errno.ENOSPC, "no space"), 503, "disk is full"),
        (KeyError("a secret"), 500, "its log says more"),
    ],
)
def test_our_own_mistakes_and_a_full_disk_are_problems_without_details(error, status, said):
    request = Request({"type": "http", "method": "GET", "path": "/v1/x", "headers": []})
    answer = asyncio.run(problems.broken(request, error))
    found = json.loads(answer.body)
    assert (answer.status_code, found["status"]) == (status, status)
    assert said in found["detail"] and "secret" not in found["detail"]


def test_every_route_is_either_guarded_or_known_to_be_open(client):
    open_routes = {("GET", "/v1/health"), ("PUT", "/v1/vault/{recording}")}
    known = open_routes | {(m, p.replace(JOB, "{job_id}")) for m, p in GUARDED}
    assert routes(client.app) == known


def routes(app):
    """Method and path of everything served."""
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
    answer = client.get(path, headers=BEARER, follow_redirects=False)
    assert answer.status_code in (404, 307)


def test_other_methods_are_problems_too(client):
    problem(client.delete("/v1/health"), 405)


def test_unknown_jobs_and_strange_ids(client):
    problem(client.get(f"/v1/jobs/0x{9:064x}", headers=BEARER), 404, "id")
    for strange in ("0x12", "..%2f..%2fetc", "0x" + "AB" * 32, "0x" + "zz" * 32):
        answer = client.get(f"/v1/jobs/{strange}", headers=BEARER)
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
@pytest.mark.parametrize("path", ["/v1/jobs", "/v1/replays"])
def test_json_with_more_than_one_reading_is_refused(client, path, content):
    answer = client.post(path, content=content, headers=BEARER)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_refusal_names_field_and_value(client, stocked):
    bad = terms([stocked[0], stocked[1] | {"weight": 1}], id=f"0x{3:064x}")
    found = problem(client.post("/v1/jobs", json=bad, headers=BEARER), 422, "references")
    assert found["value"] == "250001"
    missing = terms([stocked[0] | {"audio": "ab" * 32, "weight": 1_000_000}], id=f"0x{3:064x}")
    answer = client.post("/v1/jobs", json=missing, headers=BEARER)
    problem(answer, 404, "references[0].audio")


@pytest.mark.parametrize(
    ("path", "most"), [("/v1/jobs", MOST_JOB_BYTES), ("/v1/replays", replays.MOST_BYTES)]
)
def test_bodies_are_bounded_announced_or_not(client, path, most):
    problem(client.post(path, content=bytes(most + 1), headers=BEARER), 413, "body")

    def chunks():
        for _ in range(most // 65_536 + 2):
            yield bytes(65_536)

    problem(client.post(path, content=chunks(), headers=BEARER), 413, "body")


def test_a_body_that_drips_is_cut_off():
    async def receive():
        await asyncio.sleep(0.02)
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def read():
        request = Request({"type": "http", "method": "POST", "headers": []}, receive)
        return [piece async for piece in bodies.pieces(request, 1000, seconds=0.2)]

    with pytest.raises(TooSlow):
        asyncio.run(read())


def test_an_upload_by_somebody_else_is_not_even_read(client, repertoire):
    entry = register(repertoire, 5, songs.song(5))
    other = Account.from_key("0x" + "33" * 32)
    signed = "0x" + signature(other, entry, deadline=DEADLINE).hex()
    status, reads = asyncio.run(put_unread(client.app, f"/v1/vault/{entry.recording}", signed))
    assert (status, reads) == (403, 0)


async def put_unread(app, path, signed):
    """Status of an upload whose body never comes, and how often it was asked for."""
    reads, sent = [], []

    async def receive():
        reads.append(1)
        return {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "PUT",
        "scheme": "http", "path": path, "raw_path": path.encode(), "root_path": "",
        "query_string": f"deadline={DEADLINE}".encode(), "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 2), "headers": [(b"x-refrain-signature", signed.encode())],
    }  # fmt: skip
    await app(scope, receive, send)
    return sent[0]["status"], len(reads)


def test_an_upload_of_other_bytes_leaves_nothing(client, repertoire, world):
    entry = register(repertoire, 6, songs.song(6))
    problem(upload(client, entry, songs.song(7)), 422, "body")
    assert 6 not in client.get("/v1/health").json()["held"]
    assert not (world[2] / "audio" / entry.audio[:2] / entry.audio).exists()


def test_an_upload_of_what_is_no_audio_is_refused_by_name(client, repertoire, world):
    content = b"a text about music"
    entry = register(repertoire, 7, content)
    found = problem(upload(client, entry, content), 422, "audio")
    assert found["title"] == "Unusable audio"
    assert not (world[2] / "audio" / entry.audio[:2] / entry.audio).exists()


def test_an_upload_that_is_too_large_is_refused_by_its_announcement(client, repertoire):
    entry = register(repertoire, 8, b"x")
    answer = upload(client, entry, b"x", headers={"Content-Length": str(LARGEST + 1)})
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


def test_an_upload_of_an_unregistered_recording(client):
    problem(client.put("/v1/vault/99?deadline=2000", content=b"x"), 404, "recording")


def test_an_upload_that_comes_too_late(client, repertoire, stocked):
    entry = repertoire.entries[1]
    problem(upload(client, entry, songs.song(1), deadline=NOW - 1), 403, "deadline")


def test_without_a_chain_uploads_wait_and_the_rest_goes_on(client, repertoire, stocked):
    repertoire.away = True
    try:
        problem(upload(client, repertoire.entries[1], songs.song(1)), 503)
        assert client.get("/v1/health").status_code == 200
    finally:
        repertoire.away = False


@pytest.fixture
def trace(client, done):
    return json.loads(client.get(f"/v1/jobs/{JOB}/trace", headers=BEARER).content)


def replayed(client, trace):
    return client.post("/v1/replays", content=json.dumps(trace).encode(), headers=BEARER)


@pytest.mark.parametrize(
    ("name", "value", "field"),
    [
        ("source", 10**7, "edits[0].source"),
        ("source", -(10**6), "edits[0].source"),
        ("length", 10**6, "edits[0].length"),
        ("component", 3, "edits[0].component"),
        ("component", 0, "edits[0].component"),
        ("semitones", 4, "edits[0].semitones"),
        ("layer", "vocal", "edits[0].layer"),
        ("gain", -1, "edits[0].gain"),
        ("unit", 10**4, "edits[0].unit"),
        ("fade_in", 10**5, "edits[0].fade_in"),
    ],
)
def test_a_replay_checks_every_edit(client, trace, name, value, field):
    trace["edits"][0][name] = value
    problem(replayed(client, trace), 422, field)


def test_a_replay_bounds_its_work(client, trace):
    long = trace | {"frames": 131 * 44_100}
    problem(replayed(client, long), 422, "frames")
    problem(replayed(client, trace | {"edits": []}), 422, "edits")
    whole = trace["edits"][0] | {"start": 0, "length": trace["frames"]}
    problem(replayed(client, trace | {"edits": [whole] * 17}), 422, "edits")
    problem(replayed(client, trace | {"rate": 48_000}), 422, "rate")


def test_a_replay_needs_the_references_in_its_own_vault(client, trace):
    trace["references"][0]["audio"] = "ab" * 32
    problem(replayed(client, trace), 404, "references[0].audio")


def test_a_replay_of_an_engine_that_is_not_here(client, trace):
    trace["engine"]["name"] = "musicgen"
    problem(replayed(client, trace), 422, "engine")
