"""Where a local stack pins: an IPFS daemon when there is one, else a folder of blocks.

Either way the audit reads through our read-only gateway, a process of its own.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.processes import answers, free_port

if TYPE_CHECKING:
    from scripts.stack import Stack


@dataclass(frozen=True)
class Pinning:
    """What the oracles are told (`environment`), what the audit reads (`gateway`)."""

    name: str
    gateway: str
    environment: dict[str, str]
    stop: Callable[[], None] = lambda: None


def start_pinning(stack: Stack) -> Pinning:
    """`REFRAIN_IPFS_API` names a daemon; else `ipfs` on the PATH is started; else the folder."""
    environment, stop = choose(stack.folder)
    port = free_port()
    gateway = f"http://127.0.0.1:{port}"
    environment |= {"REFRAIN_GATEWAY": gateway}
    try:
        _start_gateway(stack, port, environment)
    except BaseException:
        stop()
        raise
    return Pinning(environment["REFRAIN_PINNER"], gateway, environment, stop)


def choose(folder: Path) -> tuple[dict[str, str], Callable[[], None]]:
    """What the oracles are told of it, and what ends it; `folder` is for whatever it keeps."""
    if api := os.environ.get("REFRAIN_IPFS_API"):
        return {"REFRAIN_PINNER": "kubo", "REFRAIN_IPFS_API": api}, lambda: None
    if shutil.which("ipfs"):
        from oracle.adapters.pinning.daemon import Daemon

        daemon = Daemon(folder / "ipfs")
        return {"REFRAIN_PINNER": "kubo", "REFRAIN_IPFS_API": daemon.start()}, daemon.stop
    return {"REFRAIN_PINNER": "folder", "REFRAIN_PIN_FOLDER": str(folder / "pins")}, lambda: None


def _start_gateway(stack: Stack, port: int, environment: dict[str, str]) -> None:
    own = stack.common() | environment | {"REFRAIN_PORT": str(port)}
    stack.processes.start("gateway", [sys.executable, "-m", "oracle", "gateway"], own)
    url = environment["REFRAIN_GATEWAY"]
    stack.processes.wait_until("gateway", lambda: answers(f"{url}/health"))
