"""Which lines of the contracts the tests reach: `python -m scripts.coverage`.

Fails on a line that is missed without a reason in tests/contracts/coverage.toml. Forge counts lines
here and not branches: how both sides of each guard are tested is what `make mutants` tells.
"""

from __future__ import annotations

import fnmatch
import re
import shutil
import subprocess
import sys
import tomllib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from scripts.forge import environment
from scripts.mutants.report import read_reasons
from scripts.toolchain import HARDHAT, ROOT, STATE, forge

COPY = STATE / "coverage"
REASONS = ROOT / "tests" / "contracts" / "coverage.toml"
# A contract with a function of this name is a test to forge, which then leaves it out.
_TABLE = re.compile(r"\btable(?=\(|\.selector)")
_SPARED = {"interfaces", "testing"}

Hits = Mapping[str, Mapping[int, int]]
"""By file and line, how often the line was run."""


@dataclass(frozen=True)
class Reason:
    """Why lines of these texts in files of that shape are missed."""

    file: str
    lines: tuple[str, ...]
    why: str

    def covers(self, file: str, text: str) -> bool:
        return fnmatch.fnmatchcase(file, self.file) and any(
            fnmatch.fnmatchcase(text, line) for line in self.lines
        )


def copy() -> None:
    """Contracts and tests where forge can measure them."""
    for folder in (Path("contracts"), Path("tests", "contracts")):
        shutil.rmtree(COPY / folder, ignore_errors=True)
        for path in sorted((ROOT / folder).rglob("*.sol")):
            if "symbolic" not in path.parts:
                target = COPY / path.relative_to(ROOT)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(_TABLE.sub("theTable", path.read_text()))
    link = COPY / HARDHAT.name
    link.unlink(missing_ok=True)
    link.symlink_to(HARDHAT)


def measure() -> Hits:
    """Run the tests but the invariants, and what measures gas, which is another here."""
    copy()
    traces = COPY / "lcov.info"
    skipped = "|".join(["^invariant", *read_reasons().skipped])
    command = [
        forge(), "coverage", "--root", COPY, "--match-path", "tests/contracts/**",
        "--no-match-test", skipped, "--ir-minimum", "--report", "lcov", "--report-file", traces,
    ]  # fmt: skip
    run = subprocess.run(
        [*map(str, command)], env=environment("coverage"), cwd=COPY, capture_output=True, text=True
    )
    if run.returncode:
        raise SystemExit(run.stdout + run.stderr)
    return parse(traces.read_text())


def parse(traces: str) -> Hits:
    hits: dict[str, dict[int, int]] = defaultdict(dict)
    file = ""
    for line in traces.splitlines():
        kind, _, rest = line.partition(":")
        if kind == "SF":
            file = rest
        elif kind == "DA" and file.startswith("contracts/") and not _SPARED & set(file.split("/")):
            number, count = map(int, rest.split(",")[:2])
            hits[file][number] = max(count, hits[file].get(number, 0))
    return hits


def reasons() -> list[Reason]:
    given = tomllib.loads(REASONS.read_text())["missed"]
    return [Reason(g["file"], tuple(g["lines"]), g["why"]) for g in given]


def main() -> int:
    """Print the table and what is missed for no reason; 0 when nothing is."""
    wrong, known = [], reasons()
    print(f"{'File':44} {'lines':>6} {'reached':>8} {'excused':>8}")
    for file, lines in sorted(measure().items()):
        texts = (ROOT / file).read_text().splitlines()
        missed = {n: texts[n - 1].strip() for n, count in lines.items() if count == 0}
        bare = [n for n, text in missed.items() if not any(r.covers(file, text) for r in known)]
        excused = len(missed) - len(bare)
        print(f"{file:44} {len(lines):6} {len(lines) - len(missed):8} {excused:8}")
        wrong += [f"missed without a reason: {file}:{n} {missed[n]}" for n in bare]
    print("\n".join(wrong))
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
