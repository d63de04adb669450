"""`make up`: two stacks side by side, attachable by what stack.json names, and nothing left."""

import json
import signal
import subprocess
import sys
import time

import httpx
import psutil
import pytest

from scripts.processes import Processes
from scripts.stack import ROOT
from tests.odd_audio import music, write

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def start(folder, *extra):
    command = [sys.executable, "-m", "scripts.up", "--state", str(folder / "up"),
               "--json", str(folder / "stack.json"), *extra]
    log = (folder / "log").open("wb")
    return subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)


def described(process, folder):
    """What stack.json says, once the stack is up."""
    deadline = time.monotonic() + 400
    while not (folder / "stack.json").exists():
        assert process.poll() is None, (folder / "log").read_text()
        assert time.monotonic() < deadline, (folder / "log").read_text()
        time.sleep(0.2)
    return json.loads((folder / "stack.json").read_text())


def family(process):
    return [*psutil.Process(process.pid).children(recursive=True), psutil.Process(process.pid)]


@pytest.fixture
def folders(tmp_path, catalogue):
    made = [tmp_path / name for name in ("one", "two")]
    for folder in made:
        folder.mkdir()
    return made


def two_files(folder):
    folder.mkdir()
    for name in ("a.wav", "b.wav"):
        write(folder / name, music(44_100, 2), 44_100, "PCM_16")
    return folder


def test_two_stacks_run_side_by_side_and_leave_nothing(folders):
    own = two_files(folders[1] / "mine")
    stacks = [start(folders[0]), start(folders[1], "--catalogue", str(own))]
    everyone = []
    try:
        pairs = zip(stacks, folders, strict=True)
        found = [described(process, folder) for process, folder in pairs]
        everyone = [member for process in stacks for member in family(process)]
        assert found[0]["rpc"] != found[1]["rpc"]
        for stack in found:
            listed = httpx.get(f"{stack['api'][0]}/v1/recordings", timeout=30).json()
            assert len(listed["recordings"]) == len(stack["recordings"])
        assert [len(stack["recordings"]) for stack in found] == [12, 2]
    finally:
        for process in stacks:
            process.send_signal(signal.SIGINT)
        codes = [process.wait(60) for process in stacks]
    assert codes == [0, 0]
    assert not [member for member in everyone if member.is_running()]
    assert not any((folder / "stack.json").exists() for folder in folders)


def test_what_a_crash_left_behind_is_named_and_ended(tmp_path):
    state = tmp_path / "up"
    left = Processes(state)
    left.start("node-1", [sys.executable, "-c", "import time; time.sleep(300)"], {})
    orphan = psutil.Process(left.pid("node-1"))
    process = start(tmp_path)
    try:
        while orphan.is_running() and orphan.status() != psutil.STATUS_ZOMBIE:
            assert process.poll() is None
            time.sleep(0.1)
        said = (tmp_path / "log").read_text()
        assert f"ending node-1 (process {orphan.pid}), left over from an earlier crash" in said
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)
        left.stop()


def test_a_second_stack_in_the_same_folder_is_refused(tmp_path):
    running = Processes(tmp_path / "up")
    running.adopt_self("stack")
    process = start(tmp_path)
    assert process.wait(60) == 1
    assert "a stack already runs in this folder" in (tmp_path / "log").read_text()
