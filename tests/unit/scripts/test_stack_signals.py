"""Signals that end a stack: inherited settings are replaced, and a stop is not interrupted."""

import signal
import subprocess
import sys

import pytest

START = "import os, signal, time\nfrom scripts.stack.signals import end_on_signals, uninterrupted\n"


def run(program):
    """Runs a program in a process of its own, since handlers belong to a process; its output."""
    result = subprocess.run([sys.executable, "-c", START + program], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return result.stdout.split()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_each_signal_interrupts_the_program(number):
    program = f"""
signal.signal(signal.SIGINT, signal.SIG_IGN)
end_on_signals()
try:
    os.kill(os.getpid(), {int(number)})
    time.sleep(60)
except KeyboardInterrupt:
    print("interrupted")
"""
    assert run(program) == ["interrupted"]


def test_nohup_is_respected():
    program = """
signal.signal(signal.SIGHUP, signal.SIG_IGN)
end_on_signals()
os.kill(os.getpid(), signal.SIGHUP)
print("runs", "on")
"""
    assert run(program) == ["runs", "on"]


def test_a_second_signal_does_not_interrupt_the_stop():
    program = """
end_on_signals()
with uninterrupted():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(os.getpid(), number)
    print("stopped")
try:
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(60)
except KeyboardInterrupt:
    print("interrupted")
"""
    assert run(program) == ["stopped", "interrupted"]
