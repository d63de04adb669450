"""Writes the code that the audit knows: `python -m scripts.solidity.known_code [--check]`.

The audit needs no compiler: it compares the code at an address with hashes from this compile.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from eth_utils import keccak

from scripts.solidity.artifacts import MODULES
from scripts.solidity.compile import compile_contracts
from scripts.solidity.toolchain import ROOT

TARGET = ROOT / "scripts" / "auditor" / "known_code.py"
CONTRACTS = ("RoyaltyLedger", *MODULES, "RightsSplits", "DisputeCourt", "TrainingPool",
             "RoyaltyLens", "AccessManager", "TimelockController")
HEAD = '''"""The code of the contracts, as `python -m scripts.solidity.known_code` compiled it.

A constructor writes immutable variables into the code, 32 bytes at each of their places. The hash
is that of the code with zeros there.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Code:
    """Length in bytes, keccak of the code without immutables, and the places of each immutable."""

    size: int
    digest: str
    immutables: dict[str, tuple[int, ...]]


CODES = {
'''


def entry(name: str, found: dict[str, Any]) -> str:
    """The lines about one contract, from its artifact."""
    code = bytes.fromhex(found["deployedBytecode"][2:])
    places = "".join(f'        "{word}": {tuple(starts)},\n'
                     for word, starts in sorted(found["immutables"].items()))
    inside = f"{{\n{places}    }}" if places else "{}"
    digest = keccak(code).hex()
    return f'    "{name}": Code({len(code)}, (\n        "{digest}"\n    ), {inside}),\n'


def text() -> str:
    """The module `known_code` of the audit."""
    folder = compile_contracts()
    rows = [entry(name, json.loads(Path(folder, f"{name}.json").read_text())) for name in CONTRACTS]
    return HEAD + "".join(rows) + '}  # fmt: skip\n"""Name of a contract to its code."""\n'


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Write the code that the audit knows.")
    parser.add_argument("--check", action="store_true", help="only say whether it is up to date")
    made, check = text(), parser.parse_args(words).check
    if not check:
        TARGET.write_text(made)
    elif TARGET.read_text() != made:
        print(f"{TARGET.name} is old: python -m scripts.solidity.known_code", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
