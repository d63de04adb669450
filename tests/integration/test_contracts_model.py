"""The contracts against a ledger in plain Python, with calls chosen by Hypothesis.

CI uses the same examples in every run. REFRAIN_MODEL_EXAMPLES sets a number of new examples.
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

from scripts.solidity.anvil import keys, local_chain
from scripts.solidity.ledger_fixture import DAY
from tests.model.contracts import Contracts
from tests.model.pair import START, opened, prepared
from tests.model.reference_parts import Settlement
from tests.model.reference_views import WholeReference
from tests.model.whole_machine import WholeMachine

EXAMPLES = int(os.environ.get("REFRAIN_MODEL_EXAMPLES", "0"))
SETTINGS = settings(
    max_examples=EXAMPLES or 20, stateful_step_count=60, derandomize=not EXAMPLES, deadline=None,
    print_blob=True, suppress_health_check=list(HealthCheck), database=None,
)  # fmt: skip


@dataclass
class Stage:
    """A chain with the contracts; every example starts from its first state."""

    contracts: Contracts
    actors: list[str]
    first: str
    tally: Counter[tuple[str, str]] = field(default_factory=Counter)

    def run(self, kind: type[WholeReference], how: settings) -> None:
        self.tally.clear()
        self.first = self._again(self.first)
        start = prepared(self.contracts, self.actors, kind)
        place = [self.contracts.snapshot()]

        def machine() -> WholeMachine:
            place[0] = self._again(place[0])
            return WholeMachine(start, self.tally)

        run_state_machine_as_test(machine, settings=how)

    def _again(self, snapshot: str) -> str:
        # Reverting to a snapshot deletes it.
        self.contracts.revert(snapshot)
        return self.contracts.snapshot()


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    secrets = list(keys())[:16]
    actors = [Account.from_key(secret).address for secret in secrets]
    with local_chain(extra=["--timestamp", str(START - 30 * DAY)]) as chain:
        contracts = opened(chain, actors, secrets)
        yield Stage(contracts, actors, contracts.snapshot())


@pytest.mark.long
def test_the_contracts_behave_as_the_reference(stage: Stage) -> None:
    stage.run(WholeReference, SETTINGS)
    print("\n".join(f"{count:6} {' '.join(what)}" for what, count in stage.tally.most_common()))
    for name in ("settle", "freeze", "release", "exit", "amend", "activateSet"):
        assert stage.tally[name, "done"]


class Early(WholeReference):
    """A bucket with credits that can be withdrawn one epoch early."""

    WAIT = 1


class Forgetful(WholeReference):
    """A ledger that accepts a used nonce."""

    def settle(self, now: int, sender: str, given: Settlement) -> None:
        self.accounts[given.payer].used.discard(given.nonce)
        super().settle(now, sender, given)


class Generous(WholeReference):
    """A ledger whose revocations end no consent."""

    def revoke(self, now: int, sender: str, number: int) -> None:
        before = self.recordings[number].consents if number in self.recordings else []
        kept = list(before)
        super().revoke(now, sender, number)
        before[:] = kept


class Careless(WholeReference):
    """A ledger that freezes without a change of the payer's account."""

    def _sweep(self, now: int, payer: str) -> None:
        self.fees.credit(self.accounts[payer].fees, self.epoch(now))
        self.accounts[payer].fees = 0


@pytest.mark.long
@pytest.mark.parametrize("kind", [Early, Forgetful, Generous, Careless])
def test_a_broken_rule_is_found(stage: Stage, kind: type[WholeReference]) -> None:
    # Stops at the first example that shows the fault; 20 examples are not always enough.
    quick = settings(
        SETTINGS, max_examples=400, phases=[Phase.generate], derandomize=True,
        report_multiple_bugs=False, print_blob=False,
    )  # fmt: skip
    with pytest.raises(AssertionError, match="reference"):
        stage.run(kind, quick)
