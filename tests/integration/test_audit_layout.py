"""What the audit knows of the contracts' storage and code is what the compiler gives."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from scripts.auditor import slots
from scripts.auditor.known_code import CODES
from scripts.solidity import known_code
from scripts.solidity.compile import compile_contracts


def storage(name: str) -> Iterator[tuple[str, int, int]]:
    """Every variable, and every member of a struct that is one: name, slot and first byte."""
    path = compile_contracts() / f"{name}.json"
    found: dict[str, Any] = json.loads(path.read_text())["storage"]
    for row in found["storage"]:
        start = int(row["slot"])
        yield row["label"], start, row["offset"]
        for inner in found["types"][row["type"]].get("members", []):
            yield inner["label"], start + int(inner["slot"]), inner["offset"]


def members(contract: str, struct: str) -> list[tuple[str, int, int]]:
    """The members of a struct: name, first bit and bits, all of them in one word."""
    found = json.loads((compile_contracts() / f"{contract}.json").read_text())["storage"]["types"]
    kind = next(kind for name, kind in found.items() if name.startswith(f"t_struct({struct})"))
    assert all(row["slot"] == "0" for row in kind["members"])
    return [(row["label"], 8 * row["offset"], 8 * int(found[row["type"]]["numberOfBytes"]))
            for row in kind["members"]]


@pytest.mark.parametrize(("contract", "known"), [
    ("RoyaltyLedger", slots.LEDGER), ("RightsSplits", slots.SPLITS), ("DisputeCourt", slots.COURT),
    ("TrainingPool", slots.POOL), ("AccessManager", slots.MANAGER),
])  # fmt: skip
def test_the_slots_are_those_of_the_compiler(contract: str, known: dict[str, int]) -> None:
    found = {name: slot for name, slot, _ in storage(contract)}
    assert {name: found.get(name) for name in known} == known


@pytest.mark.parametrize("module", ["CatalogueModule", "SettlementModule", "OversightModule",
                                    "PayoutModule"])
def test_a_module_has_the_storage_of_the_ledger(module: str) -> None:
    assert list(storage(module)) == list(storage("RoyaltyLedger"))


def test_nothing_of_the_ledger_is_left_out() -> None:
    """What the events explain is all that it stores; names of up to 31 bytes need no fallback."""
    found = {name for name, _, _ in storage("RoyaltyLedger")}
    unused = {"_state", "_consumingSchedule", "_nameFallback", "_versionFallback"}
    assert found == {*slots.LEDGER} | unused
    assert {name for name, _, _ in storage("DisputeCourt")} == {*slots.COURT, "_consumingSchedule"}


def test_the_pause_follows_the_receiver_in_its_word() -> None:
    places = {name: (slot, byte) for name, slot, byte in storage("RoyaltyLedger")}
    assert places["protocolReceiver"] == (slots.RECEIVER, 0)
    assert places["paused"] == (slots.RECEIVER, 20)


def test_the_fields_of_a_case() -> None:
    assert members("DisputeCourt", "Case") == [
        ("challenger", 0, 160), ("deadline", 160, 40), ("bond", 200, 48), ("open", 248, 8)]


def test_the_fields_of_roles_and_rounds() -> None:
    places = {name: (slot, byte) for name, slot, byte in storage("TrainingPool")}
    first = [(name, *places[name]) for name in ("at", "opened", "last", "next", "members", "stage")]
    assert first == [("at", 2, 0), ("opened", 2, 5), ("last", 2, 10), ("next", 2, 14),
                     ("members", 2, 18), ("stage", 2, 22)]
    assert (places["amount"], places["share"]) == ((3, 0), (4, 0))
    found = json.loads((compile_contracts() / "AccessManager.json").read_text())["storage"]["types"]
    inner = {row["label"]: (row["slot"], row["offset"]) for kind in found.values()
             for row in kind.get("members", [])}
    assert {inner[name] for name in ("allowedRoles", "members", "since")} == {("0", 0)}


def test_the_known_code_is_that_of_the_compiler() -> None:
    assert known_code.main(["--check"]) == 0, "run python -m scripts.solidity.known_code"


def test_no_contract_leaves_an_immutable_without_a_name() -> None:
    names = {name for code in CODES.values() for name in code.immutables}
    assert names and not any(name.isdigit() for name in names)
