"""The processes of a stack: start, watch and stop them, and find them again after a crash.

Each start notes name, pid and creation time in a file at once. A later start reads the file and
tells the processes that a crash left running from other people's processes.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

import httpx
import psutil

from oracle.domain.proxies import proxy_of

PATIENCE = 5.0


class ProcessFailed(RuntimeError):
    """A process ended or did not answer; the message has the end of its log."""


@dataclass(frozen=True)
class Known:
    """A process as noted in the file. `created`: seconds since 1970; it detects a reused pid."""

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


def free_ports(count: int) -> list[int]:
    """Different loopback ports that nobody listens on now; start the servers soon after."""
    with ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]


def free_port() -> int:
    """A loopback port that nobody listens on now; start the server soon after."""
    return free_ports(1)[0]


class Processes:
    """Starts and stops processes by name; logs go to `<folder>/logs/<name>.log`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._known: dict[str, Known] = {}
        self._patience: dict[str, float] = {}
        (folder / "logs").mkdir(parents=True, exist_ok=True)

    @property
    def _register(self) -> Path:
        return self.folder / "processes.json"

    def left_over(self) -> list[Known]:
        """Processes that an earlier run with this folder started and that still run."""
        if not self._register.exists():
            return []
        rows = [Known(**row) for row in json.loads(self._register.read_text())]
        return [row for row in rows if row.alive()]

    def adopt_self(self, name: str) -> None:
        """Notes the running process itself, so that a second start finds it."""
        self._note(name, os.getpid())

    def start(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        patience: float = PATIENCE,
    ) -> int:
        """Starts a process and returns its pid.

        Args:
            environment: is added to the environment of this process.
            patience: seconds from SIGTERM to SIGKILL when it is stopped.
        """
        log = (self.folder / "logs" / f"{name}.log").open("ab")
        process = subprocess.Popen(
            [*command], env={**os.environ, **environment}, stdout=log, stderr=log,
            stdin=subprocess.DEVNULL, start_new_session=True,
        )
        self._running[name] = process
        self._patience[name] = patience
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
        """Names of the processes that ended although nobody stopped them."""
        return [name for name, process in self._running.items() if process.poll() is not None]

    def wait_until(self, name: str, ready: Callable[[], bool], seconds: float = 90) -> None:
        """Waits for `ready`.

        Raises:
            ProcessFailed: the process ended, or was not ready in time.
        """
        deadline = time.monotonic() + seconds
        while not ready():
            if self._running[name].poll() is not None or time.monotonic() > deadline:
                raise ProcessFailed(f"{name} did not start\n{self.log_tail(name)}")
            time.sleep(0.1)

    def log_tail(self, name: str, lines: int = 15) -> str:
        text = (self.folder / "logs" / f"{name}.log").read_text(errors="replace")
        return "\n".join(text.splitlines()[-lines:])

    def kill(self, name: str) -> None:
        """Sends SIGKILL to the process and its children: a crash for tests."""
        stop_tree(self._running[name].pid, patience=0)
        self._running.pop(name).wait()

    def stop(self) -> dict[str, int]:
        """Ends every process, the last started first, with its children; exit codes by name."""
        codes = {}
        for name, process in reversed(self._running.items()):
            stop_tree(process.pid, self._patience[name])
            codes[name] = process.wait()
        self._running.clear()
        self._register.unlink(missing_ok=True)
        return codes


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
    """Whether an HTTP server answers `url` with 200."""
    try:
        proxy = proxy_of(url, os.environ)
        return httpx.get(url, timeout=2, trust_env=False, proxy=proxy).status_code == 200
    except httpx.HTTPError:
        return False
