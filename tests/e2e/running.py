"""Programs that a test starts: whatever happens in the test, none of their processes runs on."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from scripts.stack.layout import ROOT
from scripts.stack.processes import Processes, stop_tree

SECONDS_TO_STOP = 60


@contextmanager
def running(command: Sequence[str], state: Path, log: Path) -> Iterator[subprocess.Popen]:
    """Starts a command and ends it after the block, also when the block fails.

    Args:
        state: folder in which a stack notes its processes; they have sessions of their own and
            outlive a stack that was killed.
        log: file that takes the output.
    """
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL,
                                   stdout=output, stderr=output)  # fmt: skip
        try:
            yield process
        finally:
            end(process, state)


def end(process: subprocess.Popen, state: Path) -> None:
    """Ends the program, which ends its own processes, and then those that it left."""
    family = descendants(process)
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(SECONDS_TO_STOP)
    left = {known.pid for known in Processes(state).left_over()}
    left |= {member.pid for member in family if member.is_running()}
    for pid in (process.pid, *left):
        stop_tree(pid, patience=5)
    process.wait()


def alive(members: Sequence[psutil.Process]) -> list[psutil.Process]:
    """Those that still run. A zombie has ended; only its parent has not asked for its status."""
    return [member for member in members if _runs(member)]


def _runs(member: psutil.Process) -> bool:
    try:
        return member.is_running() and member.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def descendants(process: subprocess.Popen) -> list[psutil.Process]:
    try:
        return psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


class Up:
    """A running `make up`: its process, its state, its output."""

    def __init__(self, folder: Path, process: subprocess.Popen) -> None:
        self.folder = folder
        self.process = process

    def said(self) -> str:
        return (self.folder / "log").read_text()

    def described(self, seconds: float = 400) -> dict:
        """The content of stack.json, as soon as the stack has written it."""
        path, deadline = self.folder / "stack.json", time.monotonic() + seconds
        while not path.exists():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.2)
        return json.loads(path.read_text())

    def family(self) -> list[psutil.Process]:
        return [*descendants(self.process), psutil.Process(self.process.pid)]

    def end(self, number: int) -> int:
        """Sends a signal and waits; the exit code."""
        self.process.send_signal(number)
        return self.process.wait(SECONDS_TO_STOP)


def up_command(folder: Path, *extra: str) -> list[str]:
    return [sys.executable, "-m", "scripts.stack", "--state", str(folder / "up"),
            "--json", str(folder / "stack.json"), *extra]  # fmt: skip


@contextmanager
def running_up(folder: Path, *extra: str, before: Sequence[str] = ()) -> Iterator[Up]:
    """`make up` with its state in `folder`. `before`: words in front of the command line."""
    command = [*before, *up_command(folder, *extra)]
    with running(command, folder / "up", folder / "log") as process:
        yield Up(folder, process)
