"""Senders over one database file that are killed at fault points and started again."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable
from pathlib import Path

from oracle.adapters.chain.fees import FeePolicy
from oracle.adapters.chain.outbox import Outbox
from oracle.adapters.chain.rpc import Rpc
from oracle.adapters.chain.sender import LedgerSender
from oracle.adapters.chain.transactions import SendPolicy, Transactor
from oracle.adapters.database import open_database
from oracle.adapters.signing.file import FileKey
from oracle.pipeline.fault_injection import KillAt
from oracle.ports import no_fault
from scripts.solidity.anvil import LocalChain
from tests.support.chain_world import ChainWorld
from tests.support.fakes import FakeClock

CHAIN = 31337
CONFIRMATIONS = 2
PATIENCE = 60

# Each call adds 1 to its first storage word, so a second payment is visible.
COUNTER = bytes.fromhex("600a600c600039600a6000f3" + "600054600101600055" + "00")


def transactor(
    url: str, key: FileKey, database: Path, clock=None, fault_point=no_fault, kind=Transactor, cap=0
) -> Transactor:
    """A transactor as after a start: it knows only the database file."""
    outbox = Outbox(open_database(database), CHAIN, key.address)
    fees = FeePolicy(cap=cap) if cap else FeePolicy()
    policy = SendPolicy(CONFIRMATIONS, PATIENCE, fees)
    return kind(Rpc(url), CHAIN, key, outbox, clock or FakeClock(), policy, fault_point)


def sender(world: ChainWorld, database: Path, url: str = "", **how) -> LedgerSender:
    """A sender for the real ledger, as after a start."""
    made = transactor(url or world.chain.url, world.keys["sender"], database, **how)
    rpc = Rpc(url or world.chain.url)
    return LedgerSender(rpc, world.ledger(CONFIRMATIONS), world.oracle_set, made)


def post(made: LedgerSender, case) -> str:
    return made.post(
        case.generation, case.order, case.order_signature, case.attestation, case.signatures
    )


def dies(work: Callable[[KillAt], object], point: str, times: int = 1) -> bool:
    """Runs `work` in another process that kills itself at a point; whether it got there."""
    fork = multiprocessing.get_context("fork")
    child = fork.Process(target=lambda: work(KillAt(point, times)))
    child.start()
    child.join(60)
    code = child.exitcode
    if code is None:
        child.kill()
        raise RuntimeError("the child hangs")
    return code == -signal.SIGKILL


def counted(chain: LocalChain, counter: str) -> int:
    return int(chain.rpc("eth_getStorageAt", counter, "0x0", "latest"), 16)


def nothing(chain: LocalChain) -> None:
    """The transaction stays in the pool."""


def mined(chain: LocalChain) -> None:
    """The transaction is mined."""
    chain.mine(3)


def reorg(chain: LocalChain) -> None:
    """The transaction is mined and its block undone; Anvil does not return it to the pool."""
    chain.mine(2)
    chain.rpc("anvil_reorg", 2, [])


def dropped(chain: LocalChain) -> None:
    """The pool drops all transactions."""
    chain.rpc("anvil_dropAllTransactions")


FAULTS = {"nothing": nothing, "mined": mined, "reorg": reorg, "dropped": dropped}
POINTS = ("before:save", "after:save", "after:send")
