"""The HTTP clients of nodes and peers: requests, accepted answers and errors."""

from __future__ import annotations

import gzip
import json
import time

import pytest

from oracle.adapters.generator import HttpGenerationNode
from oracle.adapters.http_client import Service
from oracle.adapters.peer import HttpPeer
from oracle.adapters.signing.calls import CallSigner
from oracle.adapters.signing.file import FileKey
from oracle.adapters.signing.typed import TypedData
from oracle.domain import canonical
from oracle.domain.attestation import Attestation, Attested
from oracle.domain.audio import LARGEST
from oracle.domain.check import Check
from oracle.domain.cid import cid_of
from oracle.domain.errors import (
    Busy,
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
from oracle.domain.ordered import Ordered, signed_json
from oracle.domain.proposal import Answer, Proposed, answer_json
from oracle.domain.reservation import Ballot
from oracle.domain.typed_data import SigningDomain
from oracle.http.caller import Callers
from tests.support.http_script import scripted
from tests.support.samples import request

TOKEN = "a-secret-token"
PAYEE = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
GENERATION = "0x" + "ab" * 32
JOB = {"request": {}, "order": {}, "signature": "0x", "reservations": [], "references": []}
VIEW = {"id": GENERATION, "state": "running", "progress": 40}
ORDER = Order(PAYEE, 3, b"\x07" * 32, 5, 1, 5, 0, 9)
ORDERED = Ordered(request(), ORDER, "0x" + "11" * 65, prompt="a secret", salt="ab" * 32)
DOMAIN = SigningDomain(31337, PAYEE)
KEY = FileKey(b"\x05" * 32)
SIGNER = CallSigner(KEY, DOMAIN)
ATTESTATION = Attestation(10, PAYEE, 1, 7, bytes(8), b"\x01" * 32)
SIGNATURE = "0x" + "11" * 64
PROPOSED = Proposed(Attested(ORDER, SIGNATURE, ATTESTATION), Ballot(2, 1))


@pytest.fixture
def server():
    with scripted() as script:
        yield script


@pytest.fixture
def node(server):
    return HttpGenerationNode(server.url + "/", SIGNER, seconds=5)


@pytest.fixture
def peer(server):
    return HttpPeer(server.url, SIGNER, seconds=5)


@pytest.fixture
def accepts(server):
    """What the server accepts: calls of `KEY`, signed in this second or later."""
    return callers(server.url)


def callers(url):
    """A server at this URL, which accepts `KEY`; made before the call, as it refuses earlier ones.

    Made after it, the server refused the call when a second had just begun in between.
    """
    typed = TypedData(DOMAIN.chain_id, DOMAIN.ledger)
    return Callers(typed, [KEY.address], url, lambda: int(time.time()))


FOUND = {
    "lacks": [2, 5], "differs": "edits.gain", "steps": 3, "gain": 1, "envelope": 0, "audible": 16,
}  # fmt: skip


def told(recording, bpm):
    return {"recording": recording, "bpm": bpm}


MALFORMED_HELD = [
    ([], "answer"),
    ({}, "held"),
    ({"held": 2}, "held"),
    ({"held": [told(1, 80), told(2, 80), told(3, 80)]}, "held"),
    ({"held": [2]}, "held[0]"),
    ({"held": [told(1, 80), [2]]}, "held[1]"),
    ({"held": [{"recording": 2}]}, "held[0].bpm"),
    ({"held": [{"bpm": 80}]}, "held[0].recording"),
    ({"held": [{**told(2, 80), "key": 3}]}, "held[0].key"),
    *(({"held": [told(number, 80)]}, "held[0].recording") for number in (0, "2", True, 2**32)),
    *(({"held": [told(2, bpm)]}, "held[0].bpm") for bpm in (-1, 301, "97", None, False)),
    ({"held": [told(2, 80), told(2, 81)]}, "held[1].recording"),
]

ASKS = {
    "payee": lambda node: node.payee(),
    "held": lambda node: node.held([1, 2]),
    "start": lambda node: node.start(GENERATION, JOB),
    "job": lambda node: node.job(GENERATION),
    "audio": lambda node: node.audio(GENERATION),
    "trace": lambda node: node.trace(GENERATION),
    "records": lambda node: node.records(GENERATION),
    "check": lambda node: node.check(ORDERED, b"{}", b"RIFF", b"[]"),
}


class TestNode:
    def test_the_payee_is_in_its_health(self, server, node):
        server.says({"status": "ok", "payee": PAYEE, "engines": ["mosaic"]})
        assert node.payee() == PAYEE and server.asked[0].path == "/v1/health"

    def test_a_node_that_changes_its_payee_is_not_used(self, server, node):
        """Else it could make a track for one payee, and check its own track as another one."""
        server.says({"payee": PAYEE})
        assert node.payee() == PAYEE
        server.says({"payee": KEY.address})
        with pytest.raises(Unavailable, match=f"was {PAYEE} before"):
            node.payee()
        server.says({"payee": PAYEE})
        assert node.payee() == PAYEE
        assert HttpGenerationNode(server.url, SIGNER).payee() == PAYEE

    @pytest.mark.parametrize("payee", [None, "", PAYEE.lower().replace("f", "F"), "0x12", 7])
    def test_a_payee_that_is_not_an_address_is_refused(self, server, node, payee):
        server.says({"payee": payee})
        with pytest.raises(InvalidInput, match=r"health\.payee"):
            node.payee()

    def test_a_job_is_posted_in_canonical_json_and_signed(self, server, node, accepts):
        server.says(VIEW, 202)
        job = node.start(GENERATION, JOB)
        (asked,) = server.asked
        assert (asked.method, asked.path) == ("POST", "/v1/jobs")
        assert asked.body == json.dumps(JOB, sort_keys=True, separators=(",", ":")).encode()
        assert accepts.require("POST", "/v1/jobs", asked.headers, asked.body)
        assert asked.headers["content-type"] == "application/json"
        assert (job.id, job.state, job.progress, job.error, job.vectors) == (
            GENERATION, "running", 40, None, None,
        )  # fmt: skip

    def test_a_finished_job_has_its_vectors(self, server, node):
        vectors = {"realised": [{"recording": 1, "weight": 1_000_000}]}
        server.says({**VIEW, "state": "done", "progress": 100, "vectors": vectors, "audio": "ab"})
        assert node.job(GENERATION).vectors == vectors

    def test_a_failed_job_has_its_reason(self, server, node):
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
    def test_a_malformed_job_is_refused(self, server, node, change):
        server.says({**VIEW, **change})
        with pytest.raises(InvalidInput):
            node.job(GENERATION)

    def test_a_job_with_another_id_is_refused(self, server, node):
        server.says({**VIEW, "id": "0x" + "cd" * 32})
        with pytest.raises(Inconsistent, match="another job's"):
            node.job(GENERATION)

    def test_files_are_returned_unchanged(self, server, node):
        server.body = b"RIFF\x00\xff"
        assert node.audio(GENERATION) == node.trace(GENERATION) == server.body
        assert node.records(GENERATION) == server.body
        paths = [asked.path for asked in server.asked]
        assert paths == [f"/v1/jobs/{GENERATION}/{name}" for name in ("audio", "trace", "records")]

    def test_a_check_sends_the_signed_order_and_gets_small_numbers(self, server, node, accepts):
        server.says(FOUND)
        found = node.check(ORDERED, b'{"a":1}', b"RIFF\x00\xff", b"[{}]")
        assert found == Check((2, 5), "edits.gain", 3, 1, 0, 16)
        (asked,) = server.asked
        assert (asked.method, asked.path) == ("POST", "/v1/checks")
        assert accepts.require("POST", "/v1/checks", asked.headers, asked.body)
        for part in (canonical.dumps(signed_json(ORDERED)), b'{"a":1}', b"RIFF\x00\xff", b"[{}]"):
            assert b"\r\n\r\n" + part + b"\r\n--" in asked.body
        assert b"a secret" not in asked.body and b"ab" * 32 not in asked.body

    @pytest.mark.parametrize(
        "change",
        [{"steps": -1}, {"steps": True}, {"steps": "0"}, {"steps": 17}, {"gain": None},
         {"differs": "mood"}, {"differs": None}, {"lacks": [0]}, {"lacks": [2, 2]}, {"lacks": 1},
         {"more": 1}],
    )  # fmt: skip
    def test_an_answer_to_a_check_that_is_malformed_is_refused(self, server, node, change):
        server.says({**FOUND, **change})
        with pytest.raises(InvalidInput, match=f"answer.{next(iter(change))}"):
            node.check(ORDERED, b"{}", b"RIFF", b"[]")

    @pytest.mark.parametrize("answer", [{}, [], None, {"difference": 0}])
    def test_an_answer_that_is_no_check_is_refused(self, server, node, answer):
        server.says(answer)
        with pytest.raises(InvalidInput):
            node.check(ORDERED, b"{}", b"RIFF", b"[]")

    def test_the_node_says_what_it_holds(self, server, node):
        server.says({"held": [told(2, 97)]})
        assert node.held(iter([1, 2])) == {2: 97}
        assert json.loads(server.asked[0].body) == {"recordings": [1, 2]}

    def test_nothing_is_asked_about_no_recording(self, server, node):
        """A new ledger has no recordings, and its nodes are fit all the same."""
        assert node.held([]) == {}
        assert server.asked == []

    @pytest.mark.parametrize(
        ("answer", "held"),
        [([], {}), ([(2, 97), (9, 80)], {2: 97}), ([(2, 0), (1, 300)], {1: 300, 2: 0})],
    )
    def test_only_what_was_asked_for_counts_as_held(self, server, node, answer, held):
        server.says({"held": [told(*each) for each in answer]})
        assert node.held([1, 2]) == held

    @pytest.mark.parametrize(("answer", "field"), MALFORMED_HELD)
    def test_a_malformed_answer_about_recordings_is_refused(self, server, node, answer, field):
        server.says(answer)
        with pytest.raises(InvalidInput) as caught:
            node.held([1, 2])
        assert caught.value.field == field

    def test_a_node_that_does_not_accept_the_caller_may_do_so_later(self, server, node):
        server.problem("Unauthorised", 403, detail="is old", field="X-Refrain-Time", value="7")
        for ask in (ASKS["start"], ASKS["audio"], ASKS["check"], ASKS["held"]):
            with pytest.raises(Unavailable, match=r"X-Refrain-Time: is old \(found 7\)"):
                ask(node)

    @pytest.mark.parametrize(
        "text", ["", "0x12", "../health", GENERATION.upper(), GENERATION + "/"]
    )
    def test_only_a_generation_id_is_put_into_a_path(self, server, node, text):
        with pytest.raises(InvalidInput, match="generation"):
            node.job(text)
        assert server.asked == []

    def test_a_file_that_is_too_large_is_refused(self, server, node):
        server.body = bytes(LARGEST + 1)
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
    def test_a_problem_becomes_the_error_of_its_title(self, server, node, title, ask):
        server.problem(title, 418, detail="so it is", field="request.length", value="4")
        # A node's refusal of a caller, a clock or a lease may pass; health has no caller.
        passing = title == "Unauthorised" and ask != "payee"
        kind = Unavailable if passing else TITLES[title]
        with pytest.raises(kind) as caught:
            ASKS[ask](node)
        assert type(caught.value) is kind
        assert "request.length: so it is (found 4)" in str(caught.value)
        assert TOKEN not in str(caught.value)

    @pytest.mark.parametrize(
        "status, kind", [(400, InvalidInput), (404, InvalidInput), (413, InvalidInput),
                         (500, Unavailable), (503, Unavailable), (301, Unavailable)],
    )  # fmt: skip
    @pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"title":"Teapot"}', b"\xff"])
    def test_any_other_error_is_classified_by_its_status(self, server, node, status, kind, body):
        # A 404 of another server means a wrong URL; as "no such job" it would start a new job.
        server.status, server.body = status, body
        with pytest.raises(kind) as caught:
            node.job(GENERATION)
        assert type(caught.value) is kind


class TestTrouble:
    @pytest.mark.parametrize(
        "body", [b"", b"{", b"[1.5]", b'{"a":1,"a":2}', b"NaN", b"\xff", b"[]"]
    )
    def test_ambiguous_json_is_refused(self, server, node, body):
        server.body = body
        with pytest.raises(InvalidInput):
            node.payee()

    @pytest.mark.parametrize("ask", sorted(ASKS))
    def test_an_unreachable_node_is_unavailable(self, ask):
        with pytest.raises(Unavailable, match="did not answer"):
            ASKS[ask](HttpGenerationNode("http://127.0.0.1:9", SIGNER))

    @pytest.mark.parametrize("url", ["nonsense", "http://", "ftp://127.0.0.1/", "http://[::1"])
    def test_a_malformed_url_is_unavailable(self, url):
        with pytest.raises(Unavailable):
            HttpGenerationNode(url, SIGNER).payee()

    @pytest.mark.parametrize("how", ["drip", "hang"])
    def test_a_slow_node_times_out(self, server, how):
        setattr(server, how, True)
        server.body, before = b" " * 400, time.monotonic()
        with pytest.raises(Unavailable):
            HttpGenerationNode(server.url, SIGNER, seconds=0.5).payee()
        assert time.monotonic() - before < 5

    def test_a_truncated_answer_is_unavailable(self, server, node):
        server.headers = {"Content-Length": "1000"}
        with pytest.raises(Unavailable):
            node.audio(GENERATION)

    def test_a_redirect_is_not_followed_and_gets_no_token(self, server, node):
        with scripted() as elsewhere:
            server.status, server.headers = 307, {"Location": elsewhere.url + "/v1/health"}
            with pytest.raises(Unavailable):
                node.payee()
            assert elsewhere.asked == []

    def test_compressed_answers_are_not_unpacked(self, server, node):
        server.body = gzip.compress(bytes(50 * 1024 * 1024))
        server.headers = {"Content-Encoding": "gzip"}
        assert len(node.audio(GENERATION)) < 1024 * 1024
        assert server.asked[0].headers["accept-encoding"] == "identity"

    def test_the_token_is_not_printed(self, server, node, peer):
        for made in (node, peer, Service(server.url, "it", TOKEN)):
            assert TOKEN not in repr(made) and server.url in repr(made)

    def test_without_a_token_there_is_no_header(self, server):
        Service(server.url, "it").json("GET", "/")
        assert "authorization" not in server.asked[0].headers


class TestPeer:
    def test_a_peer_gets_order_signature_and_attestation(self, server, peer, accepts):
        server.says({"signer": PAYEE, "signature": SIGNATURE})
        assert peer.attest(PROPOSED) == (PAYEE, SIGNATURE)
        (asked,) = server.asked
        assert (asked.method, asked.path) == ("POST", "/v1/peers/attestations")
        assert accepts.require("POST", asked.path, asked.headers, asked.body)
        body = json.loads(asked.body)
        assert body["ballot"] == {"round": 2, "leader": 1}
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
    def test_a_malformed_answer_is_refused(self, server, peer, answer):
        server.says(answer)
        with pytest.raises(InvalidInput):
            peer.attest(PROPOSED)

    def test_a_peer_gets_every_member_of_a_batch(self, server, peer):
        server.says({"signer": PAYEE, "signature": SIGNATURE})
        other = Proposed(Attested(ORDER, "0x", ATTESTATION), PROPOSED.ballot)
        assert peer.attest_batch([PROPOSED, other]) == (PAYEE, SIGNATURE)
        [asked] = server.asked
        assert (asked.method, asked.path) == ("POST", "/v1/peers/batches")
        sent = json.loads(asked.body)["members"]
        assert [each["signature"] for each in sent] == [SIGNATURE, "0x"]
        assert sent[0]["order"]["nonce"] == "3" and sent[0]["attestation"]["price"] == "10"

    def test_a_refusal_of_a_peer_has_its_reason(self, server, peer):
        server.problem("Inconsistent", 500, detail="the audio is another", field="audio.samples")
        with pytest.raises(Inconsistent, match=r"the other oracle says: audio\.samples"):
            peer.attest(PROPOSED)

    def test_a_reservation_is_asked_of_a_peer_with_the_whole_order(self, server, peer, accepts):
        answer = Answer(PAYEE, Ballot(2, 1), 90, signature=SIGNATURE)
        server.says(answer_json(answer))
        assert peer.reserve(ORDERED, Ballot(2, 1)) == answer
        (asked,) = server.asked
        assert (asked.method, asked.path) == ("POST", "/v1/peers/reservations")
        assert accepts.require("POST", asked.path, asked.headers, asked.body)
        body = json.loads(asked.body)
        assert (body["prompt"], body["ballot"]) == ("a secret", {"round": 2, "leader": 1})

    def test_a_peer_agrees_to_a_cancellation(self, server, peer):
        server.says({"signer": PAYEE})
        assert peer.cancel(ORDERED, SIGNATURE) == PAYEE
        assert server.asked[0].path == "/v1/peers/cancellations"
        assert json.loads(server.asked[0].body)["cancellation"] == SIGNATURE

    def test_a_block_is_asked_by_generation_and_cid(self, server, peer):
        server.body, cid = b"a block", cid_of(b"a block")
        assert peer.block(GENERATION, cid) == b"a block"
        assert server.asked[0].path == f"/v1/peers/withheld/{GENERATION}/{cid}"
        for generation, name in (("0x12", cid), (GENERATION, "../x")):
            with pytest.raises(InvalidInput):
                peer.block(generation, name)
        assert len(server.asked) == 1


class TestSignedCalls:
    @pytest.mark.parametrize(
        ("method", "path", "body"),
        [("GET", "/v1/jobs/1", None), ("POST", "/v1/jobs?a=b%20c&d=%7E", {"a": 1})],
    )
    def test_a_server_accepts_what_a_client_sends(self, server, accepts, method, path, body):
        service = Service(server.url + "/", "it", signer=SIGNER)
        service.json(method, path, body)
        (asked,) = server.asked
        found = accepts.require(asked.method, asked.path, asked.headers, asked.body)
        assert found == KEY.address

    def test_a_server_below_a_path_sees_the_rest_of_the_path(self, server):
        url = server.url + "/refrain"
        server_side = callers(url)
        Service(url, "it", signer=SIGNER).json("GET", "/v1/health")
        (asked,) = server.asked
        assert asked.path == "/refrain/v1/health"
        found = server_side.require("GET", "/v1/health", asked.headers, b"")
        assert found == KEY.address

    def test_each_call_is_signed_anew(self, server):
        service = Service(server.url, "it", signer=SIGNER)
        service.json("GET", "/v1/health")
        service.json("GET", "/v1/health")
        one, two = (asked.headers for asked in server.asked)
        assert one["x-refrain-nonce"] != two["x-refrain-nonce"]
        assert one["x-refrain-signature"] != two["x-refrain-signature"]


class TestBusy:
    """A service that asks for a pause has not said anything about what was asked."""

    @pytest.mark.parametrize("busy", [(429, "1"), (429, None), (503, "1"), (502, "1")])
    def test_it_is_asked_again_and_each_try_is_signed_anew(self, server, node, accepts, busy):
        server.busy = [busy]
        server.says(VIEW, 202)
        assert node.start(GENERATION, JOB).state == "running"
        first, second = server.asked
        for asked in (first, second):
            assert accepts.require("POST", "/v1/jobs", asked.headers, asked.body) == KEY.address

    @pytest.mark.parametrize("name", ASKS)
    def test_a_node_that_stays_busy_is_busy_and_nothing_else(self, server, node, name):
        server.busy = [(429, "60")] * 5
        with pytest.raises(Busy) as caught:
            ASKS[name](node)
        assert caught.value.after == 60 and len(server.asked) == 1

    def test_a_peer_that_stays_busy_is_busy(self, server, peer):
        server.busy = [(503, "60")]
        with pytest.raises(Busy):
            peer.attest(PROPOSED)

    def test_an_error_of_a_proxy_without_a_pause_is_not_repeated(self, server, node):
        server.busy = [(502, None)]
        with pytest.raises(Unavailable):
            node.payee()
        assert len(server.asked) == 1

    def test_a_service_without_patience_is_asked_once(self, server):
        server.busy = [(429, "0"), (429, "0")]
        with pytest.raises(Busy, match="the service"):
            Service(server.url, "the service").json("GET", "/v1/health")
        assert len(server.asked) == 1
