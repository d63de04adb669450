"""Compiled contracts: the folder that `scripts/solidity/compile.py` writes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from oracle.adapters.chain.contract import Contract
from oracle.domain.errors import InvalidInput

MODULES = ("CatalogueModule", "SettlementModule", "OversightModule", "PayoutModule")
"""The contracts that hold the ledger's code, in the order of its constructor."""


@dataclass(frozen=True)
class Artifact:
    """One compiled contract. `bytecode` creates it, `deployed` is its code with immutables 0."""

    name: str
    abi: list[dict[str, Any]]
    bytecode: bytes
    deployed: bytes


@dataclass(frozen=True)
class Artifacts:
    """A folder of `<Contract>.json`, such as `.refrain/artifacts`."""

    folder: Path

    def load(self, name: str) -> Artifact:
        """Reads one artifact.

        Raises:
            InvalidInput: the file is missing or is not an artifact; the error names the command
                that makes it.
        """
        path = self.folder / f"{name}.json"
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            code, deployed = found["bytecode"], found["deployedBytecode"]
            return Artifact(name, list(found["abi"]), _bytes(code), _bytes(deployed))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            detail = "is not a compiled contract; run python -m scripts.solidity.compile"
            raise InvalidInput(detail, field="artifacts", value=path) from error

    def contract(self, name: str, address: str) -> Contract:
        """The contract `name` as deployed at `address`."""
        return Contract(address, self.load(name).abi)


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))
