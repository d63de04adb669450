"""Starts an IPFS daemon, for a machine that has `ipfs` installed but no daemon.

The daemon runs offline, on loopback, with ports chosen by the system and its own repository folder.
It contacts no other node and does not use `~/.ipfs`. To publish to the IPFS network, run Kubo as a
service and set REFRAIN_IPFS_API instead.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from time import monotonic, sleep
from types import TracebackType
from typing import Any

from ipfshttpclient import exceptions as ipfs

from oracle.adapters.pinning.bounded import connect
from oracle.domain.errors import Unavailable

SECONDS = 60.0
GRACE = 10.0
PAUSE = 0.1
LOOPBACK = "/ip4/127.0.0.1/tcp/0"


def installed() -> list[str]:
    """The command of the `ipfs` on the PATH. Raises Unavailable when there is none."""
    found = shutil.which("ipfs")
    if found is None:
        raise Unavailable("no `ipfs` on the PATH: install Kubo, or set REFRAIN_IPFS_API")
    return [found]


class Daemon:
    """A daemon as a context manager; entering it returns the multiaddr of its API.

    Args:
        repo: repository folder; created and initialised when needed.
        command: the command `ipfs`; by default the one on the PATH.
        seconds: longest time to start.
    """

    def __init__(
        self, repo: Path, command: Sequence[str] | None = None, seconds: float = SECONDS
    ) -> None:
        self._repo = Path(repo)
        self._command = list(command or installed())
        self._seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The id of the started process while it runs."""
        return self._process.pid if self._process else None

    def start(self) -> str:
        """Starts the daemon, waits until it answers and returns the API's multiaddr.

        Raises:
            Unavailable: it does not answer; the message has the end of its log.
        """
        if self._process is None:
            self._prepare()
            self._api.unlink(missing_ok=True)
            with self._log.open("ab") as log:
                self._process = self._run("daemon", "--offline", log=log)
        try:
            return self._wait()
        except Unavailable:
            self.stop()
            raise

    def stop(self) -> None:
        """Ends the started process, by SIGKILL after ten seconds. May be called again."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def __enter__(self) -> str:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def _api(self) -> Path:
        """The file into which a daemon writes its bound address, because port 0 was requested."""
        return self._repo / "api"

    @property
    def _log(self) -> Path:
        return self._repo / "refrain-daemon.log"

    def _prepare(self) -> None:
        self._repo.mkdir(parents=True, exist_ok=True)
        if not (self._repo / "config").exists():
            with self._log.open("ab") as log:
                process = self._run("init", "--empty-repo", log=log)
            try:
                process.wait(self._seconds)
            except subprocess.TimeoutExpired:
                process.kill()
            if process.wait() != 0:
                raise Unavailable(f"`ipfs init` failed: {self._log_end()}", field="ipfs")
        self._configure()

    def _configure(self) -> None:
        path = self._repo / "config"
        config = json.loads(path.read_text("utf-8"))
        path.write_text(json.dumps(offline(config), indent=2), "utf-8")

    def _run(self, *arguments: str, log: Any) -> subprocess.Popen[bytes]:
        environment = {**os.environ, "IPFS_PATH": str(self._repo)}
        return subprocess.Popen(
            [*self._command, *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )

    def _wait(self) -> str:
        deadline = monotonic() + self._seconds
        while monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                raise Unavailable(f"the IPFS daemon ended: {self._log_end()}", field="ipfs")
            address = self._api.read_text("utf-8").strip() if self._api.exists() else ""
            if address and _answers(address):
                return address
            sleep(PAUSE)
        raise Unavailable(f"the IPFS daemon did not start: {self._log_end()}", field="ipfs")

    def _log_end(self) -> str:
        return self._log.read_text("utf-8", errors="replace")[-400:].strip()


def offline(config: dict[str, Any]) -> dict[str, Any]:
    """A daemon's configuration with all listeners on loopback and no other nodes to contact.

    Kubo and js-ipfs share these keys; keys that only one of them knows are set when present.
    """
    addresses = config.setdefault("Addresses", {})
    addresses.update({"API": LOOPBACK, "Gateway": LOOPBACK, "Swarm": []})
    if "RPC" in addresses:
        addresses.update({"RPC": LOOPBACK, "Delegates": []})
    config["Bootstrap"] = []
    config.setdefault("Discovery", {})["MDNS"] = {"Enabled": False}
    if "AutoConf" in config:
        config["AutoConf"] = {"Enabled": False}
        config["DNS"] = {"Resolvers": {}}
        config.setdefault("Routing", {})["DelegatedRouters"] = []
        config.setdefault("Ipns", {})["DelegatedPublishers"] = []
    return config


def _answers(address: str) -> bool:
    try:
        with connect(address, 1.0) as client:
            return bool(client.id())
    except (ipfs.Error, OSError):
        return False
