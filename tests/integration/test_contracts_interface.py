"""The interface of the deployed contracts equals the committed snapshot.

After an intended change, `python -m scripts.solidity.interface` writes the snapshot again.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from scripts.solidity.interface import CONTRACTS, SNAPSHOT, Interface, compiled, interface

Answer = dict[str, Any]
LEDGER = ("project/contracts/RoyaltyLedger.sol", "RoyaltyLedger")


@pytest.fixture(scope="module")
def answer() -> Answer:
    return compiled()


@pytest.fixture(scope="module")
def snapshot() -> Interface:
    found: Interface = json.loads(SNAPSHOT.read_text(encoding="utf-8"))
    return found


def _ledger(answer: Answer) -> Answer:
    path, name = LEDGER
    found: Answer = answer["contracts"][path][name]
    return found


def _entry(answer: Answer, kind: str, name: str) -> Answer:
    entries = [e for e in _ledger(answer)["abi"] if (e["type"], e.get("name")) == (kind, name)]
    [found] = entries
    assert isinstance(found, dict)
    return found


def _another_selector(answer: Answer) -> None:
    _entry(answer, "function", "fund")["inputs"][1]["type"] = "uint128"


def _another_topic(answer: Answer) -> None:
    _entry(answer, "event", "Settled")["inputs"][0]["indexed"] = False


def _another_error(answer: Answer) -> None:
    _entry(answer, "error", "Escrow_Short")["name"] = "Escrow_TooShort"


def _another_slot(answer: Answer) -> None:
    _ledger(answer)["storageLayout"]["storage"][0]["slot"] = "1"


def _another_message(answer: Answer) -> None:
    source = answer["sources"]["project/contracts/libraries/TypedHashes.sol"]
    changed = json.dumps(source["ast"]).replace("uint256 maxPrice", "uint128 maxPrice")
    source["ast"] = json.loads(changed)


def _another_domain(answer: Answer) -> None:
    source = answer["sources"]["project/contracts/ledger/LedgerBase.sol"]
    source["ast"] = json.loads(json.dumps(source["ast"]).replace('"Refrain"', '"Refrains"'))


def test_the_interface_equals_the_snapshot(answer: Answer, snapshot: Interface) -> None:
    found = interface(answer)
    assert found.keys() == snapshot.keys()
    for name, lines in snapshot.items():
        assert found[name] == lines, f"{name} changed; see the head of this file"


def test_no_part_of_the_snapshot_is_empty(snapshot: Interface) -> None:
    assert all(len(snapshot[f"{name} ABI"]) > 5 for name in CONTRACTS)
    assert len(snapshot["RoyaltyLedger storageLayout"]) > 15
    assert len(snapshot["typed data"]) == 8


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (_another_selector, "RoyaltyLedger ABI"),
        (_another_topic, "RoyaltyLedger ABI"),
        (_another_error, "RoyaltyLedger ABI"),
        (_another_slot, "RoyaltyLedger storageLayout"),
        (_another_message, "typed data"),
        (_another_domain, "typed data"),
    ],
)
def test_a_changed_interface_is_found(
    answer: Answer, snapshot: Interface, change: Callable[[Answer], None], where: str
) -> None:
    changed = copy.deepcopy(answer)
    change(changed)
    found = interface(changed)
    assert [name for name in found if found[name] != snapshot[name]] == [where]
