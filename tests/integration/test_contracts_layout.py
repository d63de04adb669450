"""The ledger runs its modules' code on its own storage: all of them have to agree on every slot."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from scripts.compile import PROJECT, gather, standard_input
from scripts.deployment.contracts import MODULES
from scripts.toolchain import ROOT, solc

LEDGER = "RoyaltyLedger"
KINDS = ("storageLayout", "transientStorageLayout")


@pytest.fixture(scope="module")
def layouts() -> dict[str, dict[str, Any]]:
    """What solc says of each contract's storage; no code is generated for that."""
    request = standard_input(gather(ROOT / "contracts"))
    request["settings"]["outputSelection"] = {"*": {"*": list(KINDS)}}
    command, given = [str(solc()), "--standard-json"], json.dumps(request)
    answer = subprocess.run(command, input=given, capture_output=True, text=True, check=True)
    found = json.loads(answer.stdout)["contracts"]
    ours = {name: made for path in found if path.startswith(PROJECT)
            for name, made in found[path].items()}  # fmt: skip
    return {name: ours[name] for name in (LEDGER, *MODULES)}


def places(layout: dict[str, Any]) -> list[tuple[str, str, int, str]]:
    """Name, slot, offset and type of all that is kept, in structs as well."""

    def inside(kind: str, base: int, path: str) -> list[tuple[str, str, int, str]]:
        members = layout["types"][kind].get("members", [])
        return [found for member in members for found in below(member, base, path)]

    def below(entry: dict[str, Any], base: int, path: str) -> list[tuple[str, str, int, str]]:
        slot, name = base + int(entry["slot"]), f"{path}{entry['label']}"
        kind = layout["types"][entry["type"]]["label"]
        return [(name, str(slot), entry["offset"], kind), *inside(entry["type"], slot, f"{name}.")]

    return [found for entry in layout["storage"] for found in below(entry, 0, "")]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("module", MODULES)
def test_a_module_keeps_what_the_ledger_keeps_in_the_same_slots(
    layouts: dict[str, dict[str, Any]], module: str, kind: str
) -> None:
    ledger = places(layouts[LEDGER][kind])
    assert ledger and places(layouts[module][kind]) == ledger


def test_a_recordings_word_lies_in_the_slot_of_its_number(
    layouts: dict[str, dict[str, Any]],
) -> None:
    kept = {name: (slot, offset) for name, slot, offset, _ in places(layouts[LEDGER][KINDS[0]])}
    assert kept["_state.recordings"] == ("0", 0)
    assert kept["_state.owners"] == (str(2**32), 0)
    assert int(kept["_authority"][0]) > int(kept["_state.fees"][0])
