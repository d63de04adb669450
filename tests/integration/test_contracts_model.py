"""The contracts against a ledger in plain Python, through whatever Hypothesis thinks of.

A run of CI takes the same examples every time. REFRAIN_MODEL_EXAMPLES asks for as many new ones.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from eth_account import Account
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from scripts.chain import keys, local_chain
from scripts.rig import DAY
from tests.model_keepers import WholeMachine
from tests.model_pair import START, opened, prepared
from tests.model_world import World
from tests.reference_parts import Settlement
from tests.reference_views import WholeReference

EXAMPLES = int(os.environ.get("REFRAIN_MODEL_EXAMPLES", "0"))
SETTINGS = settings(
    max_examples=EXAMPLES or 20, stateful_step_count=60, derandomize=not EXAMPLES, deadline=None,
    print_blob=True, suppress_health_check=list(HealthCheck), database=None,
)  # fmt: skip


@dataclass
class Stage:
    """A chain with the contracts, from whose first state every example begins."""

    world: World
    actors: list[str]
    first: str
    tally: Counter[tuple[str, str]] = field(default_factory=Counter)

    def run(self, kind: type[WholeReference], how: settings) -> None:
        self.tally.clear()
        self.first = self._again(self.first)
        start = prepared(self.world, self.actors, kind)
        place = [self.world.snapshot()]

        def machine() -> WholeMachine:
            place[0] = self._again(place[0])
            return WholeMachine(start, self.tally)

        run_state_machine_as_test(machine, settings=how)

    def _again(self, snapshot: str) -> str:
        # Going back uses a snapshot up.
        self.world.revert(snapshot)
        return self.world.snapshot()


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    secrets = list(keys())[:16]
    actors = [Account.from_key(secret).address for secret in secrets]
    with local_chain(extra=["--timestamp", str(START - 30 * DAY)]) as chain:
        world = opened(chain, actors, secrets)
        yield Stage(world, actors, world.snapshot())


def test_the_contracts_do_as_the_reference_does(stage: Stage) -> None:
    stage.run(WholeReference, SETTINGS)
    print("\n".join(f"{count:6} {' '.join(what)}" for what, count in stage.tally.most_common()))
    for name in ("settle", "freeze", "release", "exit", "amend", "activateSet"):
        assert stage.tally[name, "done"]


class Early(WholeReference):
    """A bucket whose credits can be withdrawn an epoch early."""

    WAIT = 1


class Forgetful(WholeReference):
    """Takes a nonce again."""

    def settle(self, now: int, sender: str, given: Settlement) -> None:
        self.accounts[given.payer].used.discard(given.nonce)
        super().settle(now, sender, given)


class Generous(WholeReference):
    """A revocation that does not end anything."""

    def revoke(self, now: int, sender: str, number: int) -> None:
        before = self.recordings[number].consents if number in self.recordings else []
        kept = list(before)
        super().revoke(now, sender, number)
        before[:] = kept


class Careless(WholeReference):
    """Freezing that leaves the payer's account as it is."""

    def _sweep(self, now: int, payer: str) -> None:
        self.fees.credit(self.accounts[payer].fees, self.epoch(now))
        self.accounts[payer].fees = 0


@pytest.mark.parametrize("kind", [Early, Forgetful, Generous, Careless])
def test_a_broken_rule_is_noticed(stage: Stage, kind: type[WholeReference]) -> None:
    # It ends with the first example that shows the fault; 20 are not always enough.
    quick = settings(
        SETTINGS, max_examples=400, phases=[Phase.generate], derandomize=True,
        report_multiple_bugs=False, print_blob=False,
    )  # fmt: skip
    with pytest.raises(AssertionError, match="reference"):
        stage.run(kind, quick)
