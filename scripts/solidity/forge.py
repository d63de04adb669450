"""Start forge with the toolchain's compiler: `python -m scripts.solidity.forge test [options]`.

All arguments go to forge; the configuration is `hardhat-config/foundry.toml`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence

from scripts.solidity.toolchain import HARDHAT, ROOT, forge, solc

# RightsSplits has a function named `table`; without this, forge takes it for a test.
_TESTS = ["--match-path", "tests/contracts/**"]


def environment(profile: str | None = None) -> dict[str, str]:
    """The environment of forge: the configuration, the compiler, and a profile if given."""
    # Not --config-path, because forge would take the configuration's folder for the root.
    settings = {"FOUNDRY_CONFIG": str(HARDHAT / "foundry.toml"), "FOUNDRY_SOLC": str(solc())}
    return {**os.environ, **settings, **({"FOUNDRY_PROFILE": profile} if profile else {})}


def run(arguments: Sequence[str]) -> int:
    """Run forge at the root of the repository and return its exit status."""
    only = _TESTS if arguments[:1] == ["test"] and "--match-path" not in arguments else []
    command = [str(forge()), *arguments[:1], "--root", str(ROOT), *only, *arguments[1:]]
    return subprocess.run(command, env=environment(), cwd=ROOT, check=False).returncode


def main() -> None:
    """Run forge with this command line."""
    sys.exit(run(sys.argv[1:] or ["test"]))


if __name__ == "__main__":
    main()
