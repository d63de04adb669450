"""A local chain for tests, the demo and benchmarks: Anvil on a free port.

with local_chain() as chain:
    chain.url, chain.keys[0], chain.rpc("evm_mine")
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpx
from eth_account import Account

from scripts.solidity.toolchain import anvil

MNEMONIC = "test test test test test test test test test test test junk"
"""A public mnemonic, for chains without value."""

ACCOUNTS = 20
_LISTENING = re.compile(r"Listening on [\d.]+:(\d+)")


class ChainError(RuntimeError):
    """The local chain did not start, or answered with an error."""


@dataclass(frozen=True)
class LocalChain:
    """A running Anvil. `keys`: private keys, in 0x-hex, of accounts with ether."""

    url: str
    pid: int
    keys: tuple[str, ...]

    def rpc(self, method: str, *params: Any) -> Any:
        """One JSON-RPC call, such as ``rpc("anvil_reorg", 2, [])``; raises ChainError."""
        asked = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}
        answer = httpx.post(self.url, json=asked, timeout=30, trust_env=False).json()
        if "error" in answer:
            raise ChainError(f"{method}: {answer['error'].get('message')}")
        return answer["result"]

    def mine(self, blocks: int = 1) -> None:
        """Mines blocks with the transactions of the pool, if there are any."""
        for _ in range(blocks):
            self.rpc("evm_mine")

    def height(self) -> int:
        return int(self.rpc("eth_blockNumber"), 16)


def command(
    port: int, block_time: int | None = None, mining: bool = True, extra: Sequence[str] = ()
) -> list[str]:
    """The command line of Anvil: prague, the gas limit of EIP-7825, known accounts.

    Args:
        port: port on 127.0.0.1; with 0 Anvil finds a free port and prints it.
        block_time: seconds between blocks; None mines each transaction at once.
        mining: False mines only on `evm_mine`.
    """
    found = [str(anvil()), "--host", "127.0.0.1", "--port", str(port), "--hardfork", "prague"]
    found += ["--accounts", str(ACCOUNTS), "--mnemonic", MNEMONIC, "--enable-tx-gas-limit"]
    if block_time is not None:
        found += ["--block-time", str(block_time)]
    if not mining:
        found += ["--no-mining"]
    return [*found, *extra]


@contextmanager
def local_chain(
    block_time: int | None = None, mining: bool = True, extra: Sequence[str] = ()
) -> Iterator[LocalChain]:
    """Run Anvil on a free port until the block ends; see `command` for the arguments."""
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            command(0, block_time, mining, extra), stdin=subprocess.DEVNULL,
            stdout=log, stderr=subprocess.STDOUT, env=os.environ | {"NO_COLOR": "1"},
        )  # fmt: skip
        try:
            port = _port(process, log)
            yield LocalChain(f"http://127.0.0.1:{port}", process.pid, keys())
        finally:
            process.terminate()
            _reap(process)


def _reap(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _port(process: subprocess.Popen[bytes], log: Any, seconds: float = 30) -> int:
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        if found := _LISTENING.search(_text(log)):
            return int(found[1])
        time.sleep(0.02)
    raise ChainError(f"Anvil did not start\n{_text(log)[-800:]}")


def _text(log: Any) -> str:
    # pread, because the child writes through the same open file: its position must not move.
    return os.pread(log.fileno(), 65536, 0).decode(errors="replace")


@cache
def keys() -> tuple[str, ...]:
    """Private keys of the accounts that Anvil derives from MNEMONIC, in its order."""
    Account.enable_unaudited_hdwallet_features()
    paths = (f"m/44'/60'/0'/0/{number}" for number in range(ACCOUNTS))
    accounts = [Account.from_mnemonic(MNEMONIC, account_path=path) for path in paths]
    return tuple("0x" + bytes(account.key).hex() for account in accounts)
