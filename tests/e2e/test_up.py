"""`make up`: two stacks side by side, clients find all they need in stack.json, nothing is left."""

import os
import pty
import re
import shlex
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psutil
import pytest

from scripts.stack.layout import NODES, ROOT
from scripts.stack.processes import Processes
from tests.audit.ending import passed
from tests.support.odd_audio import music, write

from .running import alive, running, running_up, up_command

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
SIGINT_IGNORED = ("sh", "-c", "trap '' INT; exec \"$@\"", "sh")


@pytest.fixture
def folders(tmp_path, catalogue):
    made = [tmp_path / name for name in ("one", "two")]
    for folder in made:
        folder.mkdir()
    return made


def two_files(folder):
    folder.mkdir()
    for name, level in (("a.wav", 1), ("b.wav", 0.5)):
        write(folder / name, level * music(44_100, 2), 44_100, "PCM_16")
    return folder


def check_commands(said, folder):
    """The three commands at the end of the output work as they are printed."""
    printed = [line for line in said.splitlines() if line.startswith(" " * 10)]
    init, order, audit = map(shlex.split, printed)
    environment = {**os.environ, "XDG_CONFIG_HOME": str(folder / "config")}
    for command in (init, [*order, "--yes", "--limit", "2.00"], audit):
        result = subprocess.run(command, cwd=ROOT, env=environment, text=True, capture_output=True)
        assert result.returncode == 0, (command, result.stdout, result.stderr)
    assert passed(result.stdout)


@pytest.mark.long
def test_two_stacks_run_side_by_side_and_leave_nothing(folders):
    own = two_files(folders[1] / "mine")
    with (
        running_up(folders[0]) as first,
        running_up(folders[1], "--catalogue", str(own)) as second,
    ):
        found = [first.described(), second.described()]
        everyone = [*first.family(), *second.family()]
        assert found[0]["rpc"] != found[1]["rpc"]
        for stack in found:
            url = f"{stack['api'][0]}/v1/recordings"
            listed = httpx.get(url, timeout=30, trust_env=False).json()
            assert len(listed["recordings"]) == len(stack["recordings"])
        assert [len(stack["recordings"]) for stack in found] == [12, 2]
        check_accounts(found[1])
        check_commands(second.said(), folders[1])
        assert [first.end(signal.SIGINT), second.end(signal.SIGTERM)] == [0, 0]
        assert not alive(everyone)
    assert not any((folder / "stack.json").exists() for folder in folders)
    check_audio_inside(folders[1])


def check_audio_inside(folder):
    """The nodes kept the audio below the state, and nothing is beside it."""
    assert {path.name for path in folder.iterdir()} == {"up", "log", "mine", "config"}
    for node in NODES:
        kept = {path.read_bytes() for path in (folder / "up" / "vaults" / node).rglob("*")
                if path.is_file()}
        assert {path.read_bytes() for path in (folder / "mine").iterdir()} <= kept


def check_accounts(stack):
    """Every account has a key file that only its owner reads; no key is in stack.json."""
    assert set(stack["key_files"]) == set(stack["accounts"])
    assert {"app", "arbiter", "owner-a-wav"} <= set(stack["accounts"])
    for path in map(Path, stack["key_files"].values()):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert path.read_text() not in str(stack)


def test_the_first_line_comes_before_the_large_imports(tmp_path):
    _, *arguments = up_command(tmp_path)
    command, log = [sys.executable, "-X", "importtime", *arguments], tmp_path / "log"
    with running(command, tmp_path / "up", log) as process:
        while not re.search(r"\| +web3$", log.read_text(), re.MULTILINE):
            assert process.poll() is None, log.read_text()
            time.sleep(0.05)
        before, _, after = log.read_text().partition("make up: loading the programs")
    assert "web3" not in before
    assert "web3" in after


def started(up):
    """Waits until a part of the stack runs; every process so far."""
    while "anvil runs" not in up.said():
        assert up.process.poll() is None, up.said()
        time.sleep(0.05)
    return up.family()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_a_stack_that_a_shell_started_with_sigint_ignored(tmp_path, number):
    with running_up(tmp_path, before=SIGINT_IGNORED) as up:
        family = started(up)
        assert len(family) > 1
        assert up.end(number) == 0, up.said()
        assert not alive(family)
        assert "stopping every part" in up.said()
        assert "Traceback" not in up.said()


def test_a_closed_terminal_ends_the_stack(tmp_path):
    terminal, other = pty.openpty()
    process = subprocess.Popen(up_command(tmp_path), stdin=other, stdout=other, stderr=other,
                               preexec_fn=lambda: own_terminal(other))  # fmt: skip
    os.close(other)
    said = b""
    while b"anvil runs" not in said:
        said += os.read(terminal, 1_000)
    family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
    os.close(terminal)
    assert process.wait(60) == 0
    assert len(family) > 1
    assert not alive(family)


def own_terminal(descriptor):
    """Makes the terminal the controlling one: the kernel sends SIGHUP when it closes."""
    import fcntl
    import termios

    os.setsid()
    fcntl.ioctl(descriptor, termios.TIOCSCTTY, 0)


@pytest.mark.parametrize("blocks", [10, pytest.param(40, marks=pytest.mark.long)])
def test_a_disk_that_becomes_full_ends_the_stack_with_a_line(tmp_path, blocks):
    """`blocks`: the largest file, in 512 bytes; a longer write fails, as it does on a full disk."""
    limited = ("sh", "-c", f"ulimit -f {blocks}; exec \"$@\"", "sh")
    with running_up(tmp_path, before=limited) as up:
        family = started(up)
        assert len(family) > 1
        assert up.process.wait(120) == 1, up.said()
        assert not alive(family)
        assert "Traceback" not in up.said()
        assert f"logs: {tmp_path / 'up' / 'logs'}" in up.said().splitlines()[-1]


@pytest.fixture
def orphan(tmp_path):
    """A process that an earlier stack noted and left running."""
    left = Processes(tmp_path / "up")
    left.start("node-1", [sys.executable, "-c", "import time; time.sleep(300)"], {})
    yield psutil.Process(left.pid("node-1"))
    left.stop()


def test_what_a_crash_left_behind_is_named_and_ended(tmp_path, orphan):
    with running_up(tmp_path) as up:
        while orphan.is_running() and orphan.status() != psutil.STATUS_ZOMBIE:
            assert up.process.poll() is None, up.said()
            time.sleep(0.1)
        said = up.said()
    assert f"ending node-1 (process {orphan.pid}), left over from an earlier crash" in said


def test_a_second_stack_in_the_same_folder_is_refused(tmp_path):
    command = [sys.executable, "-c", "from pathlib import Path; import sys, time; "
               "from scripts.stack.processes import Processes; "
               "Processes(Path(sys.argv[1])).adopt_self('stack'); print('up', flush=True); "
               "time.sleep(300)", str(tmp_path / "up")]  # fmt: skip
    with running(command, tmp_path / "up", tmp_path / "first"):
        while "up" not in (tmp_path / "first").read_text():
            time.sleep(0.05)
        with running_up(tmp_path) as up:
            assert up.process.wait(60) == 1
            assert "a stack already runs in this folder" in up.said()
