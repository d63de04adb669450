"""One server of ours in its own process, with fakes of all other services: oracle, gateway or node.

As a program: ``python -m tests.support.lone_server KIND FOLDER PORT PLAN``, where PLAN is JSON with
the limits of the connections, the seconds of each read of the chain and of each commit, and the
number of files that the process holds open besides.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import psutil
from sqlalchemy import event

from scripts.stack.processes import free_port

ROOT = Path(__file__).resolve().parents[2]
KINDS = ("oracle", "gateway", "node")


class LoneServer:
    """A running server; `stop` ends it.

    Args:
        kind: one of KINDS.
        folder: for the server's data and log.
        files: the process may open so many; 0 for as many as this one.
        plan: as in the description of this module.
    """

    def __init__(self, kind: str, folder: Path, files: int = 0, **plan: Any) -> None:
        self.kind, self.port = kind, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = folder / "log"
        limit = (files, files) if files else resource.getrlimit(resource.RLIMIT_NOFILE)
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.lone_server", kind, str(folder),
                 str(self.port), json.dumps(plan)],
                cwd=ROOT, stdout=log, stderr=log,
                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, limit),
            )  # fmt: skip

    @property
    def health(self) -> str:
        return "/health" if self.kind == "gateway" else "/v1/health"

    def healthy(self, seconds: float = 1.0, path: str = "") -> float:
        """Seconds until the health route or another answers 200, on a connection of its own."""
        started = time.monotonic()
        answer = httpx.get(self.url + (path or self.health), timeout=seconds, trust_env=False)
        assert answer.status_code == 200, self.log()
        return time.monotonic() - started

    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def connections(self) -> int:
        """Open connections, as the system counts them."""
        found = psutil.Process(self.process.pid).net_connections("tcp")
        return sum(1 for one in found if one.status != psutil.CONN_LISTEN)

    def cpu(self) -> float:
        """Seconds of CPU that the process has used."""
        used = psutil.Process(self.process.pid).cpu_times()
        return used.user + used.system

    def start(self) -> None:
        """Waits until the server answers."""
        end = time.monotonic() + 240
        while True:
            try:
                self.healthy(60.0)
                return
            except httpx.TransportError:
                assert self.process.poll() is None and time.monotonic() < end, self.log()
                time.sleep(0.05)

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


def application(kind: str, folder: Path, plan: Mapping[str, Any]) -> Any:
    """The ASGI application of a kind, with fakes behind it."""
    if kind == "gateway":
        from oracle.adapters.pinning.folder import FolderPinner
        from oracle.api.gateway import gateway

        return gateway(FolderPinner(folder / "pins"))
    if kind == "node":
        from generator.node.routes import create_app
        from tests.unit.generator.served_node import FixedRegistry, node_of

        return create_app(node_of(folder, FixedRegistry(), lambda: int(time.time())))
    return _oracle(folder, plan.get("chain_seconds", 0.0), plan.get("commit_seconds", 0.0))


def _oracle(folder: Path, chain_seconds: float, commit_seconds: float) -> Any:
    from oracle.api.app import create_app
    from oracle.api.routes import Handlers
    from oracle.http.caller import Callers
    from oracle.pipeline.runner import Pipeline
    from oracle.pipeline.worker import Worker
    from oracle.readiness import Readiness
    from tests.support.oracle_api import Idle
    from tests.support.trio import make_trio

    trio = make_trio(folder)
    context = trio.contexts[0]
    trio.ledger._answer = lambda: time.sleep(chain_seconds)  # type: ignore[method-assign]
    if commit_seconds:
        event.listen(context.store._engine, "commit", lambda _: time.sleep(commit_seconds))  # type: ignore[attr-defined]
    # Nobody advances accepted orders on a slow disk, so that only their acceptance writes.
    worker: Any = Idle() if commit_seconds else Worker(Pipeline(context))
    readiness = Readiness(context, {"one": lambda: None, "two": lambda: None})
    signers = context.terms.oracle_set.signers
    callers = Callers(trio.typed, signers, "http://oracle", lambda: int(time.time()))
    return create_app(Handlers(context, worker.add, readiness, ""), worker, callers)


def main(kind: str, folder: str, port: str, plan: str) -> None:
    from oracle.http.connections import Limits
    from oracle.http.log import log_to_stderr
    from oracle.http.server import serve

    told = json.loads(plan)
    held = [open(os.devnull) for _ in range(told.get("files_held", 0))]  # noqa: SIM115
    log_to_stderr()
    app = application(kind, Path(folder), told)
    serve(app, "127.0.0.1", int(port), Limits(**told.get("limits", {})))
    del held


if __name__ == "__main__":
    main(*sys.argv[1:])
