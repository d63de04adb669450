"""Request bodies: read whole, within a size and a time, before a route sees them."""

import asyncio
import json

import pytest

from oracle.api.limits import BodyLimit


async def echo(scope, receive, send):
    """Answers with the body it can read."""
    data, more = b"", True
    while more:
        message = await receive()
        data += message.get("body", b"")
        more = message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": data})


def call(messages, headers=(), largest=10, seconds=5.0):
    """The status and body of the answer to a request of these messages that then hangs."""
    waiting, sent = list(messages), []

    async def receive():
        if not waiting:
            await asyncio.Event().wait()
        return waiting.pop(0)

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "headers": list(headers), "method": "POST", "path": "/"}
    asyncio.run(BodyLimit(echo, largest, seconds)(scope, receive, send))
    return sent[0]["status"], b"".join(m.get("body", b"") for m in sent)


def part(data, more=False):
    return {"type": "http.request", "body": data, "more_body": more}


@pytest.mark.parametrize("messages", [[part(b"")], [part(b"0123456789")]])
def test_a_short_body_is_accepted(messages):
    assert call(messages) == (200, messages[0]["body"])


def test_a_body_in_parts_arrives_whole():
    assert call([part(b"01", True), part(b"", True), part(b"23")]) == (200, b"0123")


@pytest.mark.parametrize(
    ("messages", "headers"),
    [
        ([part(b"0123456789x")], []),
        ([part(b"01234", True), part(b"567890", True)], []),
        ([], [(b"content-length", b"11")]),
        ([], [(b"content-length", b"abc")]),
        ([], [(b"content-length", b"")]),
        ([], [(b"content-length", b"5"), (b"content-length", b"11")]),
    ],
)
def test_a_long_body_is_refused_early(messages, headers):
    status, body = call(messages, headers)
    assert status == 413
    assert json.loads(body)["title"] == "Too large"


def test_a_body_that_never_ends_is_refused():
    status, body = call([part(b"0", True)], seconds=0.01)
    assert status == 408
    assert json.loads(body)["title"] == "Too slow"


def test_other_scopes_are_passed_on():
    seen = []

    async def app(scope, receive, send):
        seen.append(scope["type"])

    asyncio.run(BodyLimit(app)({"type": "lifespan"}, None, None))
    assert seen == ["lifespan"]
