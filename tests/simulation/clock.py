"""The time of a simulation: it moves only when the simulation says so."""

from __future__ import annotations

from tests.support.samples import NOW


class SimulatedClock:
    """One clock for all oracles; implements ports.Clock."""

    def __init__(self, now: int = NOW) -> None:
        self._now = now

    def now(self) -> int:
        return self._now

    def pass_time(self, seconds: int) -> None:
        self._now += seconds

    def sleep(self, seconds: float) -> None:
        raise RuntimeError("a step of an oracle sleeps; it should return and be called again")
