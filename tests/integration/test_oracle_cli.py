"""`python -m oracle gateway` as a process: it serves, and ends well when it is asked to."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from oracle.adapters.pinning.folder import FolderPinner
from scripts.stack.processes import free_port

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def served(tmp_path):
    """A gateway over a folder with one file: the process, its URL, the file's CID."""
    cid = FolderPinner(tmp_path).pin(b"a track")
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"], "REFRAIN_PIN_FOLDER": str(tmp_path),
        "REFRAIN_PORT": str(port),
    }  # fmt: skip
    command = [sys.executable, "-m", "oracle", "gateway"]
    process = subprocess.Popen(command, env=environment, cwd=ROOT, stderr=subprocess.PIPE)
    try:
        for line in process.stderr:
            if b"running on" in line:
                break
        yield process, f"http://127.0.0.1:{port}", cid
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_until_it_is_told_to_stop(served, number):
    process, url, cid = served
    assert httpx.get(f"{url}/ipfs/{cid}", timeout=30, trust_env=False).content == b"a track"
    process.send_signal(number)
    assert process.wait(60) == 0
    assert b"Traceback" not in process.stderr.read()
