"""The folder of a stack between two starts: what is kept and what is removed."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Mapping
from pathlib import Path

from scripts.stack.layout import PORTS, SAVED_CHAIN, Say, ports_of
from scripts.stack.processes import Processes, stop_tree

KEYS = "keys"
RECORDINGS = "recordings.json"
COMPLETE = (SAVED_CHAIN, RECORDINGS, PORTS, KEYS)
"""A run can be continued if it left all of these."""


class StackRunning(RuntimeError):
    """The folder is in use, or a port that it keeps is; the message names the process or port."""


def fresh_state(folder: Path, say: Say) -> None:
    """Removes the folder, after it ended what a crash left running.

    Raises:
        StackRunning: a stack runs in this folder.
    """
    end_left_over(folder, say)
    shutil.rmtree(folder)


def kept_state(folder: Path, say: Say) -> None:
    """Keeps ports and accounts of the last run, and the rest as well if the run ended in order.

    Raises:
        StackRunning: a stack runs in this folder, or a kept port is in use.
    """
    end_left_over(folder, say)
    if all((folder / name).exists() for name in COMPLETE):
        say("the state of the last run is complete: it continues")
    else:
        for path in folder.iterdir():
            _remove_unless(path, (PORTS, KEYS))
        say("no complete state of an earlier run: a new chain, with the ports and accounts kept")
    if (folder / PORTS).exists():
        check_free(ports_of(folder / PORTS))


def _remove_unless(path: Path, kept: tuple[str, ...]) -> None:
    if path.name in kept:
        return
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


def check_free(ports: Mapping[str, int]) -> None:
    """Raises StackRunning if another process listens on one of the ports."""
    for name, port in ports.items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                raise StackRunning(
                    f"port {port} of {name} is in use by another program; stop that program, or "
                    "start without --keep, which takes new ports"
                ) from None


def end_left_over(folder: Path, say: Say) -> None:
    """Names and ends the processes that a crash of an earlier run left running.

    Raises:
        StackRunning: a stack runs in this folder.
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
