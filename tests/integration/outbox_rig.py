"""Senders over one database file, killed where it hurts and started again."""

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
from oracle.crash import KillAt, nowhere
from scripts.chain import LocalChain
from tests.chain_world import ChainWorld
from tests.fakes import FakeClock

CHAIN = 31337
CONFIRMATIONS = 2
PATIENCE = 60

# Adds one to its first word whenever it is called, by whomever: paying twice shows.
COUNTER = bytes.fromhex("600a600c600039600a6000f3" + "600054600101600055" + "00")


def transactor(
    url: str, key: FileKey, database: Path, clock=None, crash=nowhere, kind=Transactor, cap=0
) -> Transactor:
    """A transactor as after a start: nothing is remembered but the file."""
    outbox = Outbox(open_database(database), CHAIN, key.address)
    fees = FeePolicy(cap=cap) if cap else FeePolicy()
    policy = SendPolicy(CONFIRMATIONS, PATIENCE, fees)
    return kind(Rpc(url), CHAIN, key, outbox, clock or FakeClock(), policy, crash)


def sender(world: ChainWorld, database: Path, url: str = "", **how) -> LedgerSender:
    """The same for the real ledger."""
    made = transactor(url or world.chain.url, world.keys["sender"], database, **how)
    rpc = Rpc(url or world.chain.url)
    return LedgerSender(rpc, world.ledger(CONFIRMATIONS), world.oracle_set, made)


def post(made: LedgerSender, case) -> str:
    return made.post(
        case.generation, case.order, case.order_signature, case.attestation, case.signatures
    )


def dies(work: Callable[[KillAt], object], point: str, times: int = 1) -> bool:
    """Runs `work` in a process of its own that kills itself at a point; whether it got there."""
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
    """What was sent lies in the pool."""


def mined(chain: LocalChain) -> None:
    """Blocks are made while nobody looks."""
    chain.mine(3)


def reorg(chain: LocalChain) -> None:
    """What was sent is mined, and its block undone; Anvil does not give it back to the pool."""
    chain.mine(2)
    chain.rpc("anvil_reorg", 2, [])


def dropped(chain: LocalChain) -> None:
    """The pool forgets everything."""
    chain.rpc("anvil_dropAllTransactions")


FAULTS = {"nothing": nothing, "mined": mined, "reorg": reorg, "dropped": dropped}
POINTS = ("before:save", "after:save", "after:send")
