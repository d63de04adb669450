"""What every server of ours says when something is wrong, and how it bounds a body."""

import asyncio
import json
import logging

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request

from oracle.domain.errors import InvalidInput, NotFound, RefrainError
from oracle.http import body
from oracle.http.problems import Problems, TooLarge, TooSlow

PROBLEMS = Problems({NotFound: 404, RefrainError: 500}, {NotFound: {"X-Hint": "a"}}, "it broke")
REQUEST = Request({"type": "http", "method": "GET", "path": "/v1/x", "headers": []})


class Lost(NotFound):
    """A kind that no table names."""


def said(answer):
    return answer.status_code, json.loads(answer.body)


def test_an_unlisted_kind_has_the_status_and_headers_of_its_nearest_kind():
    answer = PROBLEMS.of(Lost("is lost", field="a", value=1))
    assert answer.headers["x-hint"] == "a"
    assert said(answer) == (404, {
        "type": "urn:refrain:not-found", "title": "Not found", "status": 404,
        "detail": "is lost", "field": "a", "value": "1",
    })  # fmt: skip


def test_half_a_surrogate_pair_can_be_repeated():
    assert said(PROBLEMS.of(RefrainError("x", value="\ud800")))[1]["value"] == "\ud800"


def test_a_wrong_method_keeps_the_header_that_names_the_right_ones():
    error = HTTPException(405, "Method Not Allowed", {"Allow": "GET"})
    answer = asyncio.run(PROBLEMS.on_http(REQUEST, error))
    assert answer.headers["allow"] == "GET"
    assert said(answer)[1]["title"] == "Method Not Allowed"


def test_an_unforeseen_error_goes_to_the_log_and_not_to_the_caller(caplog):
    with caplog.at_level(logging.ERROR):
        answer = asyncio.run(PROBLEMS.on_bug(REQUEST, KeyError("a secret")))
    status, problem = said(answer)
    assert (status, problem["detail"]) == (500, "it broke")
    assert "GET /v1/x" in caplog.text and "a secret" in caplog.text


@pytest.mark.parametrize("handler", [PROBLEMS.on_fault, PROBLEMS.on_http])
def test_a_handler_passes_on_what_is_not_its_own(handler):
    with pytest.raises(KeyError):
        asyncio.run(handler(REQUEST, KeyError("x")))


def read(messages, headers=(), most=10, seconds=5.0):
    """The body of a request that arrives as these messages, then hangs."""
    waiting = list(messages)

    async def receive():
        if not waiting:
            await asyncio.Event().wait()
        return waiting.pop(0)

    return asyncio.run(body.whole(receive, list(headers), most, seconds))


def part(data, more=True):
    return {"type": "http.request", "body": data, "more_body": more}


def test_a_body_is_its_parts_in_order():
    assert read([part(b"01"), part(b""), part(b"23"), part(b"", False)]) == b"0123"


def test_a_sender_who_leaves_is_no_end_of_a_body():
    with pytest.raises(InvalidInput, match="body: ends before it is complete"):
        read([part(b"01"), {"type": "http.disconnect"}])


@pytest.mark.parametrize("declared", [b"11", b"9" * 5_000, b"abc", b"-1", b""])
def test_a_declared_length_is_refused_unread(declared):
    with pytest.raises(TooLarge, match="must have at most 10 bytes"):
        read([], [(b"content-length", declared)])


def test_a_body_longer_than_declared_is_refused():
    with pytest.raises(TooLarge):
        read([part(b"01234"), part(b"567890")], [(b"content-length", b"5")])


def test_the_time_is_that_of_the_whole_body():
    with pytest.raises(TooSlow, match="must arrive within 0"):
        read([part(b"0")], seconds=0.05)
