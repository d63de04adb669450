"""The processes a stack is made of: started, watched, stopped, and found again after a crash.

Every process that is started is written down (name, pid, creation time) before anything else
happens, so that a later start can tell our own left-overs from other people's processes.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import httpx
import psutil


class ProcessFailed(RuntimeError):
    """A process ended or did not answer; carries the end of its log."""


@dataclass(frozen=True)
class Known:
    """A process as written down: `created` in seconds since 1970 tells a reused pid apart."""

    name: str
    pid: int
    created: float

    def alive(self) -> bool:
        try:
            found = psutil.Process(self.pid)
            same = abs(found.create_time() - self.created) < 1.0
            return same and found.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False


def free_port() -> int:
    """A loopback port nobody listens on now; a server started at once will find it free."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Processes:
    """Starts and stops processes by name; logs go to `<folder>/logs/<name>.log`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._known: dict[str, Known] = {}
        (folder / "logs").mkdir(parents=True, exist_ok=True)

    @property
    def _register(self) -> Path:
        return self.folder / "processes.json"

    def left_over(self) -> list[Known]:
        """Processes an earlier run of this folder started and that still live."""
        if not self._register.exists():
            return []
        rows = [Known(**row) for row in json.loads(self._register.read_text())]
        return [row for row in rows if row.alive()]

    def adopt_self(self, name: str) -> None:
        self._note(name, os.getpid())

    def start(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> int:
        log = (self.folder / "logs" / f"{name}.log").open("ab")
        process = subprocess.Popen(
            [*command], env={**os.environ, **environment}, stdout=log, stderr=log,
            stdin=subprocess.DEVNULL, start_new_session=True,
        )
        self._running[name] = process
        self._note(name, process.pid)
        return process.pid

    def _note(self, name: str, pid: int) -> None:
        self._known[name] = Known(name, pid, psutil.Process(pid).create_time())
        rows = [asdict(row) for row in self._known.values()]
        temporary = self._register.with_suffix(".part")
        temporary.write_text(json.dumps(rows, indent=1))
        temporary.replace(self._register)

    def pid(self, name: str) -> int:
        return self._running[name].pid

    def ended(self) -> list[str]:
        return [name for name, process in self._running.items() if process.poll() is not None]

    def wait_until(self, name: str, ready: Callable[[], bool], seconds: float = 90) -> None:
        """Waits for `ready`; a process that ends before that is reported with its log's end."""
        deadline = time.monotonic() + seconds
        while not ready():
            if self._running[name].poll() is not None or time.monotonic() > deadline:
                raise ProcessFailed(f"{name} did not come up\n{self.log_tail(name)}")
            time.sleep(0.1)

    def log_tail(self, name: str, lines: int = 15) -> str:
        text = (self.folder / "logs" / f"{name}.log").read_text(errors="replace")
        return "\n".join(text.splitlines()[-lines:])

    def kill(self, name: str) -> None:
        """SIGKILL to the process and its children, as a crash or the kernel would."""
        stop_tree(self._running[name].pid, patience=0)
        self._running.pop(name).wait()

    def stop(self) -> None:
        """Ends everything in reverse order, asking first; nothing is left behind."""
        for process in reversed(self._running.values()):
            stop_tree(process.pid, patience=5)
            process.wait()
        self._running.clear()
        self._register.unlink(missing_ok=True)


def stop_tree(pid: int, patience: float) -> None:
    """Ends a process and its descendants: SIGTERM, `patience` seconds, then SIGKILL."""
    try:
        root = psutil.Process(pid)
        family = [*root.children(recursive=True), root]
    except psutil.NoSuchProcess:
        return
    if patience:
        _signal([root], signal.SIGTERM)
        _, family = psutil.wait_procs(family, timeout=patience)
    _signal(family, signal.SIGKILL)
    psutil.wait_procs(family, timeout=5)


def _signal(family: Sequence[psutil.Process], number: int) -> None:
    for process in family:
        try:
            process.send_signal(number)
        except psutil.NoSuchProcess:
            continue


def answers(url: str) -> bool:
    """Whether an HTTP server at `url` says 200."""
    try:
        return httpx.get(url, timeout=2).status_code == 200
    except httpx.HTTPError:
        return False
