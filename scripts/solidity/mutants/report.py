"""Results of the mutants: a log to resume from, docs/reports/mutants.md, and the reasons."""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from scripts.solidity.mutants.model import Mutant
from scripts.solidity.toolchain import ROOT

TABLE = ROOT / "docs" / "reports" / "mutants.md"
REASONS = Path("tests") / "contracts" / "mutants.toml"

HEAD = """# Mutants

Written by `make mutants`. Each mutant is one fault in the contracts: a guard left out or turned
round, an operator or a limit changed, a statement deleted, in Solidity and in assembly. It is
caught when a test fails on it. The invariants and the tests below are not run on mutants.
"""


@dataclass(frozen=True)
class Outcome:
    """One mutant, tested on the sources of that digest: by which test it was caught, if at all."""

    digest: str
    name: str
    caught: str
    seconds: float


@dataclass(frozen=True)
class Log:
    """Outcomes as they come, a line each, so that a run that is cut off loses none."""

    path: Path

    def read(self) -> list[Outcome]:
        lines = self.path.read_text().splitlines() if self.path.exists() else []
        return [Outcome(**json.loads(line)) for line in lines]

    def add(self, outcome: Outcome) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a") as file:
            file.write(json.dumps(asdict(outcome)) + "\n")


@dataclass(frozen=True)
class Reasons:
    """Why a survivor is no fault, and why a test cannot be run on woven contracts."""

    survivors: Mapping[str, str]
    skipped: Mapping[str, str]

    def unexplained(self, outcomes: Sequence[Outcome]) -> list[str]:
        survivors = [o.name for o in outcomes if not o.caught]
        return [f"survived, unexplained: {n}" for n in survivors if n not in self.survivors]

    def stale(self, outcomes: Sequence[Outcome]) -> list[str]:
        """What is explained and yet caught by now, or no longer there."""
        idle = set(self.survivors) - {o.name for o in outcomes if not o.caught}
        return [f"explained, but no survivor: {name}" for name in sorted(idle)]


def read_reasons(root: Path = ROOT) -> Reasons:
    path = root / REASONS
    given = tomllib.loads(path.read_text()) if path.exists() else {}
    survivors = {m: group["why"] for group in given.get("survivors", []) for m in group["mutants"]}
    return Reasons(survivors, given.get("skipped", {}))


def table(outcomes: Sequence[Outcome], mutants: Mapping[str, Mutant], reasons: Reasons) -> str:
    """What is known of every mutant as Markdown."""
    rows = ["| File | Mutants | Caught | Survived | Not run |", "|---|---:|---:|---:|---:|"]
    paths = {name: mutant.path for name, mutant in mutants.items()}
    for path, number in sorted(Counter(paths.values()).items()):
        rows.append(_row(f"`{path}`", number, [o for o in outcomes if paths[o.name] == path]))
    rows += [_row("All", len(mutants), outcomes), "", "## Survivors", ""]
    rows += ["| Where | Mutation | Why it is no fault |", "|---|---|---|"]
    for outcome in outcomes:
        if not outcome.caught:
            mutant = mutants[outcome.name]
            why = reasons.survivors.get(outcome.name, "**unexplained**")
            rows.append(f"| {mutant.path}:{mutant.line} | {_code(mutant.change)} | {why} |")
    rows += ["", "## Tests that are not run on mutants", "", "| Test | Why |", "|---|---|"]
    rows += [f"| `{test}` | {why} |" for test, why in reasons.skipped.items()]
    return "\n".join([HEAD, *rows, ""])


def _row(label: str, number: int, outcomes: Sequence[Outcome]) -> str:
    run, caught = len(outcomes), sum(bool(outcome.caught) for outcome in outcomes)
    return f"| {label} | {number} | {caught} | {run - caught} | {number - run} |"


def _code(text: str) -> str:
    # A bar ends a table's cell, in code as well.
    return f"`{text}`".replace("|", "\\|")
