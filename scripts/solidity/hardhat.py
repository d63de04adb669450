"""Start Hardhat with the toolchain's node: `python -m scripts.solidity.hardhat build [options]`."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence

from scripts.solidity.toolchain import HARDHAT, MODULES, STATE, node

ARTIFACTS = STATE / "hardhat" / "artifacts"


def run(arguments: Sequence[str]) -> int:
    """Run Hardhat in `hardhat-config/` and return its exit status."""
    entry = MODULES / "hardhat" / "dist" / "src" / "cli.js"
    environment = {**os.environ, "HARDHAT_DISABLE_TELEMETRY_PROMPT": "true"}
    command = [str(node()), str(entry), *arguments]
    return subprocess.run(command, env=environment, cwd=HARDHAT, check=False).returncode


def main() -> None:
    """Run Hardhat with this command line."""
    sys.exit(run(sys.argv[1:] or ["build"]))


if __name__ == "__main__":
    main()
