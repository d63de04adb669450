"""The routes between oracles: signed calls only, each by the leader of the ballot that it names."""

import threading
from dataclasses import replace

import pytest

from oracle.adapters.peer import HttpPeer
from oracle.adapters.signing.calls import CallSigner
from oracle.api.limits import LARGEST_BODY
from oracle.api.peer_routes import MOST_ATTESTING
from oracle.domain import call as calls
from oracle.domain import canonical
from oracle.domain.attestation import Attested, parse_attestation
from oracle.domain.attribution import MOST_REFERENCES
from oracle.domain.batch import MOST
from oracle.domain.generation import Stage
from oracle.domain.order import parse_order
from oracle.domain.ordered import ordered_json
from oracle.domain.proposal import Proposed, parse_answer, proposed_json
from oracle.domain.reservation import Ballot, Reservation, ballot_json
from oracle.domain.typed_data import SigningDomain
from oracle.orders.acceptance import take
from oracle.pipeline.runner import Pipeline
from oracle.quorum import attestations
from tests.support.fake_chain import CHAIN
from tests.support.oracle_api import (
    JSON,
    URL,
    Idle,
    call,
    client_of,
    oracle_key,
    problem,
    signed,
)
from tests.support.samples import LEDGER, ordered, request
from tests.support.trio import key, make_trio

RESERVE, ATTEST = "/v1/peers/reservations", "/v1/peers/attestations"
BATCH, CANCEL = "/v1/peers/batches", "/v1/peers/cancellations"
ROUTES = (RESERVE, ATTEST, BATCH, CANCEL)
FIRST = Ballot(1, 0)


@pytest.fixture
def trio(tmp_path):
    return make_trio(tmp_path)


@pytest.fixture
def idle():
    return Idle()


@pytest.fixture
def peer(trio, idle):
    """The API of the second oracle; the first one leads unless a test says otherwise."""
    with client_of(trio, idle, index=1) as client:
        yield client


def seat_of(trio, order, index=1):
    return trio.contexts[index].store.seat(order.payer, order.nonce)


def reservation(trio, ballot=FIRST, prompt="warm, slow", **changes):
    """The body with which a leader asks for a reservation, and its order."""
    asked = request(prompt=prompt)
    placed = ordered(asked, *trio.order(asked, **changes))
    return {**ordered_json(placed), "ballot": ballot_json(ballot)}, placed.order


def published(trio, **changes):
    """A generation that the first oracle proposes."""
    asked = request()
    placed = ordered(asked, *trio.order(asked, **changes))
    context = trio.contexts[0]
    generation = take(context, placed).id
    while (known := context.store.load(generation)).stage != Stage.PUBLISHED:
        Pipeline(context).advance(generation)
    attestations.attest(context, known.proposed())
    return known


def ask(trio, peer, path, body, status, by=0):
    """The answer to a call of the first oracle, or of another one."""
    answer = call(trio, peer, oracle_key(trio, by), path, body)
    assert answer.status_code == status, answer.text
    return answer.json()


class TestCallers:
    """Who may call. No route reads a body before it knows its caller."""

    @pytest.mark.parametrize("path", ROUTES)
    @pytest.mark.parametrize("name", ["payer", "stranger", "node a", "oracle 3"])
    def test_a_key_outside_the_set_gets_401(self, trio, peer, path, name):
        answer = call(trio, peer, key(name), path, {})
        assert problem(answer, 401)["field"] == calls.SIGNER

    @pytest.mark.parametrize("path", ROUTES)
    @pytest.mark.parametrize(
        "headers", [{}, {"Authorization": "Bearer a token that oracles share"}]
    )
    def test_an_unsigned_call_gets_401_whatever_its_body(self, peer, path, headers):
        for data in (b"{}", b"{", b"[" * 10_000):
            assert problem(peer.post(path, content=data, headers=JSON | headers), 401)

    @pytest.mark.parametrize("path", ROUTES)
    def test_a_replayed_call_gets_401(self, trio, peer, path):
        data = canonical.dumps({})
        headers = signed(trio, oracle_key(trio, 0), path, data)
        assert peer.post(path, content=data, headers=headers).status_code == 422
        again = peer.post(path, content=data, headers=headers)
        assert problem(again, 401)["field"] == calls.NONCE

    def test_a_call_for_another_oracle_route_or_method_gets_401(self, trio, peer):
        by, data = oracle_key(trio, 0), canonical.dumps({})
        elsewhere = signed(trio, by, ATTEST, data, url="http://another-oracle")
        other_route = signed(trio, by, RESERVE, data)
        other_method = signed(trio, by, ATTEST, data, method="PUT")
        for headers in (elsewhere, other_route, other_method):
            found = problem(peer.post(ATTEST, content=data, headers=headers), 401)
            assert found["field"] == calls.SIGNATURE

    def test_another_body_than_the_signed_one_gets_401(self, trio, peer):
        body, order = reservation(trio)
        other, _ = reservation(trio, ballot=Ballot(9, 0))
        headers = signed(trio, oracle_key(trio, 0), RESERVE, canonical.dumps(body))
        answer = peer.post(RESERVE, content=canonical.dumps(other), headers=headers)
        assert problem(answer, 401)["field"] == "body"
        assert seat_of(trio, order) is None

    @pytest.mark.parametrize("path", [RESERVE, ATTEST, BATCH])
    @pytest.mark.parametrize("by", [1, 2])
    def test_an_oracle_that_does_not_lead_the_ballot_gets_401(self, trio, peer, path, by):
        known = published(trio)
        body = {
            RESERVE: reservation(trio, nonce=1)[0],
            ATTEST: proposed_json(known.proposed()),
            BATCH: {"members": [proposed_json(known.proposed())]},
        }[path]
        found = ask(trio, peer, path, body, 401, by=by)
        assert found["field"] == "ballot.leader"
        assert seat_of(trio, known.order).accepted is None
        assert trio.contexts[1].store.seat(trio.payer.address, 1) is None

    def test_a_leader_outside_the_set_gets_401(self, trio, peer):
        body, order = reservation(trio, ballot=Ballot(1, 3))
        assert ask(trio, peer, RESERVE, body, 401)["field"] == "ballot.leader"
        assert seat_of(trio, order) is None

    def test_one_member_under_the_ballot_of_another_oracle_refuses_the_batch(self, trio, peer):
        known = [published(trio, nonce=nonce) for nonce in range(2)]
        members = [proposed_json(each.proposed()) for each in known]
        members[1]["ballot"] = ballot_json(Ballot(2, 2))
        assert ask(trio, peer, BATCH, {"members": members}, 401)["field"] == "ballot.leader"
        assert all(seat_of(trio, each.order).accepted is None for each in known)


class TestReservations:
    def test_a_reservation_is_signed_and_the_order_is_followed(self, trio, idle, peer):
        body, order = reservation(trio)
        found = parse_answer(ask(trio, peer, RESERVE, body, 200))
        name = trio.typed.order_hash(order)
        assert (found.ballot, found.until) == (FIRST, trio.clock.now() + trio.terms.lease)
        assert (found.accepted, found.open, found.ended) == (None, (), "")
        set_id = trio.typed.set_id(trio.terms.oracle_set)
        made = Reservation(name, order.payer, order.nonce, found.ballot, found.until)
        signer = trio.typed.reservation_signer(made, set_id, found.signature)
        assert signer == found.signer == trio.contexts[1].attester.address
        assert idle.given == [name]
        assert peer.get(f"/v1/generations/{name}").json()["stage"] == "ordered"

    def test_a_second_leader_is_told_who_leads(self, trio, peer):
        body, order = reservation(trio)
        first = ask(trio, peer, RESERVE, body, 200)
        later, _ = reservation(trio, ballot=Ballot(5, 2))
        found = parse_answer(ask(trio, peer, RESERVE, later, 200, by=2))
        assert not found.grants
        assert (found.ballot, found.until) == (FIRST, first["until"])
        assert seat_of(trio, order).ballot == FIRST

    def test_another_order_under_the_nonce_is_a_conflict(self, trio, idle, peer):
        body, order = reservation(trio)
        ask(trio, peer, RESERVE, body, 200)
        other, _ = reservation(trio, prompt="another one", ballot=Ballot(2, 0))
        assert ask(trio, peer, RESERVE, other, 409)["field"] == "order.nonce"
        assert seat_of(trio, order).order == trio.typed.order_hash(order)

    def test_an_order_of_another_key_is_refused(self, trio, idle, peer):
        body, order = reservation(trio)
        thief = key("thief").sign(trio.typed.order_digest(order))
        found = ask(trio, peer, RESERVE, body | {"signature": "0x" + thief.hex()}, 401)
        assert found["field"] == "signature"
        assert (idle.given, seat_of(trio, order)) == ([], None)

    def test_a_prompt_that_is_not_the_committed_one_is_refused(self, trio, idle, peer):
        body, order = reservation(trio)
        for wrong in ({"prompt": "other"}, {"salt": "00" * 32}, {"prompt": ""}):
            assert ask(trio, peer, RESERVE, body | wrong, 422)["field"] in ("prompt", "salt")
        assert (idle.given, seat_of(trio, order)) == ([], None)

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"ballot": {"round": 0, "leader": 0}}, "ballot.round"),
            ({"ballot": {"round": 1, "leader": 255}}, "ballot.leader"),
            ({"ballot": {"round": "1", "leader": 0}}, "ballot.round"),
            ({"ballot": None}, "ballot"),
            ({"prompt": 5}, "prompt"),
            ({"original": "0x1"}, "order.request"),
            ({"extra": 1}, "extra"),
            ({"signature": "0x12"}, "signature"),
        ],
    )
    def test_a_malformed_field_is_named(self, trio, idle, peer, change, field):
        body, order = reservation(trio)
        found = ask(trio, peer, RESERVE, body | change, 422)
        assert found["field"].startswith(field)
        assert (idle.given, seat_of(trio, order)) == ([], None)

    @pytest.mark.parametrize("absent", ["ballot", "order", "request", "prompt", "salt"])
    def test_a_missing_field_is_named(self, trio, peer, absent):
        body, _ = reservation(trio)
        found = ask(trio, peer, RESERVE, {k: v for k, v in body.items() if k != absent}, 422)
        assert found["field"] == absent


@pytest.fixture
def attestation(trio):
    """The body with which the leader asks for a signature."""
    return proposed_json(published(trio).proposed())


class TestAttestations:
    def test_a_peer_signs_a_valid_attestation(self, trio, peer):
        known = published(trio)
        found = ask(trio, peer, ATTEST, proposed_json(known.proposed()), 200)
        set_id = trio.typed.set_id(trio.terms.oracle_set)
        signer = trio.typed.attestation_signer(
            known.attestation, known.id, set_id, found["signature"]
        )
        assert signer == found["signer"] == trio.contexts[1].attester.address

    def test_a_peer_names_the_field_that_fails(self, trio, peer, attestation):
        attestation["attestation"]["price"] = "1"
        found = ask(trio, peer, ATTEST, attestation, 500)
        assert (found["title"], found["field"]) == ("Inconsistent", "attestation")

    def test_a_peer_signs_one_attestation_under_a_ballot(self, trio, peer, attestation):
        first = ask(trio, peer, ATTEST, attestation, 200)
        other = attestation | {"attestation": attestation["attestation"] | {"price": "1"}}
        ask(trio, peer, ATTEST, other, 409)
        assert ask(trio, peer, ATTEST, attestation, 200) == first

    def test_a_ballot_below_the_promised_one_is_a_conflict(self, trio, peer, attestation):
        higher = attestation | {"ballot": ballot_json(Ballot(4, 2))}
        ask(trio, peer, ATTEST, higher, 200, by=2)
        assert ask(trio, peer, ATTEST, attestation, 409)["field"] == "ballot"

    def test_an_order_that_is_not_reserved_is_a_conflict(self, trio, peer):
        known = published(trio)
        order, signature = trio.order(request(), nonce=7)
        member = Attested(order, signature, known.attestation)
        body = proposed_json(Proposed(member, known.ballot))
        assert "not reserved" in ask(trio, peer, ATTEST, body, 409)["detail"]

    @pytest.mark.parametrize("part", ["entries", "manifest", "price", "node", "generatedAt"])
    def test_a_malformed_attestation_is_refused(self, trio, peer, attestation, part):
        attestation["attestation"][part] = "0xzz"
        assert ask(trio, peer, ATTEST, attestation, 422)["field"] == f"attestation.{part}"

    def test_too_many_at_once_are_unavailable(self, trio, idle):
        """Each keeps a track in memory, so one more than the limit is told to come again.

        One place stays free for the third oracle.
        """
        most = MOST_ATTESTING - 1
        known = [published(trio, nonce=nonce) for nonce in range(most + 1)]
        bodies = [proposed_json(each.proposed()) for each in known]
        gate = Gate(trio.pinner, most)
        trio.contexts[1] = replace(trio.contexts[1], pinner=gate)
        answers = []

        def go(body):
            answers.append(call(trio, peer, oracle_key(trio, 0), ATTEST, body).status_code)

        threads = [threading.Thread(target=go, args=(body,)) for body in bodies[:-1]]
        with client_of(trio, idle, index=1) as peer:
            for thread in threads:
                thread.start()
            assert gate.full.wait(60)
            late = call(trio, peer, oracle_key(trio, 0), ATTEST, bodies[-1])
            gate.open.set()
            for thread in threads:
                thread.join()
            assert "too many" in problem(late, 503)["detail"]
            assert answers == [200] * most
            ask(trio, peer, ATTEST, bodies[-1], 200)


class Gate:
    """A pinner that answers nobody until it is opened; `full` once so many wait."""

    def __init__(self, pinner, most):
        self.pinner, self.left = pinner, most
        self.full, self.open, self.lock = threading.Event(), threading.Event(), threading.Lock()

    def __getattr__(self, name):
        return getattr(self.pinner, name)

    def fetch(self, cid):
        with self.lock:
            self.left -= 1
            if self.left == 0:
                self.full.set()
        assert self.open.wait(60)
        return self.pinner.fetch(cid)


@pytest.fixture
def batch(trio):
    """The body with which the leader asks for the signature of two generations."""
    return {"members": [proposed_json(published(trio, nonce=n).proposed()) for n in range(2)]}


class TestBatches:
    def test_a_peer_signs_a_valid_batch(self, trio, peer, batch):
        found = ask(trio, peer, BATCH, batch, 200)
        assert found["signer"] == trio.contexts[1].attester.address
        members = [
            Attested(parse_order(m["order"]), m["signature"], parse_attestation(m["attestation"]))
            for m in batch["members"]
        ]
        hashes = attestations.hashes(trio.typed, trio.terms.oracle_set, members)
        assert trio.typed.batch_signer(hashes, found["signature"]) == found["signer"]
        for member in members:
            assert seat_of(trio, member.order).accepted.attestation == member.attestation

    def test_a_batch_with_an_invalid_member_is_not_signed(self, trio, peer, batch):
        batch["members"][1]["attestation"]["price"] = "1"
        found = ask(trio, peer, BATCH, batch, 500)
        assert (found["title"], found["field"]) == ("Inconsistent", "attestation")

    def test_a_batch_with_a_member_that_was_signed_otherwise_is_a_conflict(self, trio, peer, batch):
        ask(trio, peer, BATCH, {"members": batch["members"][:1]}, 200)
        batch["members"][0]["attestation"]["price"] = "1"
        ask(trio, peer, BATCH, batch, 409)

    def test_an_empty_or_repeated_batch_is_refused(self, trio, peer, batch):
        first = batch["members"][0]
        for members in ([], [first] * (MOST + 1), [first, first]):
            assert ask(trio, peer, BATCH, {"members": members}, 422)["field"] == "members"

    @pytest.mark.parametrize("part", ["entries", "manifest", "price", "node", "generatedAt"])
    def test_a_malformed_member_is_named(self, trio, peer, batch, part):
        batch["members"][1]["attestation"][part] = "0xzz"
        found = ask(trio, peer, BATCH, batch, 422)
        assert found["field"] == f"members[1].attestation.{part}"

    def test_a_number_too_large_for_a_batch_is_named(self, trio, peer, batch):
        batch["members"][1]["order"]["nonce"] = str(2**32)
        found = ask(trio, peer, BATCH, batch, 422)
        assert found["field"] == "members[1]" and "too large for a batch" in found["detail"]

    def test_the_largest_batch_fits_the_body_limit(self, batch):
        widest = batch["members"][0]
        widest["attestation"]["entries"] = "0x" + "0" * 16 * (MOST_REFERENCES + 1)
        widest["ballot"] = ballot_json(Ballot(2**32, 254))
        for part in ("order", "attestation"):
            for name, value in widest[part].items():
                if not value.startswith("0x"):
                    widest[part][name] = str(2**48)
        assert len(canonical.dumps({"members": [widest] * MOST})) < LARGEST_BODY


def cancellation(trio, **changes):
    """The body with which an oracle passes on a payer's cancellation, and its order."""
    body, order = reservation(trio, **changes)
    del body["ballot"]
    return body | {"cancellation": cancel_signature(trio, order)}, order


def cancel_signature(trio, order, by=None):
    digest = trio.typed.cancel_digest(trio.typed.order_hash(order))
    return "0x" + (by or trio.payer).sign(digest).hex()


class TestCancellations:
    def test_a_peer_agrees_and_reserves_the_order_no_more(self, trio, peer):
        body, order = cancellation(trio)
        found = ask(trio, peer, CANCEL, body, 200, by=2)
        assert found == {"signer": trio.contexts[1].attester.address}
        assert seat_of(trio, order).cancelled
        asked, _ = reservation(trio)
        assert "cancelled" in ask(trio, peer, RESERVE, asked, 409)["detail"]

    def test_a_cancellation_of_another_key_is_refused(self, trio, peer):
        body, order = cancellation(trio)
        body["cancellation"] = cancel_signature(trio, order, key("thief"))
        assert ask(trio, peer, CANCEL, body, 401)["field"] == "signature"
        assert seat_of(trio, order) is None

    def test_a_signed_order_is_not_cancelled(self, trio, peer):
        known = published(trio)
        ask(trio, peer, ATTEST, proposed_json(known.proposed()), 200)
        body, order = cancellation(trio)
        assert order == known.order
        assert "signed already" in ask(trio, peer, CANCEL, body, 409)["detail"]
        assert not seat_of(trio, order).cancelled

    def test_a_missing_cancellation_is_named(self, trio, peer):
        body, _ = reservation(trio)
        del body["ballot"]
        assert ask(trio, peer, CANCEL, body, 422)["field"] == "cancellation"


def test_the_client_of_a_peer_and_its_routes_understand_each_other(trio, idle):
    """The real client, whose requests go to the real application."""
    known = published(trio)
    with client_of(trio, idle, index=2) as app:
        signer = CallSigner(oracle_key(trio, 0), SigningDomain(CHAIN, LEDGER), trio.clock.now)
        client = HttpPeer(URL, signer)
        client._peer._client = app
        answer = client.reserve(known.ordered(), Ballot(2, 0))
        assert answer.grants and answer.signer == trio.contexts[2].attester.address
        proposed = Proposed(known.attested(), Ballot(2, 0))
        signer, signature = client.attest(proposed)
        set_id = trio.typed.set_id(trio.terms.oracle_set)
        found = trio.typed.attestation_signer(known.attestation, known.id, set_id, signature)
        assert found == signer == answer.signer
        again = client.reserve(known.ordered(), Ballot(2, 0))
        assert again.accepted.attestation == known.attestation
        assert client.attest_batch([proposed])[0] == signer
