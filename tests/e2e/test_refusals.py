"""The oracle refuses what is not permitted, with a reason, before anything is made or paid."""

import time

import httpx
import pytest

from oracle.client.artist import Song
from oracle.domain.order import Order
from scripts.demo.story import wait_closed
from scripts.stack.registration import artist_of

from .world import body_of

pytestmark = pytest.mark.e2e


def signed_body(world, request):
    """An order that an app signs without a quote."""
    now = world.app._wallet.rpc.block().timestamp
    number = 1_000 + len(world.app.address) + int(time.time()) % 1_000
    order = Order(world.app.address, number, request.digest(), 10_000_000, 1, 5, 0, now + 3_600)
    return body_of(request, order, world.app.sign(order))


def refused(world, request):
    """Posts the order, checks that it changed nothing, and returns the refusals."""
    escrow, body = world.app.escrow(), signed_body(world, request)
    answer = httpx.post(f"{world.api}/v1/generations", json=body, timeout=30, trust_env=False)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert world.app.escrow() == escrow
    quote = world.app.quote(request)
    assert (quote["permitted"], quote["typed_data"]) == (False, None)
    assert [r["reason"] for r in quote["refusals"]] == [
        r["reason"] for r in answer.json()["refusals"]
    ]
    return [(r["recording"], r["reason"]) for r in answer.json()["refusals"]]


def test_an_unknown_recording_is_refused(world, request_of):
    request = request_of((1_000_000,), recordings=[4_000_000_000])
    assert refused(world, request) == [(4_000_000_000, "unknown")]


def test_a_use_without_licence_is_refused(world, request_of):
    number = world.only_personal().recording
    request = request_of((1_000_000,), recordings=[number])
    assert refused(world, request) == [(number, "unpermitted")]


def register_another(world, **terms):
    """Registers the file of the first offer again with other terms; artist and recording id."""
    offer = world.chosen[0].offer
    artist = artist_of(world.stack, offer.owner)
    song = Song(offer.path, offer.title + ", again", offer.artist, **terms)
    return artist, artist.register([song])[0]


def test_an_expired_consent_is_refused(world, request_of):
    now = world.app._wallet.rpc.block().timestamp
    _, number = register_another(world, consent_until=now + 5)
    while world.app._wallet.rpc.block().timestamp < now + 8:
        time.sleep(0.2)
    wait_closed(world.stack)
    assert refused(world, request_of((1_000_000,), recordings=[number])) == [(number, "expired")]


def test_a_revoked_consent_is_refused(world, request_of):
    artist, number = register_another(world)
    artist.revoke(number)
    wait_closed(world.stack)
    assert refused(world, request_of((1_000_000,), recordings=[number])) == [(number, "revoked")]


def test_one_refused_recording_refuses_the_whole_request(world, request_of):
    good, bad = world.chosen[0].recording, world.only_personal().recording
    request = request_of((500_000, 500_000), recordings=[good, bad])
    assert refused(world, request) == [(bad, "unpermitted")]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"references": [{"recording": 1, "weight": 999_999}]}, "request.references"),
        ({"references": [{"recording": 1, "weight": -1}]}, "weight"),
        ({"references": [{"recording": 1, "weight": 1.0}]}, "body"),  # JSON with a fraction
        ({"references": [{"recording": n, "weight": 100} for n in range(1, 10_001)]}, "references"),
        ({"prompt": "a private address"}, "prompt"),
        ({"prompt_commitment": ""}, "prompt_commitment"),
        ({"length": 10**9}, "length"),
        ({"unknown": 1}, "unknown"),
    ],
)
def test_the_answer_to_a_malformed_request_names_the_field(world, request_of, change, field):
    body = {"request": request_of().to_json() | change, "payer": world.app.address}
    answer = httpx.post(f"{world.api}/v1/quotes", json=body, timeout=30, trust_env=False)
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert field in answer.json().get("field", "") or answer.status_code == 413


@pytest.mark.parametrize("text", ['{"request": NaN}', '{"a":1,"a":2}', "{", "[]", '{"n":1e400}'])
def test_malformed_json_is_refused(world, text):
    answer = httpx.post(f"{world.api}/v1/quotes", content=text, timeout=30, trust_env=False,
                        headers={"Content-Type": "application/json"})
    assert 400 <= answer.status_code < 500
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_20_mb_body_is_refused_without_being_read_whole(world):
    answer = httpx.post(f"{world.api}/v1/quotes", content=b" " * 20_000_000, timeout=30,
                        headers={"Content-Type": "application/json"}, trust_env=False)
    assert answer.status_code == 413
