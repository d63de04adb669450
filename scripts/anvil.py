"""A development chain of one's own: Anvil on a free loopback port, ended when the block ends."""

from __future__ import annotations

import re
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from scripts.toolchain import anvil

_LISTENING = re.compile(r"Listening on (127\.0\.0\.1:\d+)")
_PATIENCE = 30.0


class AnvilFailed(RuntimeError):
    """Anvil ended, or did not listen in time; the message is what it printed."""


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        if found := _LISTENING.search(log.read_text(errors="replace")):
            return found[1]
        time.sleep(0.02)
    raise AnvilFailed(log.read_text(errors="replace"))


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextmanager
def running(options: Sequence[str] = ()) -> Iterator[str]:
    """The URL of a fresh chain (id 31337, Prague, EIP-7825's limit on a transaction's gas).

    Raises:
        AnvilFailed: Anvil did not come up.
    """
    command = [str(anvil()), "--host", "127.0.0.1", "--port", "0", "--hardfork", "prague"]
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "anvil.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                [*command, "--enable-tx-gas-limit", *options],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out,
            )
        try:
            yield f"http://{_address(process, log)}"
        finally:
            _stop(process)
