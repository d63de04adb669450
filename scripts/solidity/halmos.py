"""Prove the symbolic tests: `python -m scripts.solidity.halmos [options of halmos]`.

The tests are in tests/contracts/symbolic. A `check_` passes if no input within its stated bounds
makes it fail. Facts about whole numbers that are slow for bit-vector solvers are in lemmas.smt2,
and the script proves them first.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence

from scripts.solidity.forge import environment
from scripts.solidity.toolchain import ROOT, forge, proof

# The solver is yices from a Python package; loops go over at most four entries.
OPTIONS = ["--forge-build-out", ".refrain/halmos/out", "--loop", "4", "--no-status"]


LEMMAS = ROOT / "tests" / "contracts" / "symbolic" / "lemmas.smt2"


def prove_lemmas() -> bool:
    """Whether z3 finds no counterexample to any lemma."""
    run = subprocess.run([proof("z3"), LEMMAS], capture_output=True, text=True)
    print(run.stdout)
    answers = [line for line in run.stdout.splitlines() if line in ("sat", "unsat", "unknown")]
    return run.returncode == 0 and bool(answers) and set(answers) == {"unsat"}


def run(arguments: Sequence[str]) -> int:
    """Run halmos at the root of the repository and return its exit status."""
    command = [str(proof("halmos")), "--root", str(ROOT), *OPTIONS, *arguments]
    path = f"{forge().parent}{os.pathsep}{os.environ['PATH']}"
    known = {**environment("symbolic"), "PATH": path}
    return subprocess.run(command, env=known, cwd=ROOT, check=False).returncode


def main() -> None:
    """Run halmos with this command line."""
    if not prove_lemmas():
        sys.exit("a lemma does not hold")
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
