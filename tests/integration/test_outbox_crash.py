"""F1: a kill at every fault point, with every fault of the chain, pays exactly once.

The target counts its calls and refuses none, so only the outbox prevents a second payment after a
crash. `SendsFirst` is the same code with two lines swapped, and it pays twice.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from oracle.adapters.chain.rpc import Rpc
from oracle.adapters.chain.transactions import Transactor
from oracle.adapters.signing.file import FileKey
from oracle.client.wallet import Wallet
from oracle.ports import no_fault
from scripts.solidity.anvil import local_chain
from tests.integration.outbox_fixture import (
    CONFIRMATIONS,
    COUNTER,
    FAULTS,
    PATIENCE,
    POINTS,
    counted,
    dies,
    post,
    sender,
    transactor,
)
from tests.support.chain_world import copied_world
from tests.support.fakes import FakeClock

GENERATION = "0x" + "ab" * 32
DATA = "0x00"


class SendsFirst(Transactor):
    """The mutant that sends before it saves."""

    def _commit_and_send(self, draft, fees):
        attempt = self._seal(draft, fees)
        self._send(attempt)
        return self._outbox.save(draft, attempt)


class Target:
    """A chain that mines on command, the counter on it, and a key that may call it."""

    def __init__(self, chain, folder: Path) -> None:
        self.chain, self.database = chain, folder / "oracle.sqlite"
        self.key = FileKey(bytes.fromhex(chain.keys[1][2:]))
        deployer = FileKey(bytes.fromhex(chain.keys[0][2:]))
        self.counter, _ = Wallet(Rpc(chain.url), deployer).create(COUNTER)
        chain.rpc("evm_setAutomine", False)

    def submit(self, fault_point, kind=Transactor) -> None:
        made = transactor(self.chain.url, self.key, self.database, None, fault_point, kind)
        made.submit(GENERATION, self.counter, DATA)

    def submit_and_bump(self, fault_point) -> None:
        """Submits, then replaces; the second call of each fault point is the replacement's."""
        clock = FakeClock()
        made = transactor(self.chain.url, self.key, self.database, clock, fault_point)
        made.submit(GENERATION, self.counter, DATA)
        clock.sleep(PATIENCE)
        made.track(GENERATION)

    def recover(self, fault_point=no_fault, kind=Transactor) -> int:
        """Starts again and continues as the pipeline does; returns the number of calls."""
        made = transactor(self.chain.url, self.key, self.database, None, fault_point, kind)
        made.submit(GENERATION, self.counter, DATA)
        for _ in range(2 * CONFIRMATIONS + 4):
            self.chain.mine()
            made.track(GENERATION)
        return counted(self.chain, self.counter)


@pytest.fixture
def target(tmp_path):
    with local_chain() as chain:
        yield Target(chain, tmp_path)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("point", POINTS)
def test_killed_while_sending_it_pays_once(target, point, fault):
    assert dies(target.submit, point)
    FAULTS[fault](target.chain)
    assert target.recover() == 1


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("point", POINTS)
def test_killed_while_replacing_it_pays_once(target, point, fault):
    assert dies(target.submit_and_bump, point, times=2)
    FAULTS[fault](target.chain)
    assert target.recover() == 1


@pytest.mark.parametrize("fault", ["reorg", "dropped"])
def test_killed_again_while_sending_again_it_pays_once(target, fault):
    assert dies(target.submit, "after:save")
    assert dies(target.recover, "after:send")
    FAULTS[fault](target.chain)
    assert dies(target.recover, "after:send")
    FAULTS[fault](target.chain)
    assert target.recover() == 1


def test_sending_before_saving_pays_twice(target):
    assert dies(lambda fault_point: target.submit(fault_point, SendsFirst), "after:send")
    FAULTS["mined"](target.chain)
    assert target.recover(kind=SendsFirst) == 2


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("point", POINTS)
def test_the_ledger_settles_once(tmp_path, point, fault):
    with copied_world(tmp_path) as world:
        world.chain.rpc("evm_setAutomine", False)
        case, database = world.case(), tmp_path / "oracle.sqlite"
        assert dies(lambda stop: post(sender(world, database, fault_point=stop), case), point)
        FAULTS[fault](world.chain)
        again = sender(world, database)
        assert post(again, case)
        for _ in range(2 * CONFIRMATIONS + 4):
            world.chain.mine()
            settlement = again.outcome(case.generation)
        settled = world.ledger().statement(world.address("mara"))
        assert settlement.order == case.generation and len(settled) == 1
        assert world.rpc.count(world.address("sender")) == 1
