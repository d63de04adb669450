"""Runs the same calls on the reference and the contracts, and compares all views."""

from __future__ import annotations

import re
from copy import deepcopy
from typing import Any

from scripts.solidity.anvil import LocalChain
from scripts.solidity.ledger_fixture import DAY, MAX_LAG, MILLION, WINDOW
from tests.model.contracts import SETS, Contracts
from tests.model.reference_ledger import Fixed
from tests.model.reference_parts import OracleSet, Refused
from tests.model.reference_views import LEDGER, WholeReference

START = (2_000_000_000 // WINDOW) * WINDOW + 3 * DAY
"""Always the same place in an epoch, so that an example found once is found again."""

PURSE = 10**12
SHARES = [333_333, 333_333, 333_334]

ADMIN, GUARDIAN, FUNDER, COURT = 0, 1, 2, 15
PAYERS, OWNERS, NODES = (4, 5), (6, 7, 8), (9, 10, 11)
PROTOCOL, POOL, HOLDERS = (12, 9), (13, 6), (7, 14, 3)


class Pair:
    """Each call is in its own block, at least one second after the previous one."""

    def __init__(self, contracts: Contracts, model: WholeReference, actors: list[str]) -> None:
        self.contracts, self.model, self.actors = contracts, model, actors
        self.clock = START

    def copy(self) -> Pair:
        made = Pair(self.contracts, deepcopy(self.model), self.actors)
        made.clock = self.clock
        return made

    def do(self, name: str, sender: int, *arguments: Any) -> str:
        """The result of a call on both sides: "done" or the name of an error."""
        self.clock += 1
        refused = self.contracts.perform(name, self.actors[sender], arguments, self.clock)
        reasons = self._reasons(name, self.actors[sender], arguments)
        same = refused in reasons if reasons else refused is None
        assert same, f"{name}{arguments}: the chain said {refused}, the reference {reasons}"
        self.compare()
        return refused or "done"

    def wait(self, seconds: int) -> None:
        self.clock += max(seconds, 1)
        self.contracts.wait(self.clock)
        self.compare()

    def compare(self) -> None:
        """Compares all views of both sides, and the sum of all money."""
        asked = self._asked()
        time, *seen = self.contracts.see(asked)
        assert time == self.clock
        expected = [self.model.view(self.clock, name, *given) for name, given in asked]
        differ = [
            f"{name}{given}: {chain} on chain, {plain} by the reference"
            for (name, given), chain, plain in zip(asked, seen, expected, strict=True)
            if chain != plain
        ]
        assert not differ, "\n".join(differ)
        assert self.model.owed() == self.model.held

    def _reasons(self, name: str, sender: str, arguments: Any) -> set[str]:
        kept = deepcopy(self.model)
        method = getattr(self.model, re.sub("([A-Z])", r"_\1", name).lower())
        try:
            method(self.clock, sender, *arguments)
        except Refused as refused:
            self.model = kept
            return refused.reasons
        return set()

    def _asked(self) -> list[tuple[str, tuple[Any, ...]]]:
        payers = [self.actors[number] for number in PAYERS]
        nodes = [self.actors[number] for number in sorted({*NODES, *PROTOCOL})]
        found: list[tuple[str, tuple[Any, ...]]] = [("paused", ())]
        found += [("recordings", (n,)) for n in range(len(self.model.recordings) + 1)]
        found += [(name, (p,)) for p in payers for name in ("accounts", "exitTime")]
        found += [("isNonceUsed", (p, n)) for p in payers for n in self._nonces(p)]
        views = ("nodeBalance", "nodeDisputable", "nodeSpent", "isNodeAllowed")
        found += [(name, (node,)) for node in nodes for name in views]
        found += [(name, (who,)) for who in self.actors for name in ("parked", "balanceOf")]
        found += [("sets", (name,)) for name in SETS]
        found += [("frozen", (given,)) for given in self.model.frozen]
        return [*found, ("balanceOf", (LEDGER,))]

    def _nonces(self, payer: str) -> list[int]:
        following = self.model.accounts[payer].next_nonce
        return [n for n in (following - 65, following - 64, following - 1, following) if n >= 0]


def opened(chain: LocalChain, actors: list[str], keys: list[str]) -> Contracts:
    """The contracts on a new chain, with money and allowance for the funder."""
    contracts = Contracts(chain, actors[COURT], {actors[number]: keys[number] for number in PAYERS})
    token, ledger = contracts.fixture.token, contracts.fixture.ledger.address
    contracts.fixture.send(token.functions.mint(actors[FUNDER], PURSE))
    contracts.fixture.send(token.functions.approve(ledger, PURSE), actors[FUNDER])
    rows = ([actors[number] for number in HOLDERS], SHARES)
    contracts.fixture.send(contracts.fixture.splits.functions.create(*rows))
    contracts.wait(START)
    return contracts


def prepared(contracts: Contracts, actors: list[str], kind: type[WholeReference]) -> Pair:
    """Reference and contracts with two sets, two nodes, two funded payers and five recordings."""
    pair = Pair(contracts, _reference(contracts, actors, kind), actors)
    for node in NODES[:2]:
        pair.do("allowNode", ADMIN, actors[node], True)
    for payer in PAYERS:
        pair.do("fund", FUNDER, actors[payer], 30 * MILLION)
    pair.do("proposeSet", ADMIN, 1, 100, 500, START + 90 * DAY, 6 * MILLION)
    pair.wait(2 * DAY)
    pair.do("activateSet", FUNDER, 1)
    always = (0, 2**32 - 1)
    for owner, split, uses, share in (
        (6, 0, 15, 10_000), (6, 0, 15, 10_000), (7, 0, 7, 10_000), (8, 1, 15, 10_000),
        (7, 0, 15, 5_000),
    ):  # fmt: skip
        pair.do("registerBatch", owner, split, *always, uses, share)
    return pair


def _reference(
    contracts: Contracts, actors: list[str], kind: type[WholeReference]
) -> WholeReference:
    holders = [actors[number] for number in HOLDERS]
    fixed = Fixed(
        actors[ADMIN], actors[GUARDIAN], actors[COURT], MAX_LAG, WINDOW,
        {1: list(zip(holders, SHARES, strict=True))},
        {name: threshold for name, (threshold, _) in SETS.items()},
    )  # fmt: skip
    model = kind(fixed)
    _, (_, _, fee, node_cap, until, start, cap) = contracts.see([("sets", (0,))])
    model.sets[0] = OracleSet(fee, node_cap, until, start, cap, "active", True)
    model.balances[actors[FUNDER]] = PURSE
    return model
