"""F1: killed at every point, with every fault of the chain meanwhile, it pays exactly once.

The target counts how often it was called and refuses nothing, so only the outbox stands between a
crash and a second payment. `SendsFirst` is the same code with two lines swapped, and pays twice.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from oracle.adapters.chain.rpc import Rpc
from oracle.adapters.chain.transactions import Transactor
from oracle.adapters.signing.file import FileKey
from oracle.crash import nowhere
from scripts.chain import local_chain
from scripts.wallet import Wallet
from tests.chain_world import copied_world
from tests.fakes import FakeClock
from tests.integration.outbox_rig import (
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

GENERATION = "0x" + "ab" * 32
DATA = "0x00"


class SendsFirst(Transactor):
    """The mutant: sends before it saves."""

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

    def submit(self, crash, kind=Transactor) -> None:
        made = transactor(self.chain.url, self.key, self.database, crash=crash, kind=kind)
        made.submit(GENERATION, self.counter, DATA)

    def submit_and_bump(self, crash) -> None:
        """The second time round the points are those of the replacement."""
        clock = FakeClock()
        made = transactor(self.chain.url, self.key, self.database, clock, crash)
        made.submit(GENERATION, self.counter, DATA)
        clock.sleep(PATIENCE)
        made.track(GENERATION)

    def recover(self, crash=nowhere, kind=Transactor) -> int:
        """Starts again, and goes on as the pipeline would; how often the target was called."""
        made = transactor(self.chain.url, self.key, self.database, crash=crash, kind=kind)
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
    assert dies(lambda crash: target.submit(crash, SendsFirst), "after:send")
    FAULTS["mined"](target.chain)
    assert target.recover(kind=SendsFirst) == 2


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("point", POINTS)
def test_the_ledger_settles_once(tmp_path, point, fault):
    with copied_world(tmp_path) as world:
        world.chain.rpc("evm_setAutomine", False)
        case, database = world.case(), tmp_path / "oracle.sqlite"
        assert dies(lambda crash: post(sender(world, database, crash=crash), case), point)
        FAULTS[fault](world.chain)
        again = sender(world, database)
        assert post(again, case)
        for _ in range(2 * CONFIRMATIONS + 4):
            world.chain.mine()
            settlement = again.outcome(case.generation)
        settled = world.ledger().statement(world.address("mara"))
        assert settlement.order == case.generation and len(settled) == 1
        assert world.rpc.count(world.address("sender")) == 1
