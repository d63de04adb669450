"""Writes the ABIs that the package `oracle.adapters.chain.abi` ships.

    python -m scripts.solidity.abi            after a change of the contracts
    python -m scripts.solidity.abi --check    fails if a shipped ABI differs from the compiled one
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from oracle.adapters.chain import abi
from scripts.solidity.artifacts import Artifacts
from scripts.solidity.compile import compile_contracts
from scripts.solidity.toolchain import ROOT

FOLDER = ROOT / "oracle" / "adapters" / "chain" / "abi"


def texts(artifacts: Artifacts) -> dict[str, str]:
    """File name to content, one line for each entry of the ABI."""
    return {f"{name}.json": _text(artifacts.load(name).abi) for name in abi.NAMES}


def _text(entries: Sequence[object]) -> str:
    return "[\n" + ",\n".join(json.dumps(entry, sort_keys=True) for entry in entries) + "\n]\n"


def outdated(folder: Path, wanted: dict[str, str]) -> list[str]:
    """Names of files that are missing, that differ, or that do not belong there."""
    found = {path.name: path.read_text("utf-8") for path in folder.glob("*.json")}
    return sorted(name for name in {*found, *wanted} if found.get(name) != wanted.get(name))


def main(argv: Sequence[str] | None = None) -> int:
    """Write the files; with --check only name the outdated ones and return 1."""
    parser = argparse.ArgumentParser(prog="python -m scripts.solidity.abi", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--check", action="store_true", help="change nothing")
    wanted = texts(Artifacts(compile_contracts()))
    names = outdated(FOLDER, wanted)
    if parser.parse_args(argv).check:
        for name in names:
            print(f"{name} differs from the contracts; run python -m scripts.solidity.abi")
        return 1 if names else 0
    for name in names:
        (FOLDER / name).unlink(missing_ok=True)
        if name in wanted:
            (FOLDER / name).write_text(wanted[name], "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
