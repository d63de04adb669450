"""Attacks on generation nodes: for audio of the vault, for tracks that nobody pays, for old calls.

The attacker has one of these: the network, the token that oracles shared before, a payer's key, a
node, or the key of one oracle of the set.
"""

import json
import socket
import time
from dataclasses import replace
from urllib.parse import urlsplit

import httpx
import pytest

from oracle.adapters.generator import HttpGenerationNode
from oracle.adapters.signing.calls import CallSigner
from oracle.domain import canonical
from oracle.domain.audio import HEADER, RATE, read_wave
from oracle.domain.check import COMPOSED, MOST_TOLD, Check, check_from
from oracle.domain.errors import InvalidInput, NotFound, Unavailable
from oracle.domain.generation import seed_of
from oracle.domain.heard import FLOOR
from oracle.domain.ordered import signed_json
from oracle.domain.plan import plan_json, whole
from oracle.domain.reservation import Ballot
from scripts.solidity.anvil import local_chain
from scripts.solidity.ledger_fixture import LedgerFixture
from tests.support.quorum import PAYER, STRANGER, check_form
from tests.support.running_node import Artist, RunningNode, ended, quorum_of, wanted
from tests.support.samples import wave_of

pytestmark = pytest.mark.long

TOKEN = {"Authorization": "Bearer the token that all oracles and nodes shared"}


@pytest.fixture(scope="module")
def deployed():
    with local_chain() as chain:
        made = LedgerFixture(chain.url)
        made.url = chain.url
        yield made


@pytest.fixture(scope="module")
def artist(deployed):
    return Artist(deployed)


@pytest.fixture(scope="module")
def nodes(deployed, tmp_path_factory):
    """Two nodes of one deployment."""
    made = [RunningNode(deployed, tmp_path_factory.mktemp(f"node-{n}")) for n in (1, 2)]
    for node in made:
        node.ready()
    yield made
    for node in made:
        node.stop()


@pytest.fixture(scope="module")
def node(nodes):
    return nodes[0]


@pytest.fixture(scope="module")
def audio(deployed, node, artist):
    """The vault of the first node: recording to the sha256 of its audio."""
    return artist.stock(deployed, node.url)


@pytest.fixture(scope="module")
def quorum(deployed):
    return quorum_of(deployed)


@pytest.fixture(scope="module")
def made(node, quorum, audio):
    """A track that the first oracle had made: id, order, trace, audio, and the job's body."""
    client = HttpGenerationNode(node.url, quorum.signer(0))
    generation, body, ordered = wanted(quorum, audio)
    client.start(generation, body)
    assert ended(client, generation).state == "done"
    return generation, ordered, client.trace(generation), client.audio(generation), body


def two_edits(quorum, audio, original, recording):
    """An order of one recording, and a trace that plays all of it once, at gain 1, both layers."""
    ordered = quorum.ordered({recording: 1_000_000}, nonce=40, length=8)
    frames, bpm, beats = 8 * RATE, 120, 16
    edit = {
        "start": 0, "component": 1, "source": 0, "length": frames, "step": 1024,
        "gain": 65_536, "fade_in": 0, "fade_out": 0,
    }  # fmt: skip
    base = json.loads(original)
    trace = base | {
        "seed": str(seed_of(quorum.typed.order_hash(ordered.order))),
        "frames": frames, "bpm": bpm, "prior": [0, 1_000_000], "draws": [1] * 2 * beats,
        "references": [
            each | {"shift": 0} for each in base["references"] if each["recording"] == recording
        ],
        "frames_drawn": [RATE // 4] * 2 * beats, "levels": [RATE * FLOOR] * 2 * beats,
        "plan": plan_json(whole(beats)),
        "log_likelihood": [[0, 0]] * 2 * beats, "audible": [0, 1], "gain": 65_536,
        "envelope": [[0, 65_536]],
        "edits": [edit | {"layer": "harmonic", "unit": 0},
                  edit | {"layer": "percussive", "unit": 1}],
    }  # fmt: skip
    return ordered, canonical.dumps(trace)


def signed_call(signer, url, method, path, content=b"", headers=()):
    """The same request as the client sends, so that an attacker can keep and change it."""
    made = signer.headers(url, method, path, content) | dict(headers)
    return httpx.Request(method, url + path, content=content, headers=made)


def sent(request):
    with httpx.Client(timeout=60, trust_env=False) as client:
        return client.send(request)


def test_a_forged_trace_of_one_reference_returns_no_audio(node, quorum, audio, made, artist):
    """Two edits at gain 1 rendered the whole master for whoever had the nodes' shared token."""
    recording = min(audio)
    ordered, trace = two_edits(quorum, audio, made[2], recording)
    old = httpx.post(f"{node.url}/v1/checks", content=trace, headers=TOKEN)
    assert old.status_code == 403 and b"RIFF" not in old.content

    master = read_wave(artist.files[recording]).pcm
    content, kind = check_form(ordered, trace, wave_of(bytes(len(master))))
    signer = quorum.signer(1)
    call = signed_call(
        signer, node.url, "POST", "/v1/checks", content, {"Content-Type": kind}.items()
    )
    answer = sent(call)
    assert answer.status_code == 200, answer.text
    assert len(answer.content) < 200
    assert check_from(answer.json()) == Check(differs=answer.json()["differs"])
    assert answer.json()["differs"] in COMPOSED


def test_an_answer_to_a_guess_tells_next_to_nothing(node, quorum, audio, made):
    """One oracle key cannot measure a recording sample by sample: far guesses look alike."""
    ordered, trace = two_edits(quorum, audio, made[2], min(audio))
    client = HttpGenerationNode(node.url, quorum.signer(1))
    frames = 8 * RATE
    guesses = [bytes(4 * frames)]
    for level in (-32_768, -100, 100, 32_767):
        guesses.append(level.to_bytes(2, "little", signed=True) * 2 * frames)
    assert len({client.check(ordered, trace, wave_of(guess), b"[]") for guess in guesses}) == 1
    _, ordered, trace, track, _ = made
    for guess in guesses:
        sound = wave_of((2 * guess)[: len(track) - HEADER.size])
        found = client.check(ordered, trace, sound, b"[]")
        assert found == Check(steps=MOST_TOLD, gain=0, envelope=0, audible=0)


def test_the_vault_is_told_to_oracles_only_and_never_whole(node, quorum, audio):
    health = httpx.get(f"{node.url}/v1/health").json()
    assert "held" not in health and str(max(audio)) not in json.dumps(health["engines"])
    asked = canonical.dumps({"recordings": sorted(audio)})
    for headers in ({}, TOKEN):
        answer = httpx.post(f"{node.url}/v1/held", content=asked, headers=headers)
        assert answer.status_code == 403 and "held" not in answer.json()
    stranger = HttpGenerationNode(node.url, CallSigner(STRANGER, quorum.domain))
    with pytest.raises(Unavailable, match="must be an oracle of the set"):
        stranger.held(audio)


def refused(client, quorum, ordered, body, kind):
    """Asserts that a node refuses a job, and that it does not have the job afterwards."""
    generation = quorum.typed.order_hash(ordered.order)
    with pytest.raises(kind) as caught:
        client.start(generation, body)
    with pytest.raises(NotFound):
        client.job(generation)
    return str(caught.value)


def test_the_old_shared_token_makes_no_track(node, quorum, audio):
    """Any holder of the token had tracks made of any recordings, unpaid."""
    generation, body, _ = wanted(quorum, audio, 41)
    references = [{**each, "weight": 500_000} for each in body["references"]]
    old = {
        "id": generation, "engine": "mosaic", "length": 10, "seed": "7", "references": references
    }  # fmt: skip
    for content in (old, body):
        answer = httpx.post(
            f"{node.url}/v1/jobs", content=canonical.dumps(content), headers=TOKEN
        )
        assert answer.status_code == 403
    for path in ("", "/audio", "/trace"):
        assert httpx.get(f"{node.url}/v1/jobs/{generation}{path}", headers=TOKEN).status_code == 403


def test_a_job_without_an_order_is_not_made(node, quorum, audio):
    """An oracle's key alone has nothing made: a payer must have signed."""
    client = HttpGenerationNode(node.url, quorum.signer(0))
    generation, body, ordered = wanted(quorum, audio, 42)
    bare = {
        "id": generation, "engine": "mosaic", "length": 10, "seed": "7",
        "references": [{**each, "weight": 500_000} for each in body["references"]],
    }  # fmt: skip
    assert "is missing" in refused(client, quorum, ordered, bare, InvalidInput)


def test_a_job_with_a_forged_order_is_not_made(node, quorum, audio):
    client = HttpGenerationNode(node.url, quorum.signer(0))
    _, body, ordered = wanted(quorum, audio, 43)
    until = int(time.time()) + 60

    by_another = quorum.sign(STRANGER, quorum.typed.order_digest(ordered.order))
    said = refused(client, quorum, ordered, body | {"signature": by_another}, Unavailable)
    assert "not by the order's payer" in said

    other = quorum.ordered({max(audio): 1_000_000}, nonce=43)
    swapped = body | {"request": signed_json(other)["request"]}
    assert "order.request" in refused(client, quorum, ordered, swapped, InvalidInput)

    victim = replace(ordered, order=replace(ordered.order, payer=STRANGER.address))
    stolen = quorum.job(victim, audio, until)
    assert PAYER.address != STRANGER.address
    assert "not by the order's payer" in refused(client, quorum, victim, stolen, Unavailable)


def test_a_stolen_order_without_reservations_is_not_made(node, quorum, audio):
    """Signed orders are public once they settle; one oracle cannot have one made again or first."""
    client = HttpGenerationNode(node.url, quorum.signer(0))
    _, body, ordered = wanted(quorum, audio, 44)
    until = int(time.time()) + 60
    other = quorum.ordered(ordered.request.weights(), nonce=45, length=10)
    alone = quorum.reserved(ordered, until, by=(0,))
    strangers = quorum.reserved(ordered, until, by=(0, 1), keys=[quorum.keys[0], STRANGER])
    for reservations in (
        alone, alone * 2, strangers,
        quorum.reserved(other, until),
        quorum.reserved(ordered, int(time.time()) - 1),
        quorum.reserved(ordered, until, ballot=Ballot(1, 1)),
        [alone[0], quorum.reserved(ordered, until, by=(1,), ballot=Ballot(2, 0))[0]],
        [alone[0], alone[0] | {"signer": quorum.keys[1].address}],
    ):  # fmt: skip
        changed = body | {"reservations": reservations}
        refused(client, quorum, ordered, changed, Unavailable)
    refused(client, quorum, ordered, body | {"reservations": []}, InvalidInput)


def test_an_oracle_that_does_not_lead_gets_neither_job_nor_track(node, quorum, made):
    """A job that was overheard, with all its reservations, is of no use to another oracle."""
    generation, _, _, _, body = made
    thief = HttpGenerationNode(node.url, quorum.signer(1))
    with pytest.raises(Unavailable, match=r"reservations\[0\]\.leader"):
        thief.start(generation, body)
    for ask in (thief.job, thief.audio, thief.trace):
        with pytest.raises(NotFound, match="not a job of this oracle"):
            ask(generation)


def test_a_replayed_call_is_refused(node, quorum, made):
    """Who overhears a download cannot download again."""
    path = f"/v1/jobs/{made[0]}/audio"
    call = signed_call(quorum.signer(0), node.url, "GET", path)
    first = sent(call)
    assert first.status_code == 200 and first.content == made[3]
    again = sent(call)
    assert (again.status_code, again.json()["field"]) == (403, "X-Refrain-Nonce")


def test_a_call_cannot_be_turned_into_another_one(node, quorum, made):
    """The headers of one call open no other path, method or body."""
    for path in (f"/v1/jobs/{made[0]}/trace", f"/v1/jobs/{made[0]}/audio"):
        call = signed_call(quorum.signer(0), node.url, "GET", f"/v1/jobs/{made[0]}")
        headers = dict(call.headers)
        answer = httpx.get(node.url + path, headers=headers)
        assert (answer.status_code, answer.json()["field"]) == (403, "X-Refrain-Signature")
    call = signed_call(quorum.signer(0), node.url, "POST", "/v1/held", b'{"recordings":[1]}')
    headers = {name: call.headers[name] for name in call.headers if name.startswith("x-refrain")}
    answer = httpx.post(node.url + "/v1/held", content=b'{"recordings":[2]}', headers=headers)
    assert (answer.status_code, answer.json()["field"]) == (403, "body")


def test_a_node_cannot_relay_a_call_to_another_node(nodes, quorum):
    """A node gets calls of every oracle; none of them is good at another node."""
    first, second = nodes
    content = canonical.dumps({"recordings": [1]})
    call = signed_call(quorum.signer(0), first.url, "POST", "/v1/held", content)
    headers = {name: call.headers[name] for name in call.headers if name.startswith("x-refrain")}
    relayed = httpx.post(f"{second.url}/v1/held", content=content, headers=headers)
    assert (relayed.status_code, relayed.json()["field"]) == (403, "X-Refrain-Signature")
    assert httpx.post(f"{first.url}/v1/held", content=content, headers=headers).status_code == 200


def test_a_strangers_body_is_not_read(node, quorum):
    """A stranger that announces 32 MB is answered before it sends a byte of them."""
    path = "/v1/checks"
    signer = CallSigner(STRANGER, quorum.domain)
    headers = signer.headers(node.url, "POST", path, b"x") | {"Content-Length": str(32 << 20)}
    lines = [f"POST {path} HTTP/1.1", "Host: node", *(f"{k}: {v}" for k, v in headers.items())]
    where = urlsplit(node.url)
    with socket.create_connection((where.hostname, where.port), timeout=5) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 403 ")


def test_no_answer_of_a_node_to_one_oracle_holds_audio_of_the_vault(node, quorum, made):
    """Whatever trace and audio one key sends, an answer is small numbers or a problem."""
    _, ordered, trace, wave, _ = made
    client = quorum.signer(2)
    silent = wave[: HEADER.size] + bytes(len(wave) - HEADER.size)
    plain = json.loads(trace)
    for edit in plain["edits"]:
        edit["gain"] = 2**24
    loud = canonical.dumps(plain)
    for parts in ((trace, wave), (trace, silent), (loud, silent), (b"{}", wave), (trace, b"")):
        content, kind = check_form(ordered, *parts)
        answer = sent(
            signed_call(client, node.url, "POST", "/v1/checks", content, [("Content-Type", kind)])
        )
        assert len(answer.content) < 400
        if answer.status_code == 200:
            assert check_from(answer.json()).to_json() == answer.json()
        else:
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.status_code == 422
