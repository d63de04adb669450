"""The helper that ends what a test started: no process runs on when the test fails."""

import sys
import time

import psutil
import pytest

from scripts.stack.processes import Processes

from .running import alive, descendants, running

# Like a stack: a child in a session of its own, noted in the state folder.
PARENT = """
import sys, time
from pathlib import Path
from scripts.stack.processes import Processes
Processes(Path(sys.argv[1])).start("child", [sys.executable, "-c", "import time; time.sleep(300)"],
                                   {})
print("up", flush=True)
time.sleep(300)
"""


def family(process, log):
    while "up" not in log.read_text():
        assert process.poll() is None, log.read_text()
        time.sleep(0.05)
    found = [psutil.Process(process.pid), *descendants(process)]
    assert len(found) == 2
    return found


def test_a_failed_test_leaves_no_process(tmp_path):
    found, log = [], tmp_path / "log"
    with (
        pytest.raises(AssertionError, match="the test fails here"),
        running([sys.executable, "-c", PARENT, str(tmp_path)], tmp_path, log) as process,
    ):
        found += family(process, log)
        raise AssertionError("the test fails here")
    assert len(found) == 2
    assert not alive(found)


def test_the_children_of_a_killed_program_are_ended_too(tmp_path):
    log = tmp_path / "log"
    with running([sys.executable, "-c", PARENT, str(tmp_path)], tmp_path, log) as process:
        found = family(process, log)
        process.kill()
        process.wait()
        assert alive(found) == found[1:]
    assert not alive(found)
    assert not Processes(tmp_path).left_over()
