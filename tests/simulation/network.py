"""The network between oracles: calls that arrive late, twice, or not at all."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from oracle.domain.errors import RefrainError, Unavailable
from tests.simulation.clock import SimulatedClock
from tests.simulation.scheduler import Scheduler

FATES = ("lost", "unanswered", "late", "twice", "delayed")

DELAYS = (20, 60, 150)
"""Seconds until a delayed call arrives: its lease is over then, and often another one runs."""


@dataclass(frozen=True)
class Arrival:
    """What a call waits for that is on its way; as an activity, it is `done` at its time."""

    clock: SimulatedClock
    time: int

    @property
    def done(self) -> bool:
        return self.clock.now() >= self.time


@dataclass
class Network:
    """Delivers calls between oracles.

    Args:
        reach: the handlers of the second oracle for the first; None while it is dead.
        loss: part of the calls that meet one of `FATES`.
        lies: changes what a lying oracle sends and answers; see `liars`.
    """

    scheduler: Scheduler
    clock: SimulatedClock
    dice: random.Random
    reach: Callable[[int, int], Any]
    tell: Callable[[str], None]
    lies: Callable[[int, int, str, tuple[Any, ...]], tuple[Any, ...]]
    lied: Callable[[int, int, str, Any], Any]
    loss: float = 0.0
    cut: set[frozenset[int]] = field(default_factory=set)

    def call(self, source: int, target: int, method: str, args: tuple[Any, ...]) -> Any:
        """A call of one oracle at another one, as its client sees it."""
        args = self.lies(source, target, method, args)
        fate = self.dice.choice(FATES) if self.dice.random() < self.loss else "good"
        self.scheduler.pause()
        if frozenset((source, target)) in self.cut or fate == "lost":
            raise _silent(target)
        if fate == "late":
            self._start(source, target, method, args)
            raise _silent(target)
        if fate == "delayed":
            self._start(source, target, method, args).awaits = Arrival(
                self.clock, self.clock.now() + self.dice.choice(DELAYS)
            )
            raise _silent(target)
        if fate == "twice":
            self._start(source, target, method, args)
        answered = self._start(source, target, method, args)
        self.scheduler.wait_for(answered)
        if fate == "unanswered" or frozenset((source, target)) in self.cut:
            raise _silent(target)
        return self.lied(target, source, method, self._answer(target, answered))

    def _start(self, source: int, target: int, method: str, args: tuple[Any, ...]) -> Any:
        handlers = self.reach(source, target)
        if handlers is None:
            raise _silent(target)
        name = f"oracle {target} answers {method}"
        return self.scheduler.start(name, target, lambda: getattr(handlers, method)(*args))

    def _answer(self, target: int, answered: Any) -> Any:
        if answered.error is None:
            return answered.result
        if isinstance(answered.error, RefrainError):
            raise answered.error
        raise _silent(target)


class Link:
    """The client of one oracle for another one; implements ports.Peer."""

    def __init__(self, network: Network, source: int, target: int) -> None:
        self._network, self._source, self._target = network, source, target
        self.url = f"oracle-{target}"

    def __getattr__(self, method: str) -> Callable[..., Any]:
        if method.startswith("_"):
            raise AttributeError(method)
        return lambda *args: self._network.call(self._source, self._target, method, args)


def _silent(target: int) -> Unavailable:
    return Unavailable("the other oracle did not answer", field=f"oracle-{target}")
