"""Fault points: the process is killed at the chosen point, without cleanup."""

import signal
import subprocess
import sys

from oracle.pipeline.fault_injection import KillAt
from oracle.ports import no_fault

PROGRAM = """
from oracle.pipeline.fault_injection import KillAt
kill_at = KillAt("after:signed", 2)
for point in ("before:signed", "after:signed", "other", "after:signed", "never"):
    print(point, flush=True)
    kill_at(point)
"""


def test_it_kills_the_process_at_the_nth_call():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL
    assert done.stdout.split() == ["before:signed", "after:signed", "other", "after:signed"]


def test_other_points_do_nothing():
    for fault_point in (KillAt("a", 1), no_fault):
        fault_point("b")
