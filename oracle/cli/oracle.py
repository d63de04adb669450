"""`refrain oracle serve | check`. Settings come from REFRAIN_* variables."""

from __future__ import annotations

import os

import typer

from oracle.cli.serving import require_packages, run
from oracle.cli.session import group
from oracle.http.log import log_to_stderr

app = group("Run an oracle. Its settings are REFRAIN_* variables.")

NOT_READY = 3


@app.command()
def serve() -> None:
    """Take orders and work on them until SIGTERM or SIGINT."""
    from oracle import settings

    require_packages()
    log_to_stderr()
    found = settings.read(os.environ)
    # Imported late: a missing setting is told before the large libraries are loaded.
    from oracle.api.app import PAGES, create_app
    from oracle.api.routes import Handlers
    from oracle.bootstrap import build

    oracle = build(found)
    handlers = Handlers(oracle.context, oracle.worker.add, oracle.readiness, found.gateway)
    run(create_app(handlers, oracle.worker, oracle.callers), found.listening, PAGES)


@app.command()
def check() -> None:
    """Say of everything that a track needs whether it answers."""
    from oracle import settings
    from oracle.domain.errors import RefrainError

    require_packages()
    log_to_stderr()
    found = settings.read(os.environ)
    from oracle.bootstrap import build

    readiness = build(found).readiness
    for name, state in readiness.parts().items():
        print(f"{name}: {state}")
    try:
        readiness.require()
    except RefrainError:
        raise typer.Exit(NOT_READY) from None
