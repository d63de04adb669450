"""Generation nodes and peers over HTTP: what is sent, what is believed, what is refused."""

from __future__ import annotations

import gzip
import json
import time

import pytest

from oracle.adapters.generator import LARGEST_AUDIO, HttpGenerationNode
from oracle.adapters.peer import HttpPeer
from oracle.adapters.service import Service
from oracle.domain.attestation import Attestation, Attested
from oracle.domain.errors import (
    Conflict,
    Inconsistent,
    InvalidInput,
    NotFound,
    Refused,
    Unauthorised,
    Unavailable,
    WrongBytes,
)
from oracle.domain.order import Order
from tests.http_script import scripted

TOKEN = "a-secret-token"
PAYEE = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
GENERATION = "0x" + "ab" * 32
JOB = {"id": GENERATION, "engine": "mosaic", "length": 30, "seed": "1", "references": []}
VIEW = {"id": GENERATION, "state": "running", "progress": 40}
ORDER = Order(PAYEE, 3, b"\x07" * 32, 5, 1, 5, 0, 9)
ATTESTATION = Attestation(10, PAYEE, 1, 7, bytes(8), b"\x01" * 32)
SIGNATURE = "0x" + "11" * 64


@pytest.fixture
def server():
    with scripted() as script:
        yield script


@pytest.fixture
def node(server):
    return HttpGenerationNode(server.url + "/", TOKEN, seconds=5)


@pytest.fixture
def peer(server):
    return HttpPeer(server.url, TOKEN, seconds=5)


ASKS = {
    "payee": lambda node: node.payee(),
    "start": lambda node: node.start(JOB),
    "job": lambda node: node.job(GENERATION),
    "audio": lambda node: node.audio(GENERATION),
    "trace": lambda node: node.trace(GENERATION),
    "replay": lambda node: node.replay(b"{}"),
}


class TestNode:
    def test_the_payee_is_in_its_health(self, server, node):
        server.says({"status": "ok", "payee": PAYEE, "held": [1], "engines": ["mosaic"]})
        assert node.payee() == PAYEE and server.asked[0].path == "/v1/health"

    @pytest.mark.parametrize("payee", [None, "", PAYEE.lower().replace("f", "F"), "0x12", 7])
    def test_a_payee_that_is_no_address_is_refused(self, server, node, payee):
        server.says({"payee": payee})
        with pytest.raises(InvalidInput, match=r"health\.payee"):
            node.payee()

    def test_a_job_is_posted_in_canonical_json_with_the_token(self, server, node):
        server.says(VIEW, 202)
        job = node.start(JOB)
        (asked,) = server.asked
        assert (asked.method, asked.path) == ("POST", "/v1/jobs")
        assert asked.body == json.dumps(JOB, sort_keys=True, separators=(",", ":")).encode()
        assert asked.headers["authorization"] == f"Bearer {TOKEN}"
        assert asked.headers["content-type"] == "application/json"
        assert (job.id, job.state, job.progress, job.error, job.vectors) == (
            GENERATION, "running", 40, None, None,
        )  # fmt: skip

    def test_a_finished_job_brings_its_vectors(self, server, node):
        vectors = {"realised": [{"recording": 1, "weight": 1_000_000}]}
        server.says({**VIEW, "state": "done", "progress": 100, "vectors": vectors, "audio": "ab"})
        assert node.job(GENERATION).vectors == vectors

    def test_a_failed_job_brings_its_reason(self, server, node):
        error = {"title": "Engine failed", "detail": "out of memory"}
        server.says({**VIEW, "state": "failed", "error": error})
        assert node.job(GENERATION).error == "Engine failed: out of memory"

    @pytest.mark.parametrize(
        "change",
        [
            {"state": "thinking"}, {"state": None}, {"progress": 101}, {"progress": True},
            {"progress": "40"}, {"vectors": []}, {"error": "text"},
        ],
    )  # fmt: skip
    def test_a_job_that_is_malformed_is_refused(self, server, node, change):
        server.says({**VIEW, **change})
        with pytest.raises(InvalidInput):
            node.job(GENERATION)

    def test_a_job_that_is_another_is_refused(self, server, node):
        server.says({**VIEW, "id": "0x" + "cd" * 32})
        with pytest.raises(Inconsistent, match="another job"):
            node.job(GENERATION)

    def test_files_come_as_they_are(self, server, node):
        server.body = b"RIFF\x00\xff"
        assert node.audio(GENERATION) == node.trace(GENERATION) == node.replay(b"{}") == server.body
        paths = [asked.path for asked in server.asked]
        assert paths == [f"/v1/jobs/{GENERATION}/audio", f"/v1/jobs/{GENERATION}/trace",
                         "/v1/replays"]  # fmt: skip

    @pytest.mark.parametrize(
        "text", ["", "0x12", "../health", GENERATION.upper(), GENERATION + "/"]
    )
    def test_only_a_generation_goes_into_a_path(self, server, node, text):
        with pytest.raises(InvalidInput, match="generation"):
            node.job(text)
        assert server.asked == []

    def test_a_file_that_is_too_large_is_cut_off(self, server, node):
        server.body = bytes(LARGEST_AUDIO + 1)
        with pytest.raises(Inconsistent, match="more than"):
            node.audio(GENERATION)


TITLES = {
    "Invalid input": InvalidInput, "Content does not match its hash": WrongBytes,
    "Not found": NotFound, "Conflict": Conflict, "Refused": Refused,
    "Unauthorised": Unauthorised, "Unavailable": Unavailable, "Inconsistent": Inconsistent,
}  # fmt: skip


class TestProblems:
    @pytest.mark.parametrize("title", sorted(TITLES))
    @pytest.mark.parametrize("ask", sorted(ASKS))
    def test_a_problem_is_the_error_that_it_names(self, server, node, title, ask):
        server.problem(title, 418, detail="so it is", field="request.length", value="4")
        with pytest.raises(TITLES[title]) as caught:
            ASKS[ask](node)
        assert type(caught.value) is TITLES[title]
        assert "request.length: so it is (found 4)" in str(caught.value)
        assert TOKEN not in str(caught.value)

    @pytest.mark.parametrize(
        "status, kind", [(400, InvalidInput), (404, InvalidInput), (413, InvalidInput),
                         (500, Unavailable), (503, Unavailable), (301, Unavailable)],
    )  # fmt: skip
    @pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"title":"Teapot"}', b"\xff"])
    def test_anything_else_is_judged_by_its_kind(self, server, node, status, kind, body):
        # A 404 that is not ours means a wrong URL: taken for "no such job" it would start another.
        server.status, server.body = status, body
        with pytest.raises(kind) as caught:
            node.job(GENERATION)
        assert type(caught.value) is kind


class TestTrouble:
    @pytest.mark.parametrize(
        "body", [b"", b"{", b"[1.5]", b'{"a":1,"a":2}', b"NaN", b"\xff", b"[]"]
    )
    def test_json_that_two_readers_could_read_differently(self, server, node, body):
        server.body = body
        with pytest.raises(InvalidInput):
            node.payee()

    @pytest.mark.parametrize("ask", sorted(ASKS))
    def test_a_node_that_is_gone(self, ask):
        with pytest.raises(Unavailable, match="did not answer"):
            ASKS[ask](HttpGenerationNode("http://127.0.0.1:9", TOKEN))

    @pytest.mark.parametrize("url", ["nonsense", "http://", "ftp://127.0.0.1/", "http://[::1"])
    def test_a_url_that_is_none(self, url):
        with pytest.raises(Unavailable):
            HttpGenerationNode(url, TOKEN).payee()

    @pytest.mark.parametrize("how", ["drip", "hang"])
    def test_a_node_that_is_slow_is_given_up(self, server, how):
        setattr(server, how, True)
        server.body, before = b" " * 400, time.monotonic()
        with pytest.raises(Unavailable):
            HttpGenerationNode(server.url, TOKEN, seconds=0.5).payee()
        assert time.monotonic() - before < 5

    def test_an_answer_that_is_cut_short(self, server, node):
        server.headers = {"Content-Length": "1000"}
        with pytest.raises(Unavailable):
            node.audio(GENERATION)

    def test_a_redirect_is_not_followed_and_keeps_the_token(self, server, node):
        with scripted() as elsewhere:
            server.status, server.headers = 307, {"Location": elsewhere.url + "/v1/health"}
            with pytest.raises(Unavailable):
                node.payee()
            assert elsewhere.asked == []

    def test_nothing_is_unpacked(self, server, node):
        server.body = gzip.compress(bytes(50 * 1024 * 1024))
        server.headers = {"Content-Encoding": "gzip"}
        assert len(node.audio(GENERATION)) < 1024 * 1024
        assert server.asked[0].headers["accept-encoding"] == "identity"

    def test_the_token_is_not_printed(self, server, node, peer):
        for made in (node, peer, Service(server.url, "it", TOKEN)):
            assert TOKEN not in repr(made) and server.url in repr(made)

    def test_no_token_no_header(self, server):
        Service(server.url, "it").json("GET", "/")
        assert "authorization" not in server.asked[0].headers


class TestPeer:
    def test_it_is_asked_with_everything_it_needs(self, server, peer):
        server.says({"signer": PAYEE, "signature": SIGNATURE})
        assert peer.attest(ORDER, SIGNATURE, ATTESTATION) == (PAYEE, SIGNATURE)
        (asked,) = server.asked
        assert (asked.method, asked.path) == ("POST", "/v1/attestations")
        assert asked.headers["authorization"] == f"Bearer {TOKEN}"
        body = json.loads(asked.body)
        assert body["order"]["maxPrice"] == "5" and body["signature"] == SIGNATURE
        assert body["attestation"]["generatedAt"] == "7"

    @pytest.mark.parametrize(
        "answer",
        [
            {}, [], {"signer": PAYEE}, {"signer": PAYEE, "signature": "0x12"},
            {"signer": "0x12", "signature": SIGNATURE}, {"signer": PAYEE, "signature": None},
            {"signer": PAYEE, "signature": SIGNATURE, "more": 1},
        ],
    )  # fmt: skip
    def test_an_answer_that_is_none_is_refused(self, server, peer, answer):
        server.says(answer)
        with pytest.raises(InvalidInput):
            peer.attest(ORDER, SIGNATURE, ATTESTATION)

    def test_a_batch_is_asked_for_with_everything_of_each(self, server, peer):
        server.says({"signer": PAYEE, "signature": SIGNATURE})
        members = [Attested(ORDER, SIGNATURE, ATTESTATION), Attested(ORDER, "0x", ATTESTATION)]
        assert peer.attest_batch(members) == (PAYEE, SIGNATURE)
        [asked] = server.asked
        assert (asked.method, asked.path) == ("POST", "/v1/batches")
        sent = json.loads(asked.body)["members"]
        assert [each["signature"] for each in sent] == [SIGNATURE, "0x"]
        assert sent[0]["order"]["nonce"] == "3" and sent[0]["attestation"]["price"] == "10"

    def test_what_it_refuses_it_says(self, server, peer):
        server.problem("Inconsistent", 500, detail="the audio is another", field="audio.samples")
        with pytest.raises(Inconsistent, match=r"the other oracle says: audio\.samples"):
            peer.attest(ORDER, SIGNATURE, ATTESTATION)
