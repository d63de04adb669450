"""Runs mutants: `python -m scripts.solidity.mutants [--file contracts/ledger/Escrow.sol]`.

Fails when a mutant survives that tests/contracts/mutants.toml does not explain. A run that is cut
off goes on where it was when it is started again. Other contracts make every outcome void; other
tests make it void for the mutants that they caught, and for all that survived.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from scripts.solidity.mutants.model import Mutant, named
from scripts.solidity.mutants.project import Project
from scripts.solidity.mutants.report import TABLE, Log, Outcome, read_reasons, table
from scripts.solidity.toolchain import HARDHAT, ROOT


def digest(project: Project, suite: str) -> str:
    """Of all that decides whether a suite catches a mutant; whether none does, for ""."""
    tests = [p for p in project.tests() if not p.name.endswith(".t.sol") or _holds(p, suite)]
    paths = [*(project.root / "contracts").rglob("*.sol"), *tests]
    paths += [*Path(__file__).parent.glob("*.py"), HARDHAT / "foundry.toml"]
    whole = hashlib.sha256(" ".join(project.skipped).encode())
    for path in sorted(paths):
        whole.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return whole.hexdigest()


def _holds(path: Path, suite: str) -> bool:
    return not suite or f"contract {suite} " in path.read_text()


class Digests(dict[str, str]):
    """The digest behind an outcome, by what caught the mutant. Each is worked out once."""

    def __init__(self, project: Project) -> None:
        super().__init__()
        self.project = project

    def __missing__(self, suite: str) -> str:
        self[suite] = digest(self.project, suite)
        return self[suite]

    def of(self, caught: str) -> str:
        """`caught` is a suite and its test, "solc" or "timeout", or empty."""
        return self[caught.rpartition(".")[0]]


def valid(log: Log, digests: Digests, wanted: Mapping[str, Mutant]) -> list[Outcome]:
    """The last outcome of each mutant that is still what a run would come to."""
    found = [o for o in log.read() if o.name in wanted and o.digest == digests.of(o.caught)]
    return list({outcome.name: outcome for outcome in found}.values())


def select(
    options: argparse.Namespace, every: Mapping[str, Mutant], last: Sequence[Outcome]
) -> dict[str, Mutant]:
    """The mutants that the command line asks for, in the order of the sources."""
    names = [n for n in every if not options.file or n.startswith(tuple(options.file))]
    if options.survivors:
        caught = {outcome.name: outcome.caught for outcome in last}
        names = [n for n in names if caught.get(n) == ""]
    if options.sample is not None and options.sample < len(names):
        names = random.Random(options.seed).sample(names, options.sample)
    return {name: every[name] for name in every if name in set(names)}


def outcomes(
    project: Project, log: Log, wanted: Mapping[str, Mutant], jobs: int
) -> Iterator[Outcome]:
    """What became of each mutant that is wanted, what is known from an earlier run first."""
    digests = Digests(project)
    known = {outcome.name: outcome for outcome in valid(log, digests, wanted)}
    yield from known.values()
    numbers = {m: n for n, (name, m) in enumerate(wanted.items(), 1) if name not in known}
    refused = project.prepare(numbers) if numbers else set()

    # What has caught a mutant of a file is tried first on the next; to start forge costs more.
    killers: dict[str, set[str]] = defaultdict(set)
    for outcome in log.read():
        if outcome.name in wanted:
            killers[wanted[outcome.name].file].update(outcome.caught.split(".")[1:])

    def test(name: str) -> Outcome:
        start, mutant = time.monotonic(), wanted[name]
        here = killers[mutant.file]
        likely = sorted(killer for killer in list(here) if killer.startswith("test"))
        caught = "solc" if mutant in refused else project.test(numbers[mutant], likely)
        here.update(caught.split(".")[1:])
        return Outcome(digests.of(caught), name, caught, round(time.monotonic() - start, 2))

    with ThreadPoolExecutor(jobs) as pool:
        for outcome in pool.map(test, [name for name in wanted if name not in known]):
            log.add(outcome)
            yield outcome


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Test the tests: run them on faulty contracts.")
    parser.add_argument("--file", action="append", help="only mutants of this file, as printed")
    parser.add_argument("--sample", type=int, help="only so many, drawn at random")
    parser.add_argument("--seed", type=int, default=0, help="of the sample")
    parser.add_argument("--survivors", action="store_true", help="only those that survived last")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--root", type=Path, default=ROOT, help="where contracts and tests are")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Test the mutants and name the survivors; docs/reports/mutants.md has the whole table."""
    options = parse(arguments)
    root = options.root.resolve()
    reasons = read_reasons(root)
    project = Project(root, tuple(reasons.skipped))
    log = Log(project.folder / "outcomes.jsonl")
    every = named({mutant for site in project.sites for mutant, _ in site.variants})
    wanted = select(options, every, log.read())
    print(f"{len(wanted)} of {len(every)} mutants")
    found = []
    for outcome in outcomes(project, log, wanted, options.jobs):
        found.append(outcome)
        print(f"{len(found):5} {outcome.caught or 'SURVIVED':60} {outcome.name}", flush=True)
    wrong = reasons.unexplained(found)
    if len(wanted) == len(every):
        wrong += reasons.stale(found)
    if root == ROOT:
        TABLE.write_text(table(valid(log, Digests(project), every), every, reasons))
    print("\n".join(wrong))
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
