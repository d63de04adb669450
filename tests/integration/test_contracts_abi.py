"""The ABIs that the package ships are those that the contracts compile to."""

import json

import pytest

from oracle.adapters.chain import abi
from scripts.solidity.abi import FOLDER, outdated, texts
from scripts.solidity.artifacts import Artifacts
from scripts.solidity.compile import compile_contracts


@pytest.fixture(scope="module")
def wanted():
    return texts(Artifacts(compile_contracts()))


def test_every_shipped_abi_equals_a_fresh_compile(wanted):
    assert set(wanted) == {f"{name}.json" for name in abi.NAMES}
    assert outdated(FOLDER, wanted) == []


def test_a_changed_a_missing_and_a_stray_abi_are_named(tmp_path, wanted):
    for name, text in wanted.items():
        (tmp_path / name).write_text(text, "utf-8")
    entries = json.loads(wanted["RoyaltyLedger.json"])
    (tmp_path / "RoyaltyLedger.json").write_text(json.dumps(entries[1:]))
    (tmp_path / "RightsSplits.json").unlink()
    (tmp_path / "Purse.json").write_text("[]")
    assert outdated(tmp_path, wanted) == ["Purse.json", "RightsSplits.json", "RoyaltyLedger.json"]


@pytest.mark.parametrize("name", abi.NAMES)
def test_a_shipped_abi_makes_a_contract(name):
    assert abi.contract(name, "0x" + "11" * 20).address == "0x" + "11" * 20
