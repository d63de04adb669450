"""The rest of the state machine: pause, receivers, nodes, oracle sets and time."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from scripts.solidity.ledger_fixture import DAY, MAX_LAG, MILLION, WINDOW
from tests.model.machine import SPANS, LedgerMachine, some
from tests.model.pair import ADMIN, FUNDER, GUARDIAN, NODES, PAYERS, POOL, PROTOCOL


class WholeMachine(LedgerMachine):
    """All calls of the ledger."""

    @rule(by=some((GUARDIAN, GUARDIAN, ADMIN, FUNDER)))
    def stop_or_go(self, by: int) -> None:
        self.do("unpause" if self.pair.model.paused and by != FUNDER else "pause", by)

    @precondition(lambda self: self.pair.model.paused)
    @rule()
    def go_on(self) -> None:
        self.do("unpause", ADMIN)

    @rule(by=some((ADMIN, GUARDIAN)), protocol=some(PROTOCOL), pool=some(POOL))
    def set_receivers(self, by: int, protocol: int, pool: int) -> None:
        self.do("setReceivers", by, self.who(protocol), self.who(pool))

    @rule(by=some((ADMIN, ADMIN, FUNDER)), node=some(NODES), allowed=some((True, True, False)))
    def allow_node(self, by: int, node: int, allowed: bool) -> None:
        self.do("allowNode", by, self.who(node), allowed)

    def _propose(self, data: Any, by: int, name: int, days: int) -> None:
        fee, node_cap = data.draw(some((100, 100, 4_500))), data.draw(some((500, 1_000)))
        cap = data.draw(some((3, 10**6))) * MILLION
        until = self.pair.clock + 1 + days * DAY
        self.do("proposeSet", by, name, fee, node_cap, until, cap)

    @rule(data=st.data(), wait=some((DAY, 2 * DAY - 2, 2 * DAY - 1, WINDOW)))
    def rotate(self, data: Any, wait: int) -> None:
        name = data.draw(some((1, 2)))
        if data.draw(st.booleans()):
            self.do("removeSet", GUARDIAN, name)
        self._propose(data, ADMIN, name, 60)
        self.pair.wait(wait)
        self.do("activateSet", FUNDER, name)

    @rule(data=st.data(), by=some((ADMIN, GUARDIAN, FUNDER)), name=some((0, 1, 2)))
    def change_a_set(self, data: Any, by: int, name: int) -> None:
        match data.draw(some(("activateSet", "removeSet", "proposeSet"))):
            case "proposeSet":
                self._propose(data, by, name, data.draw(some((1, 2, 60))))
            case call:
                self.do(call, by, name)

    # Time: moves to moments at which something changes; the next call comes a second later.

    @rule(seconds=some(SPANS))
    def wait(self, seconds: int) -> None:
        self.pair.wait(seconds)

    @rule(before=some((1, 2)))
    def wait_for_the_next_epoch(self, before: int) -> None:
        self._wait_until((self.pair.clock // WINDOW + 1) * WINDOW - before)

    @precondition(lambda self: self.tried)
    @rule(data=st.data(), after=some((MAX_LAG, WINDOW)), before=some((0, 1, 2)))
    def wait_for_the_end(self, data: Any, after: int, before: int) -> None:
        self._wait_until(data.draw(some(self.tried)).made + after - before)

    @rule(payer=some(PAYERS), after=some((0, 0, WINDOW)), before=some((1, 2)))
    def wait_to_leave(self, payer: int, after: int, before: int) -> None:
        leaves = self.pair.model.accounts[self.who(payer)].leaves
        self._wait_until((leaves or 0) + after - before)

    def _wait_until(self, time: int) -> None:
        if time > self.pair.clock:
            self.pair.wait(time - self.pair.clock)
