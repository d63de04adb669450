"""The ledger runs its modules' code on its own storage, so all must agree on every slot."""

from __future__ import annotations

from typing import Any

import pytest

from scripts.solidity.artifacts import MODULES
from scripts.solidity.compile import PROJECT
from scripts.solidity.interface import KINDS, compiled, places

LEDGER = "RoyaltyLedger"


@pytest.fixture(scope="module")
def layouts() -> dict[str, dict[str, Any]]:
    """solc's storage layout of each contract, without code generation."""
    found = compiled()["contracts"]
    ours = {name: made for path in found if path.startswith(PROJECT)
            for name, made in found[path].items()}  # fmt: skip
    return {name: ours[name] for name in (LEDGER, *MODULES)}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("module", MODULES)
def test_a_module_and_the_ledger_use_the_same_slots(
    layouts: dict[str, dict[str, Any]], module: str, kind: str
) -> None:
    ledger = places(layouts[LEDGER][kind])
    assert ledger and places(layouts[module][kind]) == ledger


def test_a_recordings_word_is_in_the_slot_of_its_id(
    layouts: dict[str, dict[str, Any]],
) -> None:
    kept = {name: (slot, offset) for name, slot, offset, _ in places(layouts[LEDGER][KINDS[0]])}
    assert kept["_state.recordings"] == ("0", 0)
    assert kept["_state.owners"] == (str(2**32), 0)
    assert int(kept["_authority"][0]) > int(kept["_state.fees"][0])
