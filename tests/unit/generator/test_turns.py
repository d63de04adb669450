"""Turns: a few requests of each key run, a few wait, and the rest is refused at once."""

import asyncio

import pytest

from oracle.domain.errors import Unavailable
from oracle.http.turns import Turns


class Crowd:
    """Requests that hold their turn until `leave` is set."""

    def __init__(self, turns):
        self.turns, self.leave = turns, asyncio.Event()
        self.running, self.refused, self.tasks = [], [], []

    async def arrive(self, key):
        self.tasks.append(asyncio.create_task(self.stay(key)))
        await asyncio.sleep(0)

    async def stay(self, key):
        try:
            async with self.turns.turn(key):
                self.running.append(key)
                await self.leave.wait()
                self.running.remove(key)
        except Unavailable as error:
            self.refused.append((key, error.detail))


def test_each_key_has_turns_of_its_own():
    async def scene():
        crowd = Crowd(Turns("checks", 2, 3))
        for _ in range(7):
            await crowd.arrive("a")
        assert crowd.running == ["a", "a"]
        assert crowd.refused == [("a", "too many checks wait")] * 2
        await crowd.arrive("b")
        assert crowd.running == ["a", "a", "b"]
        crowd.leave.set()
        await asyncio.gather(*crowd.tasks)
        crowd.leave.clear()
        await crowd.arrive("a")
        assert crowd.running == ["a"] and len(crowd.refused) == 2
        crowd.leave.set()
        await asyncio.gather(*crowd.tasks)

    asyncio.run(scene())


def test_a_request_that_fails_gives_its_turn_back():
    async def scene():
        turns = Turns("uploads", 1, 0)
        for _ in range(3):
            with pytest.raises(ZeroDivisionError):
                async with turns.turn():
                    _ = 1 // 0
        async with turns.turn():
            with pytest.raises(Unavailable):
                async with turns.turn():
                    pass

    asyncio.run(scene())
