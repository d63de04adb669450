"""Checks of a node: a name and small numbers, for a track that belongs to a signed order."""

import hashlib
import json
import math
import struct
import threading
import time

import pytest

from generator.node import checks
from oracle.domain import canonical
from oracle.domain.audio import HEADER, read_wave
from oracle.domain.check import COMPOSED, MEASURES, MOST_TOLD, Check
from tests.support.quorum import STRANGER, form_of
from tests.unit.generator import songs
from tests.unit.generator.served_node import (
    BURST,
    NOW,
    QUORUM,
    WEIGHTS,
    problem,
    served_node,
)
from tests.unit.generator.tiny_engine import GO, SLOW

ORDERED = QUORUM.ordered(WEIGHTS)
ID = QUORUM.typed.order_hash(ORDERED.order)


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    with served_node(tmp_path_factory.mktemp("node")) as made:
        yield made


@pytest.fixture(scope="module")
def made(node):
    """Trace and audio of a finished job."""
    audio = node.stock()
    assert node.post("/v1/jobs", QUORUM.job(ORDERED, audio, NOW)).status_code == 202
    assert node.ended(ID)["state"] == "done"
    return node.get(f"/v1/jobs/{ID}/trace").content, node.get(f"/v1/jobs/{ID}/audio").content


@pytest.fixture
def trace(made):
    return json.loads(made[0])


def louder(audio, steps, at=1_000):
    """The file with one sample changed by some steps."""
    place = HEADER.size + 2 * at
    (sample,) = struct.unpack_from("<h", audio, place)
    return audio[:place] + struct.pack("<h", sample + steps) + audio[place + 2 :]


SAME = Check(steps=0, gain=0, envelope=0, audible=0).to_json()


def test_a_check_of_the_same_track_finds_nothing(node, made):
    answer = node.check(ORDERED, *made)
    assert (answer.status_code, answer.json()) == (200, SAME)


@pytest.mark.parametrize("steps", [-3, -1, 1, 15, 16, 17, 900])
def test_the_answer_is_the_largest_difference_up_to_a_bound(node, made, steps):
    found = node.check(ORDERED, made[0], louder(made[1], steps)).json()
    assert found == SAME | {"steps": min(abs(steps), MOST_TOLD)}


def test_a_trace_that_composing_does_not_give_is_named_and_not_rendered(node, made, trace):
    trace["edits"][0]["gain"] //= 2
    answer = node.check(ORDERED, canonical.dumps(trace), made[1])
    assert answer.json() == Check(differs="edits.gain").to_json()


def test_records_of_the_maker_are_asked_for_and_judged(node, made, trace):
    """The maker's analysis of recording 2 differs from ours."""
    known = canonical.loads(node.get(f"/v1/jobs/{ID}/records", by=2).content)
    other = {**known[1], "frames": known[1]["frames"] + 1}
    trace["references"][1]["record"] = hashlib.sha256(canonical.dumps(other)).hexdigest()
    forged = canonical.dumps(trace)
    assert node.check(ORDERED, forged, made[1]).json() == Check(lacks=(2,)).to_json()
    sent = canonical.dumps([known[0], other])
    answer = node.check(ORDERED, forged, made[1], sent).json()
    assert answer == Check(differs="references.record").to_json()


def test_records_are_for_oracles_and_finished_jobs(node, made):
    path = f"/v1/jobs/{ID}/records"
    records = canonical.loads(node.get(path, by=1).content)
    named = [each["record"] for each in canonical.loads(made[0])["references"]]
    assert [hashlib.sha256(canonical.dumps(each)).hexdigest() for each in records] == named
    problem(node.client.get(path), 403, "X-Refrain-Signer")
    problem(node.get(f"/v1/jobs/0x{'00' * 32}/records"), 404, "id")
    problem(node.get("/v1/jobs/7/records"), 422, "id")


@pytest.mark.parametrize("records", [b"", b"{}", b"[1.5]", canonical.dumps([{}] * 13)])
def test_records_in_a_wrong_form_are_refused(node, made, records):
    assert node.check(ORDERED, *made, records).status_code == 422


def test_every_oracle_of_the_set_may_ask(node, made):
    for index in range(3):
        assert node.check(ORDERED, *made, by=index).json() == SAME


def test_a_check_needs_the_payers_signature(node, made):
    stolen = QUORUM.ordered(WEIGHTS, payer=STRANGER)
    forged = type(ORDERED)(ORDERED.request, ORDERED.order, stolen.signature)
    problem(node.check(forged, *made), 403, "signature")


@pytest.mark.parametrize(
    ("ordered", "field"),
    [
        (QUORUM.ordered(WEIGHTS, nonce=1), "trace.seed"),
        (QUORUM.ordered({1: 250_001, 2: 749_999}), "trace.seed"),
    ],
)
def test_a_trace_of_another_order_is_refused(node, made, ordered, field):
    problem(node.check(ordered, *made), 422, field)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"seed": "1"}, "trace.seed"),
        ({"prior": [0, 500_000, 500_000]}, "trace.prior"),
        ({"frames": 4 * 44_100 - 1}, None),
        ({"frames": 131 * 44_100}, "trace.frames"),
        ({"rate": 48_000}, "trace.rate"),
        ({"edits": []}, "trace.edits"),
        ({"engine": {"name": "musicgen", "version": "1"}}, "trace.engine.name"),
        ({"refrain_trace": 1}, "trace.refrain_trace"),
        ({"references": []}, "trace.references"),
    ],
)
def test_a_trace_that_is_not_the_orders_is_refused(node, made, trace, change, field):
    answer = node.check(ORDERED, canonical.dumps(trace | change), made[1])
    problem(answer, 422, field or answer.json().get("field"))


def test_a_trace_with_other_references_is_refused(node, made, trace):
    trace["references"][0]["audio"] = "ab" * 32
    answer = node.check(ORDERED, canonical.dumps(trace), made[1])
    problem(answer, 422, "trace.references[0].audio")
    trace["references"][0]["recording"] = 3
    answer = node.check(ORDERED, canonical.dumps(trace), made[1])
    problem(answer, 422, "trace.references[0].recording")


@pytest.mark.parametrize(
    ("name", "value", "field"),
    [
        ("source", -(10**6), "trace.edits[0].source"),
        ("length", 10**6, "trace.edits[0].length"),
        ("component", 3, "trace.edits[0].component"),
        ("component", 0, "trace.edits[0].component"),
        ("step", 4, "trace.edits[0].step"),
        ("layer", "vocal", "trace.edits[0].layer"),
        ("gain", 0, "trace.edits[0].gain"),
        ("unit", 10**4, "trace.edits[0].unit"),
        ("fade_in", 10**5, "trace.edits[0].fade_in"),
    ],
)
def test_a_check_reads_every_edit(node, made, trace, name, value, field):
    trace["edits"][0][name] = value
    problem(node.check(ORDERED, canonical.dumps(trace), made[1]), 422, field)


def test_a_source_after_the_end_of_its_recording_is_not_rendered(node, made, trace):
    trace["edits"][0]["source"] = 10**7
    answer = node.check(ORDERED, canonical.dumps(trace), made[1])
    assert answer.json() == Check(differs="edits.source").to_json()


def test_another_version_of_the_engine_cannot_be_checked(node, made, trace):
    trace["engine"]["version"] = "1"
    answer = node.check(ORDERED, canonical.dumps(trace), made[1])
    problem(answer, 503, "trace.engine")


def test_audio_of_another_length_or_form_is_refused(node, made):
    wave = read_wave(made[1])
    shorter = bytearray(made[1][: HEADER.size] + wave.pcm[:-4])
    struct.pack_into("<I", shorter, 4, len(shorter) - 8)
    struct.pack_into("<I", shorter, 40, len(shorter) - HEADER.size)
    problem(node.check(ORDERED, made[0], bytes(shorter)), 422, "audio")
    for audio in (b"", b"RIFF", made[1][:-2], made[1] + b"\0"):
        problem(node.check(ORDERED, made[0], audio), 422, "audio")


def test_a_recording_that_the_vault_does_not_hold_is_not_found(node, made):
    problem(node.check(QUORUM.ordered({1: 500_000, 9: 500_000}), *made), 404, "recording")


GOOD = {"order": b"{}", "trace": b"{}", "audio": b"RIFF", "records": b"[]"}


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ({"trace": b"{}", "audio": b"RIFF", "records": b"[]"}, "order"),
        ({"order": b"{}", "audio": b"RIFF", "records": b"[]"}, "trace"),
        ({"order": b"{}", "trace": b"{}", "audio": b"RIFF"}, "records"),
        (GOOD | {"more": b"x"}, "body"),
        ({"order": b"{}", "trace": b"{}", "sound": b"x"}, "sound"),
        ({"order": b"{}", "trace": b"{}", "records": b"[]"}, "audio"),
        (GOOD | {"order": b"x" * 70_000}, "order"),
        (GOOD, "order"),
    ],
)
def test_a_malformed_form_names_the_part(node, parts, field):
    files = {name: (name, content) for name, content in parts.items()}
    content, kind = form_of(files)
    answer = node.call("POST", "/v1/checks", content, 1, {"Content-Type": kind})
    assert problem(answer, 422, answer.json().get("field"))["field"] == field


def test_a_part_that_is_not_a_file_or_is_sent_twice_is_refused(node):
    for files in (
        [("order", (None, b"{}"))],
        [("order", ("o", b"{}")), ("order", ("o", b"{}")), ("trace", ("t", b"{}"))],
    ):
        content, kind = form_of(files)
        answer = node.call("POST", "/v1/checks", content, 1, {"Content-Type": kind})
        assert answer.status_code == 422 and answer.json()["field"] in ("body", "order")


@pytest.mark.parametrize(
    "kind", [None, "application/json", "multipart/form-data", "multipart/form-data; boundary=x"]
)
def test_a_body_that_is_no_form_is_refused(node, kind):
    headers = {"Content-Type": kind} if kind else {}
    answer = node.call("POST", "/v1/checks", b'{"refrain_trace":1}', 1, headers)
    assert answer.status_code == 422, answer.text


def test_no_file_of_a_request_stays(node, made):
    before = sorted(node.folder.glob("tmp*"))
    node.check(ORDERED, *made)
    node.check(ORDERED, b"{}", made[1])
    assert sorted(node.folder.glob("tmp*")) == before == []


def test_an_oracle_has_an_allowance_of_checks(node, made):
    asked = 0
    node.clock["now"] += 86_400  # the allowance is full
    while node.check(ORDERED, b"{}", made[1], by=2).status_code == 422:
        asked += 1
    assert asked == BURST
    found = problem(node.check(ORDERED, *made, by=2), 503, "X-Refrain-Signer")
    assert "a day" in found["detail"]
    assert node.check(ORDERED, *made, by=1).json() == SAME
    node.clock["now"] += 86_400 // BURST + 1
    assert node.check(ORDERED, *made, by=2).json() == SAME
    problem(node.check(ORDERED, *made, by=2), 503, "X-Refrain-Signer")


def test_a_stolen_key_learns_less_than_a_second_of_audio_a_day():
    learned = checks.PER_DAY * math.log2((MOST_TOLD + 1) ** len(MEASURES) + len(COMPOSED)) / 8
    assert learned < 6_000 < 44_100 * 4


def go(node):
    """Lets the engine end what it waits with; `stop` undoes it."""
    (node.folder / "cache" / "mosaic" / GO).touch()


def stop(node):
    (node.folder / "cache" / "mosaic" / GO).unlink(missing_ok=True)


def test_a_check_does_not_wait_for_a_job(node, made):
    stop(node)
    slow = QUORUM.ordered(WEIGHTS, nonce=5, length=SLOW)
    audio = {number: node.registry.entries[number].audio for number in WEIGHTS}
    until = node.clock["now"]
    generation = node.post("/v1/jobs", QUORUM.job(slow, audio, until)).json()["id"]
    while node.get(f"/v1/jobs/{generation}").json()["state"] == "queued":
        time.sleep(0.01)
    assert node.check(ORDERED, *made).json() == SAME
    assert node.get(f"/v1/jobs/{generation}").json()["state"] == "running"
    go(node)


def test_a_check_does_not_wait_for_an_upload(node, made):
    stop(node)
    content = songs.song(SLOW)
    entry, ended = node.register(SLOW, content), []
    node.check(ORDERED, *made)  # the process of the checks runs
    deadline = node.clock["now"] + 600
    upload = threading.Thread(target=lambda: ended.append(node.upload(entry, content, deadline)))
    upload.start()
    path = node.folder / "audio" / entry.audio[:2] / entry.audio
    while not path.exists():
        assert not ended, ended[0].text
        time.sleep(0.01)
    assert node.check(ORDERED, *made).json() == SAME
    assert not ended
    go(node)
    upload.join()
    assert ended[0].status_code == 201
