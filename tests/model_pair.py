"""The reference and the contracts side by side: the same calls, and what is seen afterwards."""

from __future__ import annotations

import re
from copy import deepcopy
from typing import Any

from scripts.chain import LocalChain
from scripts.rig import DAY, MAX_LAG, MILLION, WINDOW
from tests.model_world import SETS, World
from tests.reference_ledger import Fixed
from tests.reference_parts import OracleSet, Refused
from tests.reference_views import LEDGER, WholeReference

START = (2_000_000_000 // WINDOW) * WINDOW + 3 * DAY
"""Always the same place in an epoch, so that an example found once is found again."""

PURSE = 10**12
SHARES = [333_333, 333_333, 333_334]

ADMIN, GUARDIAN, FUNDER, COURT = 0, 1, 2, 15
PAYERS, OWNERS, NODES = (4, 5), (6, 7, 8), (9, 10, 11)
PROTOCOL, POOL, HOLDERS = (12, 9), (13, 6), (7, 14, 3)


class Pair:
    """Every call in a block of its own, a second after the last or later."""

    def __init__(self, world: World, model: WholeReference, actors: list[str]) -> None:
        self.world, self.model, self.actors = world, model, actors
        self.clock = START

    def copy(self) -> Pair:
        made = Pair(self.world, deepcopy(self.model), self.actors)
        made.clock = self.clock
        return made

    def do(self, name: str, sender: int, *arguments: Any) -> str:
        """What both made of a call: "done", or the name of an error."""
        self.clock += 1
        refused = self.world.perform(name, self.actors[sender], arguments, self.clock)
        reasons = self._reasons(name, self.actors[sender], arguments)
        same = refused in reasons if reasons else refused is None
        assert same, f"{name}{arguments}: the chain said {refused}, the reference {reasons}"
        self.compare()
        return refused or "done"

    def wait(self, seconds: int) -> None:
        self.clock += max(seconds, 1)
        self.world.wait(self.clock)
        self.compare()

    def compare(self) -> None:
        """Everything that can be seen, on both sides; and that no money came or went."""
        asked = self._asked()
        time, *seen = self.world.see(asked)
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


def opened(chain: LocalChain, actors: list[str], keys: list[str]) -> World:
    """The contracts on a fresh chain, with money and allowance for whoever brings any."""
    world = World(chain, actors[COURT], {actors[number]: keys[number] for number in PAYERS})
    token, ledger = world.rig.token, world.rig.ledger.address
    world.rig.send(token.functions.mint(actors[FUNDER], PURSE))
    world.rig.send(token.functions.approve(ledger, PURSE), actors[FUNDER])
    rows = ([actors[number] for number in HOLDERS], SHARES)
    world.rig.send(world.rig.splits.functions.create(*rows))
    world.wait(START)
    return world


def prepared(world: World, actors: list[str], kind: type[WholeReference]) -> Pair:
    """Both with two sets, two nodes, two payers in funds and five recordings."""
    pair = Pair(world, _reference(world, actors, kind), actors)
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


def _reference(world: World, actors: list[str], kind: type[WholeReference]) -> WholeReference:
    holders = [actors[number] for number in HOLDERS]
    fixed = Fixed(
        actors[ADMIN], actors[GUARDIAN], actors[COURT], MAX_LAG, WINDOW,
        {1: list(zip(holders, SHARES, strict=True))},
        {name: threshold for name, (threshold, _) in SETS.items()},
    )  # fmt: skip
    model = kind(fixed)
    _, (_, _, fee, node_cap, until, start, cap) = world.see([("sets", (0,))])
    model.sets[0] = OracleSet(fee, node_cap, until, start, cap, "active", True)
    model.balances[actors[FUNDER]] = PURSE
    return model
