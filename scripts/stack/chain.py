"""The chain of a local stack: Anvil, ether for the accounts, the contracts."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import httpx

from oracle.adapters.chain.deployment import load
from oracle.adapters.chain.rpc import Rpc
from oracle.adapters.signing.keystore import open_key
from oracle.client.wallet import Wallet
from oracle.domain.attestation import OracleSet
from scripts.deploy.deploy import Plan, deploy
from scripts.solidity.anvil import ChainError, LocalChain, command
from scripts.solidity.artifacts import Artifacts
from scripts.solidity.compile import ARTIFACTS, compile_contracts, is_compiled
from scripts.stack.layout import NODES, ORACLES, SAVED_CHAIN, THRESHOLD, Layout, Say

BLOCK_TIME = 1
ETHER = 10**18
SECONDS_TO_SAVE = 120
"""Anvil writes its state when it gets SIGTERM; a long chain takes a while."""


def start_chain(layout: Layout, keep: bool, say: Say) -> None:
    """Starts Anvil and deploys the contracts, or continues the chain that an earlier run saved.

    Args:
        keep: Anvil writes its state when it ends; `save_chain` then puts it in place.
    """
    saved = layout.folder / SAVED_CHAIN
    if keep and saved.exists():
        _start_anvil(layout, ["--load-state", str(saved), *_saving(layout)], mining=False)
        say(f"anvil continues the chain: {layout.rpc}")
        _continue(layout, saved)
        return
    _start_anvil(layout, _saving(layout) if keep else [], mining=True)
    say(f"anvil runs: {layout.rpc}")
    _deploy(layout, say)


def _saving(layout: Layout) -> list[str]:
    return ["--dump-state", str(_draft(layout))]


def _draft(layout: Layout) -> Path:
    return (layout.folder / SAVED_CHAIN).with_suffix(".part")


def _start_anvil(layout: Layout, extra: Sequence[str], mining: bool) -> None:
    block_time = BLOCK_TIME if mining else None
    line = command(layout.ports["anvil"], block_time, mining, extra)
    layout.processes.start("anvil", line, {}, patience=SECONDS_TO_SAVE)
    layout.processes.wait_until("anvil", lambda: listening(layout.rpc), seconds=SECONDS_TO_SAVE)


def _continue(layout: Layout, saved: Path) -> None:
    """Sets the clock before the first block is mined, so that the chain's time never goes back."""
    chain = local_chain(layout)
    head = chain.rpc("eth_getBlockByNumber", "latest", False)
    ahead = int(head["timestamp"], 16) - int(time.time())
    if ahead >= 0:
        chain.rpc("evm_increaseTime", ahead + 1)
    # Anvil keeps the state of the newest saved block only; the oracles read a few blocks below.
    chain.mine(layout.confirmations + 1)
    chain.rpc("evm_setIntervalMining", BLOCK_TIME)
    # From here on the databases run ahead of the file: after a crash it must not be used again.
    saved.unlink()


def save_chain(layout: Layout, code: int | None) -> None:
    """Puts the state that Anvil wrote in place, if it ended with 0 and the file is complete."""
    if code == 0 and _draft(layout).exists():
        _draft(layout).replace(layout.folder / SAVED_CHAIN)
    _draft(layout).unlink(missing_ok=True)


def _deploy(layout: Layout, say: Say) -> None:
    """Deploys the contracts; every oracle is in the first set, every node is allowed."""
    if not is_compiled(ARTIFACTS):
        say("compiling the contracts: one to three minutes, and only after they changed")
    artifacts = Artifacts(compile_contracts(ARTIFACTS))
    senders = [f"sender-{name}" for name in ORACLES]
    give_ether(layout, ["deployer", "guardian", "arbiter", *senders])
    made = deploy(wallet_of(layout, "deployer"), artifacts, _plan(layout))
    made.write(layout.deployment)
    say(f"contracts are deployed: ledger {made.ledger}, token {made.token}")


def _plan(layout: Layout) -> Plan:
    account = layout.accounts.account
    signers = sorted((account(name).address for name in ORACLES), key=str.lower)
    return Plan(
        oracle_set=OracleSet(THRESHOLD, tuple(signers)),
        nodes=tuple(account(name).address for name in NODES),
        admin=account("admin").address,
        guardian=account("guardian").address,
        arbiter=account("arbiter").address,
    )


def wallet_of(layout: Layout, role: str) -> Wallet:
    """A wallet with the key of a role; it sends transactions and waits for them."""
    return Wallet(Rpc(layout.rpc), open_key(str(layout.accounts.key_file(role))))


def local_chain(layout: Layout) -> LocalChain:
    """The running Anvil, for the calls that only a development chain answers."""
    return LocalChain(layout.rpc, layout.processes.pid("anvil"), ())


def give_ether(layout: Layout, roles: Sequence[str]) -> None:
    """Sets the balance of each role to 100 ether; only a development chain can do that."""
    chain = local_chain(layout)
    for role in roles:
        chain.rpc("anvil_setBalance", layout.accounts.account(role).address, hex(100 * ETHER))


def pass_windows(layout: Layout) -> int:
    """Moves the time of the chain past two windows of dispute; returns the seconds."""
    seconds = 2 * load(layout.deployment).window
    chain = local_chain(layout)
    chain.rpc("evm_increaseTime", seconds)
    chain.mine()
    return seconds


def listening(rpc: str) -> bool:
    """Whether a chain answers at the URL."""
    try:
        return bool(LocalChain(rpc, 0, ()).rpc("eth_chainId"))
    except (httpx.HTTPError, ChainError):
        return False
