"""Measures which lines and branches the tests reach: `python -m scripts.solidity.coverage`.

It fails on a missed line or branch without a reason in tests/contracts/coverage.toml, and on a
reason that explains nothing. Forge counts whether the bodies of `if` and `else` run, but does not
count the two outcomes of a `require`, so each `require` is measured as an equivalent `if`.
"""

from __future__ import annotations

import fnmatch
import re
import shutil
import subprocess
import sys
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from scripts.solidity.forge import environment
from scripts.solidity.mutants.report import read_reasons
from scripts.solidity.toolchain import HARDHAT, ROOT, STATE, forge

COPY = STATE / "coverage"
REASONS = ROOT / "tests" / "contracts" / "coverage.toml"
# Forge takes a contract with a function of this name for a test, and leaves it out.
_TABLE = re.compile(r"\btable(?=\(|\.selector)")
_REQUIRE = re.compile(r"\brequire\(")
_SPARED = {"interfaces", "testing"}


class Place(NamedTuple):
    """A line, or a body that depends on a condition on it; `body` is forge's number of the body."""

    line: int
    body: str = ""


Hits = Mapping[str, Mapping[Place, int]]
"""How often each place of each file ran."""


@dataclass(frozen=True)
class Reason:
    """Why tests miss lines with these texts, or branches on them, in files of this pattern."""

    file: str
    why: str
    lines: tuple[str, ...] = ()
    branches: tuple[str, ...] = ()

    def single(self) -> list[Reason]:
        """The same reason, one for each text."""
        return [
            *(Reason(self.file, self.why, lines=(text,)) for text in self.lines),
            *(Reason(self.file, self.why, branches=(text,)) for text in self.branches),
        ]

    def covers(self, miss: Miss) -> bool:
        texts = self.branches if miss.place.body else self.lines
        return fnmatch.fnmatchcase(miss.file, self.file) and any(
            fnmatch.fnmatchcase(miss.text, text) for text in texts
        )


@dataclass(frozen=True)
class Miss:
    """A place that no test reaches, and the text of its line."""

    file: str
    place: Place
    text: str

    def __str__(self) -> str:
        kind = "branch" if self.place.body else "line"
        return f"{kind} {self.file}:{self.place.line} {self.text}"


def spell_out(source: str) -> str:
    """The source with each `require(a, E());` as `{if (!(a)) revert E();}`, on the same lines."""
    parts, done = [], 0
    for found in _REQUIRE.finditer(source):
        comma, end = _arguments(source, found.end())
        condition, error = source[found.end() : comma], source[comma + 1 : end]
        parts += [source[done : found.start()], f"{{if (!({condition})) revert {error};}}"]
        done = source.index(";", end) + 1
    return "".join([*parts, source[done:]])


def _arguments(source: str, start: int) -> tuple[int, int]:
    """Positions of the first comma and of the end of the parenthesis that begins at `start`."""
    depth, comma = 1, 0
    for at in range(start, len(source)):
        depth += (source[at] in "([{") - (source[at] in ")]}")
        if depth == 1 and source[at] == "," and not comma:
            comma = at
        if depth == 0:
            break
    return comma, at


def copy() -> None:
    """Copy contracts and tests to a folder where forge can measure them."""
    for folder in (Path("contracts"), Path("tests", "contracts")):
        shutil.rmtree(COPY / folder, ignore_errors=True)
        for path in sorted((ROOT / folder).rglob("*.sol")):
            if "symbolic" not in path.parts:
                target = COPY / path.relative_to(ROOT)
                target.parent.mkdir(parents=True, exist_ok=True)
                text = _TABLE.sub("theTable", path.read_text())
                target.write_text(spell_out(text) if folder == Path("contracts") else text)
    link = COPY / HARDHAT.name
    link.unlink(missing_ok=True)
    link.symlink_to(HARDHAT)


def measure() -> Hits:
    """Run all tests except invariants and tests of gas, because the copy uses other gas."""
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
    hits: dict[str, dict[Place, int]] = defaultdict(lambda: defaultdict(int))
    file = ""
    for line in traces.splitlines():
        kind, _, rest = line.partition(":")
        if kind == "SF":
            file = rest
        elif file.startswith("contracts/") and not _SPARED & set(file.split("/")):
            for place, count in _counts(kind, rest.split(",")):
                hits[file][place] = max(count, hits[file][place])
    return {file: dict(places) for file, places in hits.items()}


def _counts(kind: str, fields: list[str]) -> Iterator[tuple[Place, int]]:
    if kind == "DA":
        yield Place(int(fields[0])), int(fields[1])
    if kind == "BRDA":
        line, count = int(fields[0]), int(fields[3].replace("-", "0"))
        yield Place(line, f"{fields[1]}.{fields[2]}"), count
        # The IR moves a short body elsewhere, but the run that enters it passes its line.
        yield Place(line), count


def reasons() -> list[Reason]:
    given = tomllib.loads(REASONS.read_text())["missed"]
    return [
        Reason(g["file"], g["why"], tuple(g.get("lines", ())), tuple(g.get("branches", ())))
        for g in given
    ]


def problems(missed: Sequence[Miss], known: Sequence[Reason]) -> list[str]:
    """Misses without a reason, and reasons, text by text, without a miss."""
    bare = [miss for miss in missed if not any(reason.covers(miss) for reason in known)]
    apart = [single for reason in known for single in reason.single()]
    idle = [reason for reason in apart if not any(reason.covers(miss) for miss in missed)]
    return [
        *(f"missed without a reason: {miss}" for miss in bare),
        *(f"explains nothing: {r.file} {(*r.lines, *r.branches)[0]}" for r in idle),
    ]


def misses(file: str, places: Mapping[Place, int], text: str) -> list[Miss]:
    lines = text.splitlines()
    unrun = (place for place, count in places.items() if count == 0)
    return [Miss(file, place, lines[place.line - 1].strip()) for place in unrun]


def main() -> int:
    """Print the table and the misses without a reason; return 0 if there are none."""
    known = reasons()
    missed: list[Miss] = []
    total: Counter[str] = Counter()
    print(f"{'File':40} {'lines':>6} {'missed':>7} {'branches':>9} {'missed':>7} {'excused':>8}")
    for file, places in sorted(measure().items()):
        here = misses(file, places, (ROOT / file).read_text())
        row = {
            "lines": sum(not place.body for place in places),
            "missed lines": sum(not miss.place.body for miss in here),
            "branches": sum(bool(place.body) for place in places),
            "missed branches": sum(bool(miss.place.body) for miss in here),
            "excused": sum(any(reason.covers(miss) for reason in known) for miss in here),
        }
        print(_row(file, row))
        missed += here
        total.update(row)
    print(_row("all", total))
    wrong = problems(missed, known)
    print("\n".join(wrong))
    return int(bool(wrong))


def _row(name: str, counts: Mapping[str, int]) -> str:
    return (
        f"{name:40} {counts['lines']:6} {counts['missed lines']:7} {counts['branches']:9} "
        f"{counts['missed branches']:7} {counts['excused']:8}"
    )


if __name__ == "__main__":
    sys.exit(main())
