"""Load is shed: some requests run, some wait, the rest are refused at once."""

import asyncio

import pytest

from oracle.api.errors import problem_of
from oracle.domain.errors import Unavailable
from oracle.http.shedding import Shedding
from oracle.http.turns import Turns

GET = {"type": "http", "method": "GET", "path": "/"}


class Slow:
    """An application that answers when it is told to."""

    def __init__(self):
        self.begun, self.most = 0, 0
        self.go = asyncio.Event()

    async def __call__(self, scope, receive, send):
        self.begun += 1
        self.most = max(self.most, self.begun)
        await self.go.wait()
        self.begun -= 1
        await send({"type": "http.response.start", "status": 200, "headers": []})


async def asked(app, scope=GET):
    """The status and the headers of the answer."""
    sent = []

    async def send(message):
        sent.append(message)

    await app(scope, None, send)
    return sent[0]["status"], dict(sent[0]["headers"])


async def many(app, count):
    tasks = [asyncio.create_task(asked(app)) for _ in range(count)]
    await asyncio.sleep(0)
    return tasks


def test_what_neither_runs_nor_waits_is_refused_at_once():
    async def scene():
        slow, turns = Slow(), Turns("quotes", 2, 3)
        app = Shedding(slow, lambda scope: [(turns, "")], problem_of)
        tasks = await many(app, 9)
        refused = [await task for task in tasks[5:]]
        assert [status for status, _ in refused] == [503] * 4
        assert all(int(headers[b"retry-after"]) > 0 for _, headers in refused)
        slow.go.set()
        assert [(await task)[0] for task in tasks[:5]] == [200] * 5
        assert slow.most == 2
        assert (await asked(app))[0] == 200
        assert turns._lines == {}

    asyncio.run(scene())


def test_each_key_has_its_own_turns():
    async def scene():
        turns = Turns("answers", 1, 0)
        async with turns.turn("one"), turns.turn("two"):
            with pytest.raises(Unavailable, match="too many answers wait"):
                await turns.turn("one").__aenter__()

    asyncio.run(scene())


def test_what_needs_no_turn_never_waits():
    async def scene():
        slow, turns = Slow(), Turns("quotes", 1, 0)

        def needed(scope):
            return [(turns, "")] if scope["path"] == "/" else []

        app = Shedding(slow, needed, problem_of)
        tasks = await many(app, 2)
        assert (await tasks[1])[0] == 503
        slow.go.set()
        assert (await asked(app, GET | {"path": "/health"}))[0] == 200
        await tasks[0]

    asyncio.run(scene())


def test_an_error_of_the_application_is_not_taken_for_a_refusal():
    async def broken(scope, receive, send):
        raise Unavailable("of the application")

    async def scene():
        turns = Turns("quotes", 1, 0)
        app = Shedding(broken, lambda scope: [(turns, "")], problem_of)
        for _ in range(2):
            with pytest.raises(Unavailable, match="of the application"):
                await asked(app)

    asyncio.run(scene())


def test_the_turns_that_were_taken_are_given_back_when_a_later_one_is_refused():
    async def scene():
        one, two = Turns("one", 1, 0), Turns("two", 1, 0)
        app = Shedding(Slow(), lambda scope: [(one, ""), (two, "")], problem_of)
        async with two.turn():
            assert (await asked(app))[0] == 503
        assert one._lines == {}

    asyncio.run(scene())


def test_the_life_of_the_application_needs_no_turn():
    seen = []

    async def app(scope, receive, send):
        seen.append(scope["type"])

    asyncio.run(Shedding(app, lambda scope: 1 / 0, problem_of)({"type": "lifespan"}, None, None))
    assert seen == ["lifespan"]
