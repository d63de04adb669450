"""Where a local stack pins: a kubo daemon when there is one, else the folder with its gateway."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.processes import answers, free_port

if TYPE_CHECKING:
    from scripts.stack import Stack

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Pinning:
    """What the oracles are told: `environment`; what the audit reads: `gateway`."""

    name: str
    gateway: str
    environment: dict[str, str]


def start_pinning(stack: Stack) -> Pinning:
    """`REFRAIN_IPFS_API` names a daemon; else `ipfs` on the PATH is started; else the folder."""
    if os.environ.get("REFRAIN_IPFS_API"):
        return _named_daemon(os.environ["REFRAIN_IPFS_API"], os.environ.get("REFRAIN_GATEWAY"))
    if shutil.which("ipfs"):
        return _own_daemon(stack)
    return _folder(stack)
