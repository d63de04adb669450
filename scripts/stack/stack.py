"""The whole of Refrain on one machine: chain, contracts, pinning, generation nodes, oracles.

Each part is a process of its own with its own key; `stack.json` names their addresses.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from scripts.stack.chain import save_chain, start_chain
from scripts.stack.layout import NODES, ORACLES, Layout, Say
from scripts.stack.pinning import Pinning, start_pinning
from scripts.stack.processes import answers


class Stack(Layout):
    """Starts the parts in the order in which they need each other; `stop` ends them.

    Args:
        folder, vaults, confirmations: see Layout.
        keep: `stop` saves the chain in the folder, and `start` continues a chain saved there.
    """

    def __init__(
        self,
        folder: Path,
        vaults: Path | None = None,
        confirmations: int = 2,
        keep: bool = False,
    ) -> None:
        super().__init__(folder, vaults, confirmations)
        self.keep = keep
        self._pinning: Pinning | None = None

    @property
    def pinning(self) -> Pinning:
        if self._pinning is None:
            raise RuntimeError("the stack has no pinning service yet")
        return self._pinning

    def start(self, say: Say = lambda _: None) -> None:
        """Starts every part and waits until it answers; after a failure no part runs on."""
        self.processes.adopt_self("stack")
        try:
            start_chain(self, self.keep, say)
            self._pinning = start_pinning(self)
            say(f"gateway runs: {self.pinning.gateway} (pins: {self.pinning.name})")
            self._start_all(NODES, self.start_node, self.await_health, say)
            self._start_all(ORACLES, self.start_oracle, self.await_health, lambda _: None)
            self._start_all(ORACLES, lambda _: None, self.await_ready, say)
        except BaseException:
            self.stop()
            raise

    def _start_all(
        self,
        names: tuple[str, ...],
        start: Callable[[str], None],
        ready: Callable[[str], None],
        say: Say,
    ) -> None:
        for name in names:
            start(name)
        for name in names:
            ready(name)
            say(f"{name} runs: {self.url(name)}")

    def await_health(self, name: str) -> None:
        self.processes.wait_until(name, lambda: answers(f"{self.url(name)}/v1/health"))

    def await_ready(self, name: str) -> None:
        self.processes.wait_until(name, lambda: answers(f"{self.url(name)}/v1/ready"))

    def start_node(self, name: str, extra: Mapping[str, str] = {}) -> None:
        """Starts one generation node. `extra`: settings on top, for tests."""
        environment = self.common() | {
            "REFRAIN_VAULT": str(self.vaults / name),
            "REFRAIN_NODE_PAYEE": self.accounts.account(name).address,
            "REFRAIN_PORT": str(self.ports[name]),
        }
        command = [sys.executable, "-m", "generator", "serve"]
        self.processes.start(name, command, environment | dict(extra))

    def start_oracle(self, name: str, extra: Mapping[str, str] = {}) -> None:
        """Starts one oracle. `extra`: settings on top, for tests."""
        others = [self.url(other) for other in ORACLES if other != name]
        environment = self.common() | self.pinning.environment | {
            "REFRAIN_ORACLE_KEY": str(self.accounts.key_file(name)),
            "REFRAIN_SENDER_KEY": str(self.accounts.key_file(f"sender-{name}")),
            "REFRAIN_DATABASE": str(self.folder / f"{name}.sqlite"),
            "REFRAIN_NODES": ",".join(self.url(node) for node in NODES),
            "REFRAIN_PEERS": ",".join(others),
            "REFRAIN_CONFIRMATIONS": str(self.confirmations),
            "REFRAIN_PORT": str(self.ports[name]),
        }
        command = [sys.executable, "-m", "oracle", "serve"]
        self.processes.start(name, command, environment | dict(extra))

    def describe(self) -> dict[str, object]:
        """Every address that a client needs; key files are named, keys are not."""
        accounts = self.accounts.addresses()
        return {
            "pid": os.getpid(),
            "rpc": self.rpc,
            "api": [self.url(name) for name in ORACLES],
            "gateway": self.pinning.gateway,
            "pinner": self.pinning.name,
            "pin": self.pinning.where,
            "nodes": [self.url(name) for name in NODES],
            "deployment": json.loads(self.deployment.read_text()),
            "deployment_file": str(self.deployment.resolve()),
            "accounts": accounts,
            "key_files": {role: str(self.accounts.key_file(role).resolve()) for role in accounts},
            "keys": str(self.folder / "keys"),
            "logs": str(self.folder / "logs"),
        }

    def stop(self) -> None:
        """Ends every process that this stack started, and saves the chain if it is kept."""
        try:
            codes = self.processes.stop()
            if self.keep and "anvil" in codes:
                save_chain(self, codes["anvil"])
        finally:  # also when the disk is full
            if self._pinning:
                self._pinning.stop()
