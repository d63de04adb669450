"""Run slither over the contracts: `python -m scripts.solidity.slither`.

It fails on a finding that tests/contracts/slither.toml does not explain, and on an explanation
without a finding.
"""

from __future__ import annotations

import fnmatch
import json
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.solidity.compile import LIBRARY, PROJECT, gather, library_root, standard_input
from scripts.solidity.toolchain import MODULES, ROOT, STATE, proof, solc

REASONS = ROOT / "tests" / "contracts" / "slither.toml"
WORK = STATE / "slither"
LIBRARIES = f"{MODULES.relative_to(ROOT)}/{LIBRARY}"
# The outputs that crytic-compile reads; slither itself only uses the syntax tree.
_ASKED = ["abi", "devdoc", "userdoc", "evm.bytecode", "evm.deployedBytecode"]


@dataclass(frozen=True)
class Finding:
    """A detector's finding at a place such as Contract.function or Contract.function.variable."""

    check: str
    where: str
    says: str


@dataclass(frozen=True)
class Reason:
    """Why findings of a detector at places of these patterns are no faults."""

    check: str
    where: tuple[str, ...]
    why: str

    def covers(self, finding: Finding) -> bool:
        return any(self.fits(shape, finding) for shape in self.where)

    def fits(self, shape: str, finding: Finding) -> bool:
        """Whether the finding is of this detector and its place matches the pattern."""
        return self.check == finding.check and fnmatch.fnmatchcase(finding.where, shape)


def request() -> dict[str, Any]:
    """The standard JSON of `compile`, with paths as source names so that slither can show them."""
    paths = {name: _path(name) for name in gather()}
    asked: dict[str, Any] = standard_input({})
    asked["sources"] = {p: {"content": (ROOT / p).read_text()} for p in paths.values()}
    asked["settings"] |= {
        "remappings": [f"{LIBRARY}/={LIBRARIES}/"],
        "optimizer": {"enabled": False},
        "outputSelection": {"*": {"*": _ASKED, "": ["ast"]}},
    }
    return asked


def _path(name: str) -> str:
    return name.removeprefix(PROJECT).replace(library_root(), LIBRARIES, 1)


def findings() -> list[Finding]:
    """All findings of slither in this project's contracts."""
    WORK.mkdir(parents=True, exist_ok=True)
    given, answer = WORK / "input.json", WORK / "findings.json"
    given.write_text(json.dumps(request()))
    answer.unlink(missing_ok=True)
    command = [
        proof("slither"), given, "--compile-force-framework", "solc-json", "--solc", solc(),
        "--solc-disable-warnings", "--filter-paths", "node_modules", "--json", answer,
        "--disable-color", "--fail-none",
    ]  # fmt: skip
    run = subprocess.run([*map(str, command)], cwd=ROOT, capture_output=True, text=True)
    if run.returncode or not answer.exists():
        raise SystemExit(run.stdout + run.stderr)
    found = json.loads(answer.read_text())["results"].get("detectors", [])
    return [Finding(f["check"], _where(f["elements"][0]), f["description"].strip()) for f in found]


def _where(element: dict[str, Any]) -> str:
    above = element.get("type_specific_fields", {}).get("parent")
    place = _where(above) if above else ""
    return place if element["type"] == "node" else f"{place}.{element['name']}".lstrip(".")


def reasons(path: Path = REASONS) -> list[Reason]:
    given = tomllib.loads(path.read_text())["findings"]
    return [Reason(g["check"], tuple(g["where"]), g["why"]) for g in given]


def problems(found: Sequence[Finding], explained: Sequence[Reason]) -> list[str]:
    """Findings without a reason, and reasons, pattern by pattern, without a finding."""
    new = [f for f in found if not any(reason.covers(f) for reason in explained)]
    shapes = [(reason, shape) for reason in explained for shape in reason.where]
    idle = [(r, shape) for r, shape in shapes if not any(r.fits(shape, f) for f in found)]
    return [
        *(f"not explained: {f.check} at {f.where}\n{f.says}\n" for f in new),
        *(f"explains nothing: {r.check} at {shape}" for r, shape in idle),
    ]


def main() -> int:
    """Print the problems; return 0 if there are none."""
    found = findings()
    wrong = problems(found, reasons())
    print("\n".join(wrong or [f"{len(found)} findings, each with its reason in {REASONS.name}"]))
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
