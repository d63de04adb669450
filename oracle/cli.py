"""The command line: `python -m oracle serve | gateway | check`.

Settings come from REFRAIN_* variables; what is missing or wrong is named and nothing starts.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
from collections.abc import Callable, Sequence
from typing import Any

from oracle import settings
from oracle.domain.errors import RefrainError

SETTLING_SECONDS = 10
"""Answers under way may take so long after a request to stop."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command; 0 when it ended well, 1 when something is not ready, 2 when it cannot run."""
    parser = argparse.ArgumentParser(prog="oracle", description="A Refrain oracle.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, run in COMMANDS.items():
        commands.add_parser(name, help=(run.__doc__ or "").strip().splitlines()[0])
    chosen = parser.parse_args(arguments).command
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    # One line for each request that others make of us is enough.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        return COMMANDS[chosen]()
    except RefrainError as error:
        print(f"oracle {chosen}: {error}", file=sys.stderr)
        return 2


def serve() -> int:
    """Take orders and walk generations until SIGTERM or SIGINT."""
    found = settings.read(os.environ)
    # Imported late: a missing setting is told before the large libraries are loaded.
    from oracle.api.app import create_app
    from oracle.api.routes import Desk
    from oracle.bootstrap import build

    oracle = build(found)
    desk = Desk(oracle.world, oracle.worker.add, oracle.readiness, found.gateway)
    app = create_app(desk, oracle.worker, found.peer_token.reveal())
    return _run(app, found.listening)


def gateway() -> int:
    """Serve what is pinned, for reading only."""
    pinning = settings.read_pinning(os.environ)
    listening = settings.read_listening(os.environ, 8081)
    from oracle.api.gateway import gateway as application
    from oracle.bootstrap import build_pinner

    return _run(application(build_pinner(pinning)), listening)


def check() -> int:
    """Say whether everything that a generation needs answers."""
    found = settings.read(os.environ)
    from oracle.bootstrap import build

    readiness = build(found).readiness
    for name, state in readiness.parts().items():
        print(f"{name}: {state}")
    try:
        readiness.require()
    except RefrainError:
        return 1
    return 0


def _run(app: Any, listening: settings.Listening) -> int:
    import uvicorn

    config = uvicorn.Config(
        app, host=listening.host, port=listening.port, log_config=None, access_log=False,
        server_header=False, timeout_graceful_shutdown=SETTLING_SECONDS,
    )  # fmt: skip
    # The server ends by itself on these and then raises them again, for whoever had them before.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: None)
    uvicorn.Server(config).run()
    return 0


COMMANDS: dict[str, Callable[[], int]] = {"serve": serve, "gateway": gateway, "check": check}
