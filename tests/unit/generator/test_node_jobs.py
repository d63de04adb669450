"""Jobs of a node: only for a payer's signed order that a quorum has reserved for the caller."""

import hashlib
from dataclasses import replace

import pytest

from oracle.domain.audio import read_wave
from oracle.domain.generation import seed_of
from oracle.domain.ordered import signed_json
from oracle.domain.reservation import Ballot
from tests.support.quorum import PAYER, STRANGER
from tests.unit.generator.served_node import (
    NOW,
    QUORUM,
    WEIGHTS,
    problem,
    served_node,
)
from tests.unit.generator.tiny_engine import CRASHES

ORDERED = QUORUM.ordered(WEIGHTS)
ID = QUORUM.typed.order_hash(ORDERED.order)


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    with served_node(tmp_path_factory.mktemp("node")) as made:
        yield made


@pytest.fixture(scope="module")
def audio(node):
    return node.stock()


@pytest.fixture(scope="module")
def done(node, audio):
    first = node.post("/v1/jobs", QUORUM.job(ORDERED, audio, NOW))
    assert first.status_code == 202, first.text
    assert first.json() == {"id": ID, "state": "queued", "progress": 0}
    return node.ended(ID)


def submitted(node, audio, by=0, **changes):
    """A job of an order that is new, with these changes."""
    ordered = changes.pop("ordered", QUORUM.ordered(WEIGHTS, nonce=7))
    return node.post("/v1/jobs", QUORUM.job(ordered, audio, NOW, **changes), by)


def test_a_job_from_submission_to_its_files(node, done):
    assert done["state"] == "done" and done["progress"] == 100 and done["error"] is None
    audio = node.get(f"/v1/jobs/{ID}/audio")
    assert audio.headers["content-type"] == "audio/wav"
    assert hashlib.sha256(audio.content).hexdigest() == done["audio"]
    assert read_wave(audio.content).frames == 5 * 44_100
    trace = node.get(f"/v1/jobs/{ID}/trace")
    assert hashlib.sha256(trace.content).hexdigest() == done["trace"]
    assert trace.json()["seed"] == str(seed_of(ID))
    assert trace.json()["prior"] == [0, *WEIGHTS.values()]
    assert sum(item["weight"] for item in done["vectors"]["shapley"]) == 1_000_000


def test_the_node_notes_which_file_an_oracle_was_sent(node, audio):
    ordered = QUORUM.ordered(WEIGHTS, nonce=9)
    job = QUORUM.typed.order_hash(ordered.order)
    node.post("/v1/jobs", QUORUM.job(ordered, audio, NOW))
    assert node.ended(job)["state"] == "done"
    for path in ("audio", "trace"):
        problem(node.get(f"/v1/jobs/{job}/{path}", by=1), 404, "id")
        assert node.get(f"/v1/jobs/{job}/{path}").status_code == 200
    noted = {path.name for path in (node.folder / "jobs" / job).glob("*.0x*")}
    assert noted == {f"{name}.{QUORUM.keys[0].address}" for name in ("audio.wav", "trace.json")}


def test_a_repeated_job_is_the_same(node, audio, done):
    body = QUORUM.job(ORDERED, audio, NOW)
    again = node.post("/v1/jobs", body | {"references": body["references"][::-1]})
    assert again.status_code == 202 and again.json()["state"] == "done"


def test_a_job_is_read_by_the_oracles_that_submitted_it_only(node, audio, done):
    for path in ("", "/audio", "/trace"):
        problem(node.get(f"/v1/jobs/{ID}{path}", by=1), 404, "id")
    later = QUORUM.reserved(ORDERED, NOW, ballot=Ballot(2, 1))
    body = QUORUM.job(ORDERED, audio, NOW, reservations=later)
    problem(node.post("/v1/jobs", body, by=2), 403, "reservations[0].leader")
    assert node.post("/v1/jobs", body, by=1).json()["state"] == "done"
    for path in ("", "/audio", "/trace"):
        for leader in (0, 1):
            assert node.get(f"/v1/jobs/{ID}{path}", by=leader).status_code == 200
        problem(node.get(f"/v1/jobs/{ID}{path}", by=2), 404, "id")


def test_a_crash_of_the_engine_fails_the_job_and_not_the_node(node, audio):
    ordered = QUORUM.ordered(WEIGHTS, nonce=1, length=CRASHES)
    generation = node.post("/v1/jobs", QUORUM.job(ordered, audio, NOW)).json()["id"]
    view = node.ended(generation)
    assert view["state"] == "failed" and "SIGSEGV" in view["error"]["detail"]
    assert node.client.get("/v1/health").status_code == 200
    problem(node.get(f"/v1/jobs/{generation}/audio"), 404, "id")


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"request": signed_json(QUORUM.ordered({1: 1_000_000}))["request"]}, 422,
         "order.request"),
        ({"request": signed_json(QUORUM.ordered(WEIGHTS, tier="commercial"))["request"]}, 422,
         "order.request"),
        ({"order": signed_json(QUORUM.ordered(WEIGHTS, nonce=8))["order"]}, 403, "signature"),
        ({"signature": QUORUM.sign(STRANGER, bytes(32))}, 403, "signature"),
        ({"signature": "0x" + "11" * 64}, 422, "signature"),
        ({"signature": "0x" + "00" * 65}, 422, "signature"),
        ({"references": []}, 422, "references"),
        ({"seed": "1"}, 422, "seed"),
        ({"id": ID}, 422, "id"),
    ],
)  # fmt: skip
def test_a_job_without_the_payers_order_is_refused(node, audio, change, status, field):
    problem(submitted(node, audio, **change), status, field)


def test_the_payers_signature_must_be_of_this_very_order(node, audio):
    ordered = QUORUM.ordered(WEIGHTS, nonce=7)
    stolen = replace(ordered, order=replace(ordered.order, payer=STRANGER.address))
    problem(submitted(node, audio, ordered=stolen), 403, "signature")
    dearer = replace(ordered, order=replace(ordered.order, max_price=10**9))
    problem(submitted(node, audio, ordered=dearer), 403, "signature")
    assert ordered.order.payer == PAYER.address


@pytest.mark.parametrize("name", ["request", "order", "signature", "reservations", "references"])
def test_every_part_of_a_job_is_needed(node, audio, name):
    body = QUORUM.job(QUORUM.ordered(WEIGHTS, nonce=7), audio, NOW)
    del body[name]
    problem(node.post("/v1/jobs", body), 422, name)


FRESH = QUORUM.ordered(WEIGHTS, nonce=7)
OTHER = QUORUM.ordered(WEIGHTS, nonce=8)


def forged(**changes):
    """Two good reservations, of which the second one is changed."""
    good = QUORUM.reserved(FRESH, NOW)
    return [good[0], good[1] | changes]


@pytest.mark.parametrize(
    ("reservations", "status", "field"),
    [
        ([], 422, "reservations"),
        (QUORUM.reserved(FRESH, NOW, by=(0,)), 403, "reservations"),
        (QUORUM.reserved(FRESH, NOW, by=(0,)) * 2, 403, "reservations"),
        (QUORUM.reserved(FRESH, NOW, by=(0, 1)) * 2, 422, "reservations"),
        (QUORUM.reserved(OTHER, NOW), 403, "reservations[0].signature"),
        (QUORUM.reserved(FRESH, NOW - 1), 403, "reservations[0].until"),
        (QUORUM.reserved(FRESH, NOW, ballot=Ballot(1, 1)), 403, "reservations[0].leader"),
        (QUORUM.reserved(FRESH, NOW, ballot=Ballot(1, 3)), 403, "reservations[0].leader"),
        (QUORUM.reserved(FRESH, NOW, set_id=bytes(32)), 403, "reservations[0].signature"),
        (QUORUM.reserved(FRESH, NOW, keys=[STRANGER, QUORUM.keys[0]]), 403, None),
        (forged(round=2), 403, "reservations[1].signature"),
        (forged(leader=1), 403, "reservations[1].signature"),
        (forged(until=NOW + 1), 403, "reservations[1].signature"),
        (forged(until=NOW - 1), 403, "reservations[1].until"),
        (forged(signer=QUORUM.keys[2].address), 403, "reservations[1].signature"),
        (forged(signature="0x"), 422, "reservations[1].signature"),
        (forged(signature="0x" + "00" * 64), 422, "reservations[1].signature"),
        (forged(until="1"), 422, "reservations[1].until"),
        (forged(more=1), 422, "reservations[1].more"),
        (
            QUORUM.reserved(FRESH, NOW, by=(0,))
            + QUORUM.reserved(FRESH, NOW, by=(1,), ballot=Ballot(2, 0)),
            403,
            "reservations",
        ),
    ],
)
def test_a_job_without_the_reservations_of_a_quorum_is_refused(
    node, audio, reservations, status, field
):
    answer = submitted(node, audio, ordered=FRESH, reservations=reservations)
    found = problem(answer, status, field or answer.json().get("field"))
    assert found["field"].startswith("reservations")
    problem(node.get(f"/v1/jobs/{QUORUM.typed.order_hash(FRESH.order)}"), 404, "id")


def test_a_signature_of_a_reservation_has_one_form(node, audio):
    good = QUORUM.reserved(FRESH, NOW)
    raw = bytes.fromhex(good[1]["signature"][2:])
    expanded = raw[:32] + bytes([raw[32] & 0x7F]) + raw[33:] + bytes([27 + (raw[32] >> 7)])
    long = [good[0], good[1] | {"signature": "0x" + expanded.hex()}]
    problem(submitted(node, audio, ordered=FRESH, reservations=long), 422,
            "reservations[1].signature")  # fmt: skip


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"audio": "ab" * 32}, 404, "references[0].audio"),
        ({"audio": "ab"}, 422, "references[0].audio"),
        ({"recording": 3}, 422, "references[0].recording"),
        ({"recording": "1"}, 422, "references[0].recording"),
        ({"recording": 2}, 422, "references"),
        ({"weight": 1}, 422, "weight"),
    ],
)
def test_references_are_those_of_the_request(node, audio, change, status, field):
    listed = [{"recording": number, "audio": audio[number]} for number in audio]
    answer = submitted(node, audio, references=[listed[0] | change, listed[1]])
    found = problem(answer, status, answer.json().get("field"))
    assert field in found["field"]


def test_an_engine_that_this_node_does_not_run_is_refused(node, audio):
    without = replace(node.node, engines=("refrain-lm",))
    node.client.app.state.node = without
    try:
        problem(submitted(node, audio), 422, "request.engine")
    finally:
        node.client.app.state.node = node.node


def test_the_node_says_which_recordings_it_holds(node, audio):
    answer = node.post("/v1/held", {"recordings": [9, 2, 1, 2]})
    tempi = {number: node.node.vault.find(number).bpm for number in (1, 2)}
    assert answer.json() == {"held": [{"recording": n, "bpm": tempi[n]} for n in (1, 2)]}
    assert all(80 <= bpm < 160 for bpm in tempi.values())
    assert node.post("/v1/held", {"recordings": [9]}).json() == {"held": []}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"recordings": []}, "recordings"),
        ({"recordings": [0]}, "recordings[0]"),
        ({"recordings": [1, "2"]}, "recordings[1]"),
        ({"recordings": [1] * 1_001}, "recordings"),
        ({"recordings": [1], "all": 1}, "all"),
        ({}, "recordings"),
        ([], None),
    ],
)
def test_a_malformed_question_for_recordings_is_refused(node, body, field):
    problem(node.post("/v1/held", body), 422, field or "")
