"""What Hardhat makes of contracts/ is what py-solc-x makes of it, down to the metadata's hash."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scripts import hardhat
from scripts.compile import DEPLOYED, LIBRARY, compile_contracts
from scripts.deployment.contracts import MODULES

pytestmark = pytest.mark.slow

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

# EIP-170, less than which a contract has to be to be deployed on a public chain.
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
def test_the_code_carries_its_metadata_and_can_be_deployed(contract: str) -> None:
    ours = _read(compile_contracts() / f"{contract.rsplit('/', 1)[1]}.json")
    code = bytes.fromhex(ours["deployedBytecode"].removeprefix("0x"))
    assert len(code) <= LARGEST
    # CBOR map of two: "ipfs" with a 34-byte multihash, "solc" with three bytes; 51 bytes long.
    assert code[-53:-43] == b"\xa2\x64ipfs\x58\x22\x12\x20"
    assert code[-2:] == (51).to_bytes(2, "big")
