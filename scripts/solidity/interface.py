"""The interface of deployed contracts: `python -m scripts.solidity.interface` writes a snapshot.

The snapshot holds the ABI, the storage layout and the typed data of every contract that a
deployment creates. A test compares it with a fresh compile, so that every change to a selector, an
event, an error, a signed message or a storage slot is noticed. It leaves out the Solidity types
behind the ABI's types: a rename of a struct or an interface changes nothing for a caller.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from typing import Any

from eth_utils import keccak
from eth_utils.abi import collapse_if_tuple

from scripts.solidity.artifacts import MODULES
from scripts.solidity.compile import PROJECT, gather, standard_input
from scripts.solidity.toolchain import ROOT, solc

SNAPSHOT = ROOT / "tests" / "vectors" / "contracts" / "interface.json"
CONTRACTS = ("RoyaltyLedger", "DisputeCourt", "RightsSplits", "TrainingPool", "RoyaltyLens")
KINDS = ("storageLayout", "transientStorageLayout")

Interface = dict[str, list[str]]
"""The lines that describe a contract, by "<contract> <what>"."""


def compiled() -> dict[str, Any]:
    """solc's analysis of every source; without code generation it takes a second."""
    request = standard_input(gather())
    request["settings"]["outputSelection"] = {"*": {"*": ["abi", *KINDS], "": ["ast"]}}
    command, given = [str(solc()), "--standard-json"], json.dumps(request)
    answer = subprocess.run(command, input=given, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(answer.stdout)
    return found


def interface(answer: dict[str, Any]) -> Interface:
    """The lines of the snapshot, from an answer of `compiled`."""
    made = {
        name: contract
        for path, contracts in answer["contracts"].items()
        if path.startswith(PROJECT)
        for name, contract in contracts.items()
    }
    lines: Interface = {}
    for name in (*CONTRACTS, *MODULES):
        lines[f"{name} ABI"] = sorted(_abi_line(entry) for entry in made[name]["abi"])
        for kind in KINDS:
            lines[f"{name} {kind}"] = [" ".join(map(str, p)) for p in places(made[name][kind])]
    lines["typed data"] = sorted(
        line
        for path, source in answer["sources"].items()
        if path.startswith(f"{PROJECT}contracts/") and "/testing/" not in path
        for line in _typed_data(source["ast"])
    )
    return lines


def places(layout: dict[str, Any]) -> list[tuple[str, str, int, str]]:
    """Name, slot, offset and type of everything that a contract stores, with fields of structs."""

    def inside(kind: str, base: int, path: str) -> Iterator[tuple[str, str, int, str]]:
        for member in layout["types"][kind].get("members", []):
            yield from below(member, base, path)

    def below(entry: dict[str, Any], base: int, path: str) -> Iterator[tuple[str, str, int, str]]:
        slot, name = base + int(entry["slot"]), f"{path}{entry['label']}"
        yield name, str(slot), entry["offset"], layout["types"][entry["type"]]["label"]
        yield from inside(entry["type"], slot, f"{name}.")

    return [found for entry in layout["storage"] for found in below(entry, 0, "")]


def _abi_line(entry: dict[str, Any]) -> str:
    """One entry of an ABI as text, with its selector or topic if it has one."""
    kind, name = entry["type"], entry.get("name", "")
    line = f"{kind} {name}({_parameters(entry.get('inputs', []))})"
    types = ",".join(collapse_if_tuple(p) for p in entry.get("inputs", []))
    hashed = keccak(text=f"{name}({types})")
    if kind == "event":
        return f"{line}{' anonymous' if entry['anonymous'] else ''} 0x{hashed.hex()}"
    if kind == "function":
        line += f" returns ({_parameters(entry['outputs'])})"
    if "stateMutability" in entry:
        line += f" {entry['stateMutability']}"
    return f"{line} 0x{hashed[:4].hex()}" if name else line


def _parameters(parameters: list[dict[str, Any]]) -> str:
    return ", ".join(_parameter(parameter) for parameter in parameters)


def _parameter(parameter: dict[str, Any]) -> str:
    kind = parameter["type"]
    if kind.startswith("tuple"):
        kind = f"({_parameters(parameter['components'])}){kind.removeprefix('tuple')}"
    indexed = "indexed " if parameter.get("indexed") else ""
    return f"{kind} {indexed}{parameter['name']}".rstrip()


def _typed_data(tree: Any) -> Iterator[str]:
    """The EIP-712 types that a source hashes, and the names and versions of its domains."""
    if isinstance(tree, list):
        for value in tree:
            yield from _typed_data(value)
    elif isinstance(tree, dict):
        called = tree.get("expression") or tree.get("modifierName") or {}
        given = [a.get("value") for a in tree.get("arguments") or []]
        if called.get("name") == "keccak256" and isinstance(given[0], str):
            yield f"type {given[0]}"
        if called.get("name") == "EIP712":
            yield f"domain {given}"
        for value in tree.values():
            yield from _typed_data(value)


def write() -> None:
    """Write the snapshot of the present sources."""
    text = json.dumps(interface(compiled()), indent=1, ensure_ascii=False)
    SNAPSHOT.parent.mkdir(parents=True, exist_ok=True)
    SNAPSHOT.write_text(text + "\n", encoding="utf-8")


def main() -> None:
    """Write the snapshot and print its path."""
    write()
    print(SNAPSHOT)


if __name__ == "__main__":
    main()
