"""Every test runs in `make test` or in `make test-long`, and CI runs both."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MAKEFILE = (ROOT / "Makefile").read_text()


def recipe(target):
    """The commands of a target, with the Makefile's variables filled in."""
    # Inside of `make test` the outer make would pass on its flags and announce folders.
    environment = {name: os.environ[name] for name in os.environ if not name.startswith("MAKE")}
    result = subprocess.run(["make", "-n", target], cwd=ROOT, env=environment, capture_output=True,
                            text=True)  # fmt: skip
    assert result.returncode == 0, result.stderr
    return result.stdout.splitlines()


def expression(target):
    """What the target's pytest selects by marker."""
    [line] = [line for line in recipe(target) if "-m pytest" in line]
    return re.search(r""" -m (?:"([^"]+)"|(\w+)) *$""", line).group(1, 2)


def collected(*options):
    """Ids of the tests that pytest collects, and how many there are with those left out."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", *options]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout
    count = re.search(r"^(?:\d+/)?(\d+) tests collected", said, re.MULTILINE)
    assert count, said
    return {line for line in said.splitlines() if "::" in line}, int(count[1])


@pytest.mark.long
def test_every_python_test_is_in_exactly_one_of_the_two_targets():
    chosen = ["".join(filter(None, expression(target))) for target in ("test", "test-long")]
    (short, everything), (long, again) = (collected("-m", each) for each in chosen)
    assert everything == again
    assert len(short) + len(long) == everything
    assert not short & long
    assert short and long


def test_forge_leaves_no_contract_test_out_of_either():
    ordinary, long = ([line for line in recipe(target) if "scripts.solidity.forge" in line]
                      for target in ("test", "test-long"))
    assert ordinary == [".venv/bin/python -m scripts.solidity.forge test"]
    assert long == ["FOUNDRY_PROFILE=long " + ordinary[0]]


def test_the_long_profile_runs_the_same_tests_with_larger_numbers():
    profiles = tomllib.loads((ROOT / "hardhat-config" / "foundry.toml").read_text())["profile"]
    default, long = profiles["default"], profiles["long"]
    assert set(long) == {"fuzz", "invariant"}
    assert long["fuzz"]["runs"] > default["fuzz"]["runs"]
    assert long["invariant"]["runs"] > default["invariant"]["runs"]
    assert long["invariant"]["runs"] * default["invariant"]["depth"] > 500_000


def test_ci_runs_the_checks_and_all_tests_and_ends_with_the_summary_of_pytest():
    lines = (ROOT / ".ci" / "run").read_text().splitlines()
    assert lines[-3:] == ["make check", "make test", "exec make test-long"]
    assert "-m pytest" in recipe("test-long")[-1]
