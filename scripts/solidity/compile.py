"""Compile contracts/ with py-solc-x into `.refrain/artifacts/<Contract>.json`.

The input is standard JSON with every source inline under the name that Hardhat gives it, so both
produce the same bytecode including the metadata hash. The script does not compile if the sources,
the settings and the compiler are the same as in the last run.
"""

from __future__ import annotations

import hashlib
import json
import os
import posixpath
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import solcx
from solcx.exceptions import SolcError

from scripts.solidity.toolchain import MODULES, ROOT, STATE, solc

CONTRACTS = ROOT / "contracts"
ARTIFACTS = STATE / "artifacts"
STAMP = ".stamp"

PROJECT = "project/"
LIBRARY = "@openzeppelin/contracts"

# Contracts of OpenZeppelin that a deployment creates unchanged.
DEPLOYED = ("access/manager/AccessManager.sol", "governance/TimelockController.sol")

SETTINGS: dict[str, Any] = {
    "optimizer": {"enabled": True, "runs": 1_000_000},
    "viaIR": True,
    "evmVersion": "prague",
    "outputSelection": {"*": {"": ["ast"], "*": [
        "abi", "evm.bytecode.object", "evm.deployedBytecode.object",
        "evm.deployedBytecode.immutableReferences", "metadata", "storageLayout",
    ]}},
}  # fmt: skip

_IMPORT = re.compile(r"""^\s*import\s[^;]*?["']([^"']+)["']\s*;""", re.MULTILINE)


class CompileError(RuntimeError):
    """solc reported an error or a warning; the message is solc's."""


def library_root() -> str:
    """The prefix of OpenZeppelin's source names in Hardhat: the package with its version."""
    package = json.loads((MODULES / LIBRARY / "package.json").read_text(encoding="utf-8"))
    return f"npm/{LIBRARY}@{package['version']}"


def _deployed() -> list[str]:
    return [f"{library_root()}/{path}" for path in DEPLOYED]


def _resolve(name: str, imported: str) -> str:
    if imported.startswith(f"{LIBRARY}/"):
        return library_root() + imported.removeprefix(LIBRARY)
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), imported))


def _path(name: str) -> Path:
    if name.startswith(PROJECT):
        return ROOT / name.removeprefix(PROJECT)
    return MODULES / LIBRARY / name.removeprefix(library_root() + "/")


def gather(folder: Path = CONTRACTS) -> dict[str, str]:
    """Every source of `folder` and its imports, by source name, sorted by name."""
    waiting = [PROJECT + p.relative_to(ROOT).as_posix() for p in sorted(folder.rglob("*.sol"))]
    waiting += _deployed()
    sources: dict[str, str] = {}
    while waiting:
        name = waiting.pop()
        if name not in sources:
            sources[name] = _path(name).read_text(encoding="utf-8")
            waiting += [_resolve(name, i) for i in _IMPORT.findall(sources[name])]
    return dict(sorted(sources.items()))


def standard_input(sources: dict[str, str]) -> dict[str, Any]:
    """The standard-JSON input for `sources`."""
    content = {name: {"content": text} for name, text in sources.items()}
    remapping = f"{PROJECT}:{LIBRARY}/={library_root()}/"
    settings = {**SETTINGS, "remappings": [remapping]}
    return {"language": "Solidity", "sources": content, "settings": settings}


def _digest(request: dict[str, Any], compiler: Path) -> str:
    """Changes with sources, settings and compiler; not with the path, so a copy stays compiled."""
    text = json.dumps(request, sort_keys=True) + _release(compiler)
    return hashlib.sha256(text.encode()).hexdigest()


def _release(compiler: Path) -> str:
    """Such as ``0.8.30+commit.73712a01``: its WebAssembly and native builds give equal code."""
    text = subprocess.check_output([str(compiler), "--version"], text=True)
    found = re.search(r"\d+\.\d+\.\d+\+commit\.[0-9a-f]+", text)
    if found is None:
        raise CompileError(f"{compiler} --version: no release in {text[:200]!r}")
    return found[0]


def run_solc(request: dict[str, Any], compiler: Path) -> dict[str, Any]:
    """solc's answer to a standard-JSON request; a warning counts as an error."""
    try:
        answer: dict[str, Any] = solcx.compile_standard(request, solc_binary=str(compiler))
    except SolcError as error:
        raise CompileError(error.message) from None
    problems = [e["formattedMessage"] for e in answer.get("errors", []) if e["severity"] != "info"]
    if problems:
        raise CompileError("\n".join(problems))
    return answer


def artifact(compiled: dict[str, Any], names: Mapping[int, str] | None = None) -> dict[str, Any]:
    """The parts of a compiled contract that the artifact stores.

    Args:
        names: of the variables, by the numbers that the compiler gives them (`variables`).
    """
    deployed, known = compiled["evm"]["deployedBytecode"], names or {}
    return {
        "abi": compiled["abi"],
        "bytecode": "0x" + compiled["evm"]["bytecode"]["object"],
        "deployedBytecode": "0x" + deployed["object"],
        "immutables": {
            known.get(int(number), number): sorted(place["start"] for place in places)
            for number, places in deployed.get("immutableReferences", {}).items()
        },
        "metadata": compiled["metadata"],
        "storage": compiled.get("storageLayout", {}),
    }


def variables(answer: dict[str, Any]) -> dict[int, str]:
    """The names of the contracts' variables by the numbers that the compiler gives them."""
    trees = [source["ast"] for source in answer["sources"].values()]
    contracts = [node for tree in trees for node in tree["nodes"]
                 if node["nodeType"] == "ContractDefinition"]
    return {node["id"]: node["name"] for contract in contracts for node in contract["nodes"]
            if node["nodeType"] == "VariableDeclaration"}


def _write(folder: Path, answer: dict[str, Any], digest: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / STAMP).unlink(missing_ok=True)
    wanted, names = _deployed(), variables(answer)
    for source, contracts in answer["contracts"].items():
        ours = source.startswith(PROJECT) or source in wanted
        for name, compiled in contracts.items() if ours else ():
            draft = folder / f"{name}.json.{os.getpid()}"
            draft.write_text(json.dumps(artifact(compiled, names), sort_keys=True, indent=1) + "\n")
            draft.replace(folder / f"{name}.json")
    (folder / STAMP).write_text(digest)


def compile_contracts(folder: Path = ARTIFACTS) -> Path:
    """Compile what changed and return the folder of artifacts.

    Raises:
        CompileError: solc reported an error or a warning.
        ToolMissing: there is no compiler.
    """
    request, compiler = standard_input(gather()), solc()
    digest = _digest(request, compiler)
    if not _current(folder, digest):
        _write(folder, run_solc(request, compiler), digest)
    return folder


def is_compiled(folder: Path = ARTIFACTS) -> bool:
    """Whether `folder` holds what the sources, the settings and the compiler give."""
    return _current(folder, _digest(standard_input(gather()), solc()))


def _current(folder: Path, digest: str) -> bool:
    stamp = folder / STAMP
    return stamp.exists() and stamp.read_text() == digest


def main() -> None:
    """Compile, and print the folder of the artifacts."""
    print(compile_contracts())


if __name__ == "__main__":
    main()
