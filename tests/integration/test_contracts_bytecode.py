"""Hardhat and py-solc-x compile contracts/ to the same bytes, including the metadata's hash."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scripts.solidity import hardhat
from scripts.solidity.artifacts import MODULES
from scripts.solidity.compile import DEPLOYED, LIBRARY, compile_contracts

pytestmark = pytest.mark.long

OURS = [
    "RoyaltyLedger.sol/RoyaltyLedger",
    "RightsSplits.sol/RightsSplits",
    "DisputeCourt.sol/DisputeCourt",
    "TrainingPool.sol/TrainingPool",
    "RoyaltyLens.sol/RoyaltyLens",
    *(f"modules/{name}.sol/{name}" for name in MODULES),
    "testing/TestDollar.sol/TestDollar",
]
BUILT = [
    *(f"contracts/{path}" for path in OURS),
    *(f"{LIBRARY}/{path}/{Path(path).stem}" for path in DEPLOYED),
]

# EIP-170: the size limit of a contract on public chains.
LARGEST = 24_576


@pytest.fixture(scope="module")
def built() -> Path:
    """Hardhat's artifacts."""
    assert hardhat.run(["build"]) == 0
    return hardhat.ARTIFACTS


def _read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("contract", BUILT)
def test_hardhat_gives_the_same_creation_bytecode(built: Path, contract: str) -> None:
    ours = _read(compile_contracts() / f"{contract.rsplit('/', 1)[1]}.json")
    theirs = _read(built / f"{contract}.json")
    assert ours["bytecode"] == theirs["bytecode"]
    assert ours["abi"] == theirs["abi"]


@pytest.mark.parametrize("contract", BUILT)
def test_the_code_contains_its_metadata_and_can_be_deployed(contract: str) -> None:
    ours = _read(compile_contracts() / f"{contract.rsplit('/', 1)[1]}.json")
    code = bytes.fromhex(ours["deployedBytecode"].removeprefix("0x"))
    assert len(code) <= LARGEST
    # CBOR map of two: "ipfs" with a 34-byte multihash, "solc" with three bytes; 51 bytes long.
    assert code[-53:-43] == b"\xa2\x64ipfs\x58\x22\x12\x20"
    assert code[-2:] == (51).to_bytes(2, "big")
