"""The chain of a local stack: Anvil, ether for whoever sends transactions, the contracts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import httpx

from oracle.adapters.chain.artifacts import Artifacts
from oracle.adapters.chain.deployment import load
from oracle.adapters.chain.rpc import Rpc
from oracle.adapters.signing.keystore import open_key
from oracle.domain.attestation import OracleSet
from scripts.chain import ChainError, LocalChain, command
from scripts.compile import ARTIFACTS, compile_contracts
from scripts.deploy import Plan, deploy
from scripts.wallet import Wallet

if TYPE_CHECKING:
    from scripts.stack import Stack

BLOCK_TIME = 1
ETHER = 10**18


def start_chain(stack: Stack) -> None:
    """Starts Anvil and deploys, with every oracle in the first set and every node allowed."""
    from scripts.stack import NODES, ORACLES, THRESHOLD

    stack.rpc = stack.url("anvil")
    stack.processes.start("anvil", command(stack.ports["anvil"], BLOCK_TIME), {})
    stack.processes.wait_until("anvil", lambda: listening(stack.rpc))
    give_ether(stack, ["deployer", "guardian", "arbiter", *(f"sender-{name}" for name in ORACLES)])
    signers = sorted((stack.accounts.account(name).address for name in ORACLES), key=str.lower)
    plan = Plan(
        oracle_set=OracleSet(THRESHOLD, tuple(signers)),
        nodes=tuple(stack.accounts.account(name).address for name in NODES),
        admin=stack.accounts.account("admin").address,
        guardian=stack.accounts.account("guardian").address,
        arbiter=stack.accounts.account("arbiter").address,
    )
    artifacts = Artifacts(compile_contracts(ARTIFACTS))
    deploy(wallet_of(stack, "deployer"), artifacts, plan).write(stack.deployment)


def wallet_of(stack: Stack, role: str) -> Wallet:
    """A role's key as a wallet that sends transactions and waits for them."""
    return Wallet(Rpc(stack.rpc), open_key(str(stack.accounts.key_file(role))))


def give_ether(stack: Stack, roles: Sequence[str]) -> None:
    """100 ether each, as only a development chain can."""
    chain = LocalChain(stack.rpc, stack.processes.pid("anvil"), ())
    for role in roles:
        chain.rpc("anvil_setBalance", stack.accounts.account(role).address, hex(100 * ETHER))


def pass_windows(stack: Stack) -> int:
    """Moves a development chain's time past two windows of dispute; returns the seconds."""
    seconds = 2 * load(stack.deployment).window
    chain = LocalChain(stack.rpc, stack.processes.pid("anvil"), ())
    chain.rpc("evm_increaseTime", seconds)
    chain.mine()
    return seconds


def listening(rpc: str) -> bool:
    try:
        return bool(LocalChain(rpc, 0, ()).rpc("eth_chainId"))
    except (httpx.HTTPError, ChainError):
        return False
