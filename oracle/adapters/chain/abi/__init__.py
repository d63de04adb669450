"""The contracts' ABIs, shipped as package data: `python -m scripts.solidity.abi` writes them."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

from oracle.adapters.chain.contract import Contract

NAMES = (
    "AccessManager",
    "DisputeCourt",
    "ILedger",
    "RightsSplits",
    "RoyaltyLedger",
    "RoyaltyLens",
    "TestDollar",
    "TimelockController",
    "TrainingPool",
)
"""`ILedger` includes the functions that the ledger forwards to modules; `RoyaltyLedger` has
only its own."""


@cache
def load(name: str) -> list[dict[str, Any]]:
    """The ABI of one of `NAMES`, as solc writes it.

    Raises:
        FileNotFoundError: the package has no ABI of this name.
    """
    found: list[dict[str, Any]] = json.loads((files(__name__) / f"{name}.json").read_text("utf-8"))
    return found


def contract(name: str, address: str) -> Contract:
    """The contract `name` as deployed at `address` (EIP-55)."""
    return Contract(address, load(name))
