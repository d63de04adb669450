"""The pinning service of a local stack: an IPFS daemon if there is one, else a folder of blocks.

In both cases the audit reads through the read-only gateway, which is a process of its own.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from scripts.stack.layout import Layout
from scripts.stack.processes import answers


@dataclass(frozen=True)
class Pinning:
    """The oracles' settings (`environment`) and the URL that the audit reads (`gateway`)."""

    name: str
    gateway: str
    environment: dict[str, str]
    stop: Callable[[], None] = lambda: None

    @property
    def where(self) -> str:
        """As `refrain --pin` takes it: ``kubo:ADDRESS`` or ``folder:PATH``."""
        api = self.environment.get("REFRAIN_IPFS_API")
        return f"{self.name}:{api or self.environment['REFRAIN_PIN_FOLDER']}"


def start_pinning(layout: Layout) -> Pinning:
    """Starts the gateway, and an IPFS daemon if `ipfs` is installed and none is named."""
    environment, stop = choose(layout.folder)
    gateway = layout.url("gateway")
    environment |= {"REFRAIN_GATEWAY": gateway}
    try:
        _start_gateway(layout, environment)
    except BaseException:
        stop()
        raise
    return Pinning(environment["REFRAIN_PINNER"], gateway, environment, stop)


def choose(folder: Path) -> tuple[dict[str, str], Callable[[], None]]:
    """Chooses the pinner; returns the oracles' settings and a function that stops the daemon.

    `REFRAIN_IPFS_API` names a running daemon; else `ipfs` on the PATH is started; else blocks are
    files in `folder`.
    """
    if api := os.environ.get("REFRAIN_IPFS_API"):
        return {"REFRAIN_PINNER": "kubo", "REFRAIN_IPFS_API": api}, lambda: None
    if shutil.which("ipfs"):
        from oracle.adapters.pinning.daemon import Daemon

        daemon = Daemon(folder / "ipfs")
        return {"REFRAIN_PINNER": "kubo", "REFRAIN_IPFS_API": daemon.start()}, daemon.stop
    return {"REFRAIN_PINNER": "folder", "REFRAIN_PIN_FOLDER": str(folder / "pins")}, lambda: None


def _start_gateway(layout: Layout, environment: dict[str, str]) -> None:
    own = layout.common() | environment | {"REFRAIN_PORT": str(layout.ports["gateway"])}
    layout.processes.start("gateway", [sys.executable, "-m", "oracle", "gateway"], own)
    url = environment["REFRAIN_GATEWAY"]
    layout.processes.wait_until("gateway", lambda: answers(f"{url}/health"))
