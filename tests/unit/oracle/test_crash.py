"""Crash points: the process is gone at the right one, with no chance to tidy up."""

import signal
import subprocess
import sys

from oracle.crash import KillAt, nowhere

PROGRAM = """
from oracle.crash import KillAt
reach = KillAt("after:signed", 2)
for point in ("before:signed", "after:signed", "other", "after:signed", "never"):
    print(point, flush=True)
    reach(point)
"""


def test_it_dies_the_nth_time_it_is_there():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL
    assert done.stdout.split() == ["before:signed", "after:signed", "other", "after:signed"]


def test_another_point_is_passed():
    for reach in (KillAt("a", 1), nowhere):
        reach("b")
