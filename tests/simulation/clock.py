"""The time of a simulation: it moves only when the simulation says so."""

from __future__ import annotations

from tests.support.samples import NOW


class SimulatedClock:
    """The true time, by which blocks and calls come; implements ports.Clock."""

    def __init__(self, now: int = NOW) -> None:
        self._now = now

    def now(self) -> int:
        return self._now

    def pass_time(self, seconds: int) -> None:
        self._now += seconds

    def sleep(self, seconds: float) -> None:
        raise RuntimeError("a step of an oracle sleeps; it should return and be called again")


class OwnClock:
    """The clock of one oracle or node, which may be wrong; implements ports.Clock.

    Args:
        ahead: seconds by which it is ahead of the true time; negative behind it.
    """

    def __init__(self, true: SimulatedClock) -> None:
        self._true = true
        self.ahead = 0

    def now(self) -> int:
        return self._true.now() + self.ahead

    def sleep(self, seconds: float) -> None:
        self._true.sleep(seconds)
