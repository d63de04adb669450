"""Problems: every error of ours has a status, and keeps the name by which a client knows it."""

import json

import pytest

from oracle.api import errors
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
def test_a_place_is_written_as_people_do(place, path):
    assert errors.path_of(place) == path
