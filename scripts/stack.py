"""The whole of Refrain on one machine: chain, contracts, pinning, generation nodes, oracles.

Each part is a process of its own with its own key, found by the addresses in `stack.json`.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from scripts.accounts import Accounts
from scripts.processes import Processes, answers, free_port, stop_tree
from scripts.stack_chain import start_chain
from scripts.stack_pinning import Pinning, start_pinning

ROOT = Path(__file__).resolve().parent.parent
ORACLES = ("oracle-1", "oracle-2", "oracle-3")
NODES = ("node-1", "node-2")
THRESHOLD = 2
Say = Callable[[str], None]


class StackRunning(RuntimeError):
    """Another stack runs in this folder; its processes are named."""


class Stack:
    """Starts the parts in the order they need each other; `stop` ends what was started.

    Args:
        folder: state of this run: keys, databases, vaults, logs.
        vaults: where the nodes keep audio and analyses; may outlive a run, since it is by hash.
        confirmations: blocks before the oracles take an event as settled.
    """

    def __init__(self, folder: Path, vaults: Path | None = None, confirmations: int = 2) -> None:
        self.folder = folder
        self.vaults = vaults or folder / "vaults"
        self.confirmations = confirmations
        folder.mkdir(parents=True, exist_ok=True)
        self.processes = Processes(folder)
        self.accounts = Accounts(folder / "keys")
        self.rpc = ""
        self.deployment = folder / "deployment.json"
        self._pinning: Pinning | None = None
        self.ports = {name: free_port() for name in (*NODES, *ORACLES, "anvil")}
        self._tokens = {name: secrets.token_urlsafe(24) for name in ("node", "peer")}

    @property
    def pinning(self) -> Pinning:
        if self._pinning is None:
            raise RuntimeError("the stack has no pinning service yet")
        return self._pinning

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.ports[name]}"

    def start(self, say: Say = lambda _: None) -> None:
        """Brings everything up; on any failure everything that came up is stopped again."""
        self.processes.adopt_self("stack")
        try:
            say("starting the chain and deploying the contracts")
            start_chain(self)
            say("starting the pinning service")
            self._pinning = start_pinning(self)
            say("starting two generation nodes")
            self._start_all(NODES, self.start_node)
            say("starting three oracles")
            self._start_all(ORACLES, self.start_oracle)
            self._await_all_ready()
        except BaseException:
            self.stop()
            raise

    def _start_all(self, names: tuple[str, ...], start: Callable[[str], None]) -> None:
        for name in names:
            start(name)
        for name in names:
            self.await_health(name)

    def await_health(self, name: str) -> None:
        self.processes.wait_until(name, lambda: answers(f"{self.url(name)}/v1/health"))

    def await_ready(self, name: str) -> None:
        self.processes.wait_until(name, lambda: answers(f"{self.url(name)}/v1/ready"))

    def _await_all_ready(self) -> None:
        for name in ORACLES:
            self.await_ready(name)

    def start_node(self, name: str, extra: Mapping[str, str] = {}) -> None:
        environment = self.common() | {
            "REFRAIN_VAULT": str(self.vaults / name),
            "REFRAIN_NODE_PAYEE": self.accounts.account(name).address,
            "REFRAIN_PORT": str(self.ports[name]),
        }
        command = [sys.executable, "-m", "generator", "serve"]
        self.processes.start(name, command, environment | dict(extra))

    def start_oracle(self, name: str, extra: Mapping[str, str] = {}) -> None:
        others = [self.url(other) for other in ORACLES if other != name]
        environment = self.common() | self.pinning.environment | {
            "REFRAIN_ORACLE_KEY": str(self.accounts.key_file(name)),
            "REFRAIN_SENDER_KEY": str(self.accounts.key_file(f"sender-{name}")),
            "REFRAIN_DATABASE": str(self.folder / f"{name}.sqlite"),
            "REFRAIN_NODES": ",".join(self.url(node) for node in NODES),
            "REFRAIN_PEERS": ",".join(others),
            "REFRAIN_PEER_TOKEN": self._tokens["peer"],
            "REFRAIN_CONFIRMATIONS": str(self.confirmations),
            "REFRAIN_PORT": str(self.ports[name]),
        }
        command = [sys.executable, "-m", "oracle", "serve"]
        self.processes.start(name, command, environment | dict(extra))

    def common(self) -> dict[str, str]:
        return {
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            "REFRAIN_RPC": self.rpc,
            "REFRAIN_DEPLOYMENT": str(self.deployment),
            "REFRAIN_ARTIFACTS": str(ROOT / ".refrain" / "artifacts"),
            "REFRAIN_NODE_TOKEN": self._tokens["node"],
            "REFRAIN_HOST": "127.0.0.1",
        }

    def describe(self) -> dict[str, object]:
        """Every address a tool needs to attach; key files are named, keys are not."""
        return {
            "pid": os.getpid(),
            "rpc": self.rpc,
            "api": [self.url(name) for name in ORACLES],
            "gateway": self.pinning.gateway,
            "pinner": self.pinning.name,
            "nodes": [self.url(name) for name in NODES],
            "deployment": json.loads(self.deployment.read_text()),
            "accounts": self.accounts.addresses(),
            "keys": str(self.folder / "keys"),
            "logs": str(self.folder / "logs"),
        }

    def stop(self) -> None:
        """Ends every process this stack started, and the IPFS daemon if it started one."""
        self.processes.stop()
        if self._pinning:
            self._pinning.stop()


def fresh_state(folder: Path, say: Say) -> None:
    """An empty state folder; what an earlier run left running after a crash is named and ended.

    Raises:
        StackRunning: when that run itself is still alive.
    """
    left = Processes(folder).left_over()
    for known in left:
        if known.name == "stack":
            raise StackRunning(
                f"a stack already runs in this folder (process {known.pid}); stop it first"
            )
    for known in left:
        say(f"ending {known.name} (process {known.pid}), left over from an earlier crash")
        stop_tree(known.pid, patience=5)
    shutil.rmtree(folder)
