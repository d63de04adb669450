"""The compiler's wrapper: its inputs, its errors, and its cache."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from scripts.solidity.compile import (
    CompileError,
    compile_contracts,
    gather,
    run_solc,
    standard_input,
)
from scripts.solidity.toolchain import solc


def _source(text: str) -> dict[str, str]:
    return {"project/contracts/One.sol": f"// SPDX-License-Identifier: Apache-2.0\n{text}"}


def test_the_wrapper_reports_its_version() -> None:
    told = subprocess.run([str(solc()), "--version"], capture_output=True, text=True, check=True)
    assert "0.8.30+commit" in told.stdout


@pytest.mark.long
def test_the_wrapper_accepts_a_large_input() -> None:
    long = "// " + "x" * 4_000_000 + "\npragma solidity 0.8.30;\ncontract One {}\n"
    answer = run_solc(standard_input(_source(long)), solc())
    assert "One" in answer["contracts"]["project/contracts/One.sol"]


def test_a_warning_is_an_error() -> None:
    unused = "pragma solidity 0.8.30;\ncontract One { function f() external { uint256 x; } }\n"
    with pytest.raises(CompileError, match="Unused local variable"):
        run_solc(standard_input(_source(unused)), solc())


def test_an_error_is_reported_without_the_whole_input() -> None:
    with pytest.raises(CompileError, match="Undeclared identifier") as caught:
        text = "pragma solidity 0.8.30;\ncontract One { function f() external { g(); } }\n"
        run_solc(standard_input(_source(text)), solc())
    assert len(str(caught.value)) < 1_000


def test_every_import_is_collected() -> None:
    names = gather()
    assert "project/contracts/RoyaltyLedger.sol" in names
    assert any(name.endswith("utils/cryptography/ECDSA.sol") for name in names)
    assert all(name.startswith(("project/contracts/", "npm/@openzeppelin/")) for name in names)


@pytest.mark.long
def test_nothing_is_compiled_twice(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(compile_contracts(), tmp_path / "artifacts"))
    artifact = folder / "RoyaltyLedger.json"
    written = artifact.stat().st_mtime_ns
    assert set(json.loads(artifact.read_text())) >= {"abi", "bytecode", "metadata"}
    compile_contracts(folder)
    assert artifact.stat().st_mtime_ns == written

    (folder / ".stamp").write_text("of other sources")
    compile_contracts(folder)
    assert artifact.stat().st_mtime_ns > written
