"""Runs one seed: random events, then quiet, then the rules about the end."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tests.simulation.inline import threads_inline
from tests.simulation.invariants import Violation
from tests.simulation.memory_store import MemoryDisk
from tests.simulation.options import Options, options_of
from tests.simulation.remembered import pure_functions_remembered
from tests.simulation.script import Script
from tests.simulation.world import World

QUIET = ((300, 12), (900, 30), (6_000, 120))
"""Until so many seconds after the last fault, time passes in steps of so many seconds."""

PAUSES = (1, 1, 1, 1, 1, 2, 2, 5, 12, 40)
"""Seconds that pass at once while orders come. Most are short, so that orders reach late stages
before the faults are over."""

MOST_TURNS = 20_000
"""Pieces of activities without a second that passes."""


def run(
    seed: int, options: Options | None = None, disk: Callable[[], Any] = MemoryDisk
) -> World:
    """Runs a seed and returns the world at its end.

    Args:
        disk: makes the empty disk of an oracle; `TableDisk` has the real tables.

    Raises:
        Violation: a rule is broken; the message has the seed, the options and the events.
    """
    world = World(options or options_of(seed), random.Random(seed), disk)
    with _errors_noted(world), threads_inline(), pure_functions_remembered():
        try:
            _live(world, Script(world))
            _rest(world)
            world.invariants.at_end()
            world.invariants.check()
        except Violation as error:
            raise Violation(report(seed, world, error)) from None
        finally:
            world.close()
    return world


def report(seed: int, world: World, error: Violation) -> str:
    """What a person needs to see the same again."""
    events = "\n".join(f"{time - world.born:6} {text}" for time, text in world.log)
    return (f"{error}\n\nseed {seed}, {world.options}\n"
            f"again: python -m tests.simulation --seed {seed}\n\n{events}")  # fmt: skip


def _live(world: World, script: Script) -> None:
    """The time in which orders come and faults happen, spread over all steps."""
    dice = world.dice
    for left in range(world.options.steps, 0, -1):
        if dice.random() < len(script.events) / left:
            script.next()
            continue
        ready, due = world.scheduler.ready(), [o for o in world.oracles if o.due()]
        kinds = ["go on"] * 24 * bool(ready) + ["step"] * 16 * bool(due) + ["time"]
        kind = dice.choice(kinds)
        if kind == "go on":
            world.resume(dice.choice(ready))
        elif kind == "step":
            dice.choice(due).turn()
        else:
            world.pass_time(dice.choice(PAUSES))
        world.invariants.check()
    while script.events:
        script.next()


def _rest(world: World) -> None:
    """No more faults: every oracle that is not gone for ever works until all has ended."""
    world.heal()
    start = world.clock.now()
    for until, pace in QUIET:
        while world.clock.now() < start + until:
            _work(world)
            if world.at_rest() and not world.late:
                return
            if world.at_rest():
                world.late -= 1
                world.reorganise(world.dice.randint(1, 12))
            world.pass_time(pace)
            for each in world.living():
                each.tidy()
    world.invariants.at_end()
    raise Violation("every order ends: the oracles are still busy after a long quiet time")


def _work(world: World) -> None:
    for _ in range(MOST_TURNS):
        ready, due = world.scheduler.ready(), [o for o in world.oracles if o.due()]
        if not ready and not due:
            return
        if due:
            due[0].turn()
        else:
            world.resume(world.dice.choice(ready))
        world.invariants.check()
    raise Violation("every order ends: the oracles are never idle")


@contextmanager
def _errors_noted(world: World) -> Iterator[None]:
    """What the oracles log as an unexpected error breaks a rule."""

    class Notes(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.exc_info and record.exc_info[1]:
                world.invariants.unexpected(record.getMessage(), record.exc_info[1])

    logger, handler = logging.getLogger("oracle"), Notes(logging.ERROR)
    before = logger.propagate
    logger.addHandler(handler)
    logger.propagate = False
    try:
        yield
    finally:
        logger.propagate = before
        logger.removeHandler(handler)
