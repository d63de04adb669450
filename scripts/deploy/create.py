"""Creates contracts on a chain and compares their code with the artifact."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eth_abi import encode
from eth_utils.abi import collapse_if_tuple

from oracle.adapters.chain.deployment import Modules
from oracle.client.wallet import Wallet
from oracle.domain.errors import Inconsistent
from scripts.deploy.plan import Plan
from scripts.solidity.artifacts import MODULES, Artifact, Artifacts


def create(wallet: Wallet, artifact: Artifact, *arguments: Any) -> str:
    """Deploys one artifact and compares the code on chain with it; returns the address."""
    made, _ = wallet.create(artifact.bytecode + _encoded(artifact, arguments))
    if not same_code(artifact.deployed, wallet.rpc.code(made)):
        raise Inconsistent("the code on chain differs from the artifact", field=artifact.name)
    return made


def create_ledger(
    wallet: Wallet, artifacts: Artifacts, plan: Plan, token: str, splits: str, authority: str
) -> tuple[str, Modules]:
    """Deploys the modules of the ledger, then the ledger."""
    setup = (token, splits, authority, plan.max_lag, plan.window)
    parts = [create(wallet, artifacts.load(name), setup) for name in MODULES]
    modules = Modules(*parts)
    return create(wallet, artifacts.load("RoyaltyLedger"), setup, tuple(parts)), modules


def create_around(
    wallet: Wallet, artifacts: Artifacts, plan: Plan, ledger: str, authority: str
) -> tuple[str, str, str]:
    """Deploys the contracts that belong to a ledger: court, training pool, lens."""
    load = artifacts.load
    court = (ledger, authority, plan.bond, plan.ruling_time)
    return (
        create(wallet, load("DisputeCourt"), *court),
        create(wallet, load("TrainingPool"), ledger, plan.period),
        create(wallet, load("RoyaltyLens"), ledger),
    )


def same_code(artifact: bytes, chain: bytes) -> bool:
    """Whether code on chain equals the artifact, apart from the values of immutables.

    An immutable is a PUSH32 of zeros in the artifact; only such words may differ.
    """
    if not chain or len(artifact) != len(chain):
        return False
    rest, hole = bytearray(chain), b"\x7f" + bytes(32)
    at = artifact.find(hole)
    while at >= 0:
        rest[at + 1 : at + 33] = bytes(32)
        at = artifact.find(hole, at + 33)
    return bytes(rest) == artifact


def _encoded(artifact: Artifact, arguments: Sequence[Any]) -> bytes:
    makers = [item for item in artifact.abi if item["type"] == "constructor"]
    inputs = makers[0]["inputs"] if makers else []
    return encode([collapse_if_tuple(item) for item in inputs], arguments)
