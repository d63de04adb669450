"""Processes of a stack: noted in a file, found again after a crash, ended with their children."""

import sys
import time

import psutil
import pytest

from scripts.stack.processes import Known, Processes, ProcessFailed

PARENT = "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', " \
         "'import time; time.sleep(60)']); print('up', flush=True); time.sleep(60)"


@pytest.fixture
def processes(tmp_path):
    made = Processes(tmp_path)
    yield made
    made.stop()


def start(processes, name="sleeper", program="import time; time.sleep(60)"):
    return processes.start(name, [sys.executable, "-c", program], {})


def test_a_left_over_process_is_found_by_the_next_run(processes, tmp_path):
    pid = start(processes)
    assert [(known.name, known.pid) for known in Processes(tmp_path).left_over()] == [
        ("sleeper", pid)
    ]


def test_a_reused_pid_is_not_ours(processes):
    pid = start(processes)
    assert not Known("sleeper", pid, psutil.Process(pid).create_time() - 100).alive()


def test_stopping_ends_the_children_too(processes):
    pid = start(processes, "parent", PARENT)
    processes.wait_until("parent", lambda: "up" in processes.log_tail("parent"))
    family = [pid, *(child.pid for child in psutil.Process(pid).children())]
    processes.stop()
    assert len(family) == 2
    assert not any(psutil.pid_exists(member) for member in family)


def test_a_killed_process_can_be_started_again(processes):
    first = start(processes)
    processes.kill("sleeper")
    assert not psutil.pid_exists(first)
    assert start(processes) != first


def test_a_process_that_ends_is_reported_with_its_log(processes):
    start(processes, "broken", "print('no port'); raise SystemExit(3)")
    with pytest.raises(ProcessFailed, match="no port"):
        processes.wait_until("broken", lambda: False)


def test_ended_names_what_ended_by_itself(processes):
    start(processes, "short", "pass")
    while not processes.ended():
        time.sleep(0.01)
    assert processes.ended() == ["short"]
