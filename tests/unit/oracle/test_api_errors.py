"""HTTP problems: every error has a status and keeps the title by which clients know it."""

import json

import pytest

from oracle.api import errors
from oracle.api.patterns import IN_WORDS
from oracle.domain.consent import Refusal
from oracle.domain.errors import (
    Conflict,
    Inconsistent,
    InvalidInput,
    NotFound,
    RefrainError,
    Refused,
    Unauthorised,
    Unavailable,
    WrongBytes,
)
from tests.support.oracle_api import Idle, client_of, problem
from tests.support.trio import make_trio


def kinds(base=RefrainError):
    for kind in base.__subclasses__():
        if kind.__module__ == "oracle.domain.errors":
            yield kind
            yield from kinds(kind)


def body(answer):
    return json.loads(answer.body)


@pytest.mark.parametrize("kind", sorted(set(kinds()), key=lambda kind: kind.__name__))
def test_an_error_keeps_its_name(kind):
    answer = errors.problem_of(kind("it is so", field="a.b", value=5))
    assert body(answer) == {
        "type": "urn:refrain:" + kind.title.lower().replace(" ", "-"), "title": kind.title,
        "status": answer.status_code, "detail": "it is so", "field": "a.b", "value": "5",
    }  # fmt: skip
    assert answer.media_type == "application/problem+json"


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (errors.Malformed, 400), (Unauthorised, 401), (NotFound, 404), (errors.TooSlow, 408),
        (Conflict, 409), (errors.TooLarge, 413), (errors.WrongMedia, 415), (InvalidInput, 422),
        (WrongBytes, 422), (Refused, 422), (Inconsistent, 500), (Unavailable, 503),
    ],
)  # fmt: skip
def test_an_error_has_its_status(kind, status):
    assert errors.problem_of(kind("x")).status_code == status


def test_refusals_are_listed():
    refusal = Refusal(7, "revoked", "at 5")
    found = body(errors.problem_of(Refused("no", refusals=(refusal,))))
    assert found["refusals"] == [{"recording": 7, "reason": "revoked", "detail": "at 5"}]


@pytest.mark.parametrize(
    ("place", "path"),
    [
        (("body", "request", "references", 1, "weight"), "request.references[1].weight"),
        (("query", "limit"), "limit"),
        (("header", "Idempotency-Key"), "Idempotency-Key"),
        (("body",), "body"),
    ],
)
def test_the_path_of_a_field_has_dots_and_brackets(place, path):
    assert errors.path_of(place) == path


def patterns_in(value):
    if isinstance(value, dict):
        if isinstance(value.get("pattern"), str):
            yield value["pattern"]
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from patterns_in(each)


def test_every_form_that_a_request_must_have_has_words(tmp_path):
    with client_of(make_trio(tmp_path), Idle()) as api:
        document = api.get("/openapi.json").json()
    assert set(patterns_in(document)) == set(IN_WORDS)


SIGNED = {"order": {
    "payer": "0x" + "11" * 20, "nonce": "0", "request": "0x" + "22" * 32, "maxPrice": "1",
    "tier": "1", "use": "5", "rule": "0", "deadline": "1",
}, "signature": "0x" + "33" * 65}  # fmt: skip


@pytest.mark.parametrize(("place", "sent", "words"), [
    ("signature", "33" * 65, "must be a signature of 65 or 64 bytes: 0x and 130 or 128 hex digits"),
    ("order.payer", "11" * 20, "must be an address: 0x and 40 hex digits"),
    ("order.request", "0x22", "must be 32 bytes: 0x and 64 lower-case hex digits"),
    ("order.nonce", "01",
     "must be a whole number in a string, at most 78 digits, no sign, no leading zeros"),
])  # fmt: skip
def test_a_text_of_a_wrong_form_is_answered_in_words(tmp_path, place, sent, words):
    body = json.loads(json.dumps(SIGNED))
    inner = body["order"] if "." in place else body
    inner[place.rpartition(".")[2]] = sent
    with client_of(make_trio(tmp_path), Idle()) as api:
        found = problem(api.post("/v1/upgrades", json=body), 422)
    assert (found["field"], found["value"]) == (place, sent[:120])
    assert found["detail"] == words


def test_an_id_of_a_wrong_form_is_answered_in_words(tmp_path):
    with client_of(make_trio(tmp_path), Idle()) as api:
        found = problem(api.get("/v1/generations/7"), 422)
    assert (found["field"], found["value"]) == ("generation", "7")
    assert found["detail"] == "must be 32 bytes: 0x and 64 lower-case hex digits"
