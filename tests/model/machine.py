"""A Hypothesis state machine of the calls to a ledger, in any order."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from scripts.solidity.ledger_fixture import DAY, MAX_LAG, MILLION, WINDOW, even_weights
from tests.model.pair import (
    ADMIN,
    COURT,
    FUNDER,
    HOLDERS,
    NODES,
    OWNERS,
    PAYERS,
    POOL,
    PROTOCOL,
    Pair,
)
from tests.model.reference_parts import NONCES, Settlement


def some(values: Any) -> Any:
    return st.sampled_from(list(values))


PRICES = (0, 1, 999_999, 1_234_567, 2 * MILLION)
LAGS = (0, 1, 3_600, DAY, MAX_LAG)
SKIPS = (0, 0, 0, 0, 1, 3, 63, 70, -1, -2, -64, -65)
SPANS = (1, 3_600, DAY, MAX_LAG, 3 * DAY, WINDOW, 2 * WINDOW, 6 * WINDOW)
ENTRIES = st.sets(st.integers(0, 6), min_size=1, max_size=4)
SOUND = st.tuples(
    some(PRICES[1:]), st.sets(st.integers(0, 5), min_size=2, max_size=4), some(PAYERS),
    some(NODES[:2]),
)  # fmt: skip
PAYEES = sorted({*PAYERS, *OWNERS, *NODES, *PROTOCOL, *POOL, *HOLDERS})

# Faults of a settlement: fields to replace, computed from a valid one and the time.
FAULTS: dict[str, Any] = {
    "price above max": lambda s, now: {"max_price": s.price - 1} if s.price else {"signed": False},
    "too late": lambda s, now: {"made": now - MAX_LAG - 1},
    "from the future": lambda s, now: {"made": now + 1, "deadline": now + DAY},
    "deadline": lambda s, now: {"deadline": s.made - 1},
    "unsigned": lambda s, now: {"signed": False},
    "one oracle": lambda s, now: {"signatures": 1},
    "weights": lambda s, now: {"entries": (*s.entries, (9, 1))},
    "order": lambda s, now: {"entries": ((2, MILLION // 2), (1, MILLION // 2))},
    "repeated": lambda s, now: {"entries": ((1, MILLION // 2), (1, MILLION // 2))},
    "no weight": lambda s, now: {"entries": ((1, 0), (2, MILLION))},
    "nobody": lambda s, now: {"entries": ()},
    "node fee": lambda s, now: {"node_fee": s.price * 1_000 // 10_000 + 1},
    "use": lambda s, now: {"use": 0},
    "uses": lambda s, now: {"use": 16},
    "nonce": lambda s, now: {"nonce": NONCES},
    "again": lambda s, now: {"nonce": max(s.nonce - 1, 0)},
    "much": lambda s, now: {"price": 2**48, "max_price": 2**60, "node_fee": 0},
}


class LedgerMachine(RuleBasedStateMachine):
    """Each rule is one call, or passes time."""

    def __init__(self, start: Pair, tally: Counter[tuple[str, str]]) -> None:
        super().__init__()
        self.pair, self.tally = start.copy(), tally
        self.tried: list[Settlement] = []

    def do(self, name: str, sender: int, *arguments: Any) -> None:
        self.tally[name, self.pair.do(name, sender, *arguments)] += 1

    def who(self, number: int) -> str:
        return self.pair.actors[number]

    @initialize(receivers=st.booleans(), first=st.lists(SOUND, max_size=5))
    def begin(self, receivers: bool, first: list[Any]) -> None:
        if receivers:
            self.do("setReceivers", ADMIN, self.who(PROTOCOL[0]), self.who(POOL[0]))
        for given in first:
            self._settle_soundly(*given)

    # Settling and disputes.

    def _settle(self, given: Settlement) -> None:
        self.tried.append(given)
        self.do("settle", FUNDER, given)

    def _sound(self, data: Any, lag: int, skip: int) -> Settlement:
        now = self.pair.clock + 1
        payer, price = self.who(data.draw(some(PAYERS))), data.draw(some(PRICES))
        nonce = max(self.pair.model.accounts[payer].next_nonce + skip, 0)
        weights = even_weights(sorted(data.draw(ENTRIES)))
        fee = price * data.draw(some((0, 500, 500, 1_000))) // 10_000
        return Settlement(
            payer, nonce, max_price=2 * MILLION, use=data.draw(some((1, 5, 8))),
            deadline=now + DAY, set=data.draw(some((0, 0, 1, 1, 2))), price=price,
            node=self.who(data.draw(some((*NODES[:2], *NODES)))), node_fee=fee, made=now - lag,
            entries=tuple(weights.items()),
        )  # fmt: skip

    @rule(data=st.data(), lag=some(LAGS), skip=some(SKIPS))
    def settle(self, data: Any, lag: int, skip: int) -> None:
        self._settle(self._sound(data, lag, skip))

    @rule(given=SOUND)
    def settle_soundly(self, given: Any) -> None:
        self._settle_soundly(*given)

    @rule(given=SOUND)
    def settle_twice(self, given: Any) -> None:
        """Settles one order twice; the second call is refused, at least for its nonce."""
        self._settle_soundly(*given)
        self._settle(self.tried[-1])

    @rule(given=SOUND, seconds=some(SPANS))
    def settle_and_wait(self, given: Any, seconds: int) -> None:
        self._settle_soundly(*given)
        self.pair.wait(seconds)

    @rule(given=SOUND, seconds=some((*SPANS[:5], WINDOW - 3)), back=st.booleans())
    def settle_and_dispute(self, given: Any, seconds: int, back: bool) -> None:
        self._settle_soundly(*given)
        self.pair.wait(seconds)
        self.do("freeze", COURT, self.tried[-1])
        self.do("release", COURT, self.tried[-1], back)

    def _settle_soundly(self, price: int, entries: set[int], payer: int, node: int) -> None:
        now, who = self.pair.clock + 1, self.who(payer)
        nonce = self.pair.model.accounts[who].next_nonce
        parts = tuple(even_weights(sorted(entries)).items())
        ordered = (who, nonce, price, 1, now, 0)
        self._settle(Settlement(*ordered, price, self.who(node), price // 20, now - 1, parts))

    @rule(data=st.data(), fault=some(FAULTS))
    def settle_wrongly(self, data: Any, fault: str) -> None:
        sound = self._sound(data, 0, 0)
        self._settle(replace(sound, **FAULTS[fault](sound, self.pair.clock + 1)))

    @precondition(lambda self: self.tried)
    @rule(data=st.data(), by=some((COURT, COURT, COURT, FUNDER)))
    def freeze(self, data: Any, by: int) -> None:
        self.do("freeze", by, data.draw(some(self.tried[-5:])))

    @precondition(lambda self: self.pair.model.frozen)
    @rule(data=st.data(), back=st.booleans(), by=some((COURT, COURT, COURT, ADMIN)))
    def release(self, data: Any, back: bool, by: int) -> None:
        self.do("release", by, data.draw(some(self.pair.model.frozen)), back)

    # Money in and out.

    @rule(payer=some(PAYERS), amount=some((0, 1, 5 * MILLION)))
    def fund(self, payer: int, amount: int) -> None:
        self.do("fund", FUNDER, self.who(payer), amount)

    @rule(payer=some(PAYERS), seconds=some((*[3 * DAY - 1] * 3, 3 * DAY - 2, 10 * DAY - 1)))
    def leave(self, payer: int, seconds: int) -> None:
        self.do("requestExit", payer)
        self.pair.wait(seconds)
        self.do("exit", payer)

    @rule(name=some(("requestExit", "cancelExit", "exit")), payer=some(PAYERS))
    def leave_or_stay(self, name: str, payer: int) -> None:
        self.do(name, payer)

    @rule(number=st.integers(0, 8))
    def withdraw(self, number: int) -> None:
        self.do("withdraw", FUNDER, number)

    @rule(numbers=st.lists(st.integers(0, 8), max_size=6))
    def withdraw_many(self, numbers: list[int]) -> None:
        self.do("withdrawMany", FUNDER, numbers)

    @rule(node=some({*NODES, *PROTOCOL}))
    def withdraw_node(self, node: int) -> None:
        self.do("withdrawNode", FUNDER, self.who(node))

    @rule(payers=st.lists(some(PAYERS), max_size=3))
    def sweep(self, payers: list[int]) -> None:
        self.do("sweep", FUNDER, [self.who(payer) for payer in payers])

    @rule(numbers=st.lists(st.integers(0, 6), max_size=3), each=some((0, 1, 70_000)))
    def reward(self, numbers: list[int], each: int) -> None:
        self.do("reward", FUNDER, numbers, each)

    @rule(who=some(PAYEES), refused=st.booleans())
    def block(self, who: int, refused: bool) -> None:
        self.do("block_", ADMIN, self.who(who), 2 if refused else 0)

    @precondition(lambda self: +self.pair.model.parked)
    @rule(data=st.data(), to=some((None, *PAYEES)))
    def unpark(self, data: Any, to: int | None) -> None:
        payee = data.draw(some(+self.pair.model.parked))
        if to is None:
            self.do("withdrawFor", FUNDER, payee)
        else:
            self.do("withdrawTo", self.pair.actors.index(payee), self.who(to))

    # Recordings.

    def _consent(self, data: Any) -> tuple[int, ...]:
        now = self.pair.clock + 1
        begins = data.draw(some((0, 0, 0, now + DAY, now + WINDOW)))
        ends = data.draw(some((*[2**32 - 1] * 4, now, now + DAY)))
        share = data.draw(some((*[10_000] * 6, 3_333, 0, 10_001)))
        return begins, ends, data.draw(some((*[15] * 6, 1, 0, 16))), share

    @rule(data=st.data(), owner=some(OWNERS), split=some((0, 0, 0, 1, 2)))
    def register(self, data: Any, owner: int, split: int) -> None:
        if len(self.pair.model.recordings) < 8:
            self.do("registerBatch", owner, split, *self._consent(data))

    def _owner(self, number: int, other: int | None) -> int:
        found = self.pair.model.recordings.get(number)
        owned = other is None and found is not None and found.owner is not None
        return self.pair.actors.index(found.owner) if owned else other or FUNDER

    @rule(data=st.data(), number=st.integers(0, 6), other=some((None, None, *OWNERS)))
    def amend(self, data: Any, number: int, other: int | None) -> None:
        self.do("amend", self._owner(number, other), number, *self._consent(data))

    @rule(number=st.integers(0, 6), other=some((None, None, *OWNERS)))
    def revoke(self, number: int, other: int | None) -> None:
        self.do("revoke", self._owner(number, other), number)

    @rule(number=st.integers(0, 6), other=some((None, None, *OWNERS)), to=some(OWNERS),
          by=some((None, *OWNERS)), split=some((0, 1, 2)))
    def hand_over(
        self, number: int, other: int | None, to: int, by: int | None, split: int
    ) -> None:
        self.do("offer", self._owner(number, other), number, self.who(to))
        self.do("accept", by or to, number, split)

    @rule(number=st.integers(0, 6), other=some((None, *OWNERS)), split=some((0, 1, 2)))
    def assign(self, number: int, other: int | None, split: int) -> None:
        self.do("assign", self._owner(number, other), number, split)
