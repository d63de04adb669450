"""Compares the `.tree` files of tests/contracts with the tests: `python -m scripts.solidity.trees`.

A tree says what a subject should do, one branch for each case. Each leaf lists the tests that show
it:

    revoking
    ├── by anyone but the owner: it should revert
    │       test_RevokingIsForTheOwner
    └── it should end consent at this block
            test_RevokedItEndsAtThisBlock, testFuzz_AWindowThatStartedIsCutToThisBlock

The contracts that test a tree name it in their NatSpec ("See Consent.tree"). If two contracts have
a test of the same name, the leaf names the contract: `SignaturesTest.test_RefusedWhenCutShort`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from scripts.solidity.toolchain import ROOT

TESTS = ROOT / "tests" / "contracts"

_BRANCH = re.compile(r"((?:│   |    )*)[├└]── (.+)")
_NAME = r"(?:\w+\.)?(?:test|testFuzz|invariant)_\w+"
_NAMES = re.compile(rf"[│ ]*({_NAME}(?:, {_NAME})*),?")
_DECLARED = re.compile(
    r"^(?:abstract )?contract (\w+)|\bfunction ((?:test|testFuzz|invariant)_\w+)\(", re.MULTILINE
)
_TREE = re.compile(r"\b(\w+\.tree)\b")


@dataclass
class Branch:
    """One line of a tree: the texts from the top down to it, and its tests if it is a leaf."""

    path: tuple[str, ...]
    tests: list[str] = field(default_factory=list)


def parse(text: str) -> list[Branch]:
    """The branches of a tree, without the title.

    Raises:
        ValueError: a line is neither a branch nor a list of tests, or has no branch above it.
    """
    branches: list[Branch] = []
    above: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines()[1:], 2):
        names, branch = _NAMES.fullmatch(line), _BRANCH.fullmatch(line)
        if names and branches:
            branches[-1].tests += names[1].split(", ")
        elif branch and (depth := len(branch[1]) // 4) <= len(above):
            above = (*above[:depth], branch[2])
            branches.append(Branch(above))
        else:
            raise ValueError(f"line {number} is neither a branch nor a list of tests: {line}")
    return branches


def leaves(branches: Sequence[Branch]) -> Iterator[Branch]:
    """The branches without a branch below them."""
    for branch, after in zip(branches, [*branches[1:], Branch(())], strict=True):
        if len(after.path) <= len(branch.path):
            yield branch


def tests_in(source: str) -> list[str]:
    """The test functions of a source, each as `Contract.function`."""
    found, contract = [], ""
    for declared, test in _DECLARED.findall(source):
        contract = declared or contract
        found += [f"{contract}.{test}"] if test else []
    return found


def problems(trees: Mapping[str, str], sources: Mapping[str, str]) -> list[str]:
    """The differences between the trees and the tests of one folder, one line each.

    Args:
        trees: text of each `.tree` file by its name.
        sources: text of each test source by its name.
    """
    found: list[str] = []
    shown: set[str] = set()
    for tree, text in trees.items():
        here = [s for s in sources.values() if tree in _TREE.findall(s)]
        there = [test for source in here for test in tests_in(source)]
        try:
            branches = parse(text)
        except ValueError as error:
            found.append(f"{tree}: {error}")
            continue
        found += [f"{tree}: {line}" for line in _of_branches(branches, there, shown)]
    for name, source in sources.items():
        named = _TREE.findall(source)
        found += [f"{name}: there is no {tree}" for tree in named if tree not in trees]
        found += [f"{name}: names no tree"] if not named else []
        missing = [test for test in tests_in(source) if test not in shown]
        found += [f"{name}: no branch names {test.partition('.')[2]}" for test in missing]
    return found


def _of_branches(branches: list[Branch], there: list[str], shown: set[str]) -> Iterator[str]:
    """The errors in the branches of one tree; adds the tests that they name to `shown`."""
    ends = list(leaves(branches))
    for branch in branches:
        says = branch.path[-1]
        if branch in ends and not branch.tests:
            yield f"no test shows: {says}"
        if branch in ends and "should" not in " ".join(branch.path):
            yield f"does not say what should happen: {says}"
        if branch not in ends and branch.tests:
            yield f"tests belong under a leaf: {says}"
        for name in branch.tests:
            fits = [t for t in there if name in (t, t.partition(".")[2])]
            if len(fits) != 1:
                yield f"{len(fits)} tests are named {name}"
            shown.update(fits)


def main() -> int:
    """Print the problems; return 0 if there are none."""
    wrong = []
    for folder in sorted({path.parent for path in TESTS.rglob("*.t.sol")}):
        trees = {path.name: path.read_text() for path in sorted(folder.glob("*.tree"))}
        sources = {path.name: path.read_text() for path in sorted(folder.glob("*.t.sol"))}
        wrong += [f"{folder.relative_to(ROOT)}/{line}" for line in problems(trees, sources)]
    print("\n".join(wrong))
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
