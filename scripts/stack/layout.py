"""What the parts of one stack share: folder, ports, addresses, accounts, processes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from scripts.stack.accounts import Accounts
from scripts.stack.processes import Processes, free_ports

ROOT = Path(__file__).resolve().parents[2]
ORACLES = ("oracle-1", "oracle-2", "oracle-3")
NODES = ("node-1", "node-2")
THRESHOLD = 2
LISTENERS = ("anvil", "gateway", *NODES, *ORACLES)
PORTS = "ports.json"
SAVED_CHAIN = "chain.json"
Say = Callable[[str], None]


class Layout:
    """Where each part of a stack listens and keeps its files.

    Args:
        folder: state of the stack: keys, ports, databases, logs.
        vaults: where the nodes keep audio and analyses, by hash; may be shared between runs.
        confirmations: blocks before the oracles take an event as final.
    """

    def __init__(self, folder: Path, vaults: Path | None = None, confirmations: int = 2) -> None:
        self.folder = folder
        self.vaults = vaults or folder / "vaults"
        self.confirmations = confirmations
        folder.mkdir(parents=True, exist_ok=True)
        self.processes = Processes(folder)
        self.accounts = Accounts(folder / "keys")
        self.deployment = folder / "deployment.json"
        self.ports = ports_of(folder / PORTS)

    @property
    def rpc(self) -> str:
        return self.url("anvil")

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.ports[name]}"

    def common(self) -> dict[str, str]:
        """Settings that every process of the stack reads."""
        return {
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            "REFRAIN_RPC": self.rpc,
            "REFRAIN_DEPLOYMENT": str(self.deployment),
            "REFRAIN_HOST": "127.0.0.1",
        }


def ports_of(path: Path) -> dict[str, int]:
    """The ports noted in `path`; free ones, noted there, when there is no such file."""
    if path.exists():
        return {name: int(json.loads(path.read_text())[name]) for name in LISTENERS}
    ports = dict(zip(LISTENERS, free_ports(len(LISTENERS)), strict=True))
    path.write_text(json.dumps(ports, indent=1))
    return ports
