"""`refrain gateway`: serves what is pinned. Settings come from REFRAIN_* variables."""

from __future__ import annotations

import os
from dataclasses import replace

from oracle.cli.serving import require_packages, run
from oracle.cli.session import group
from oracle.http.log import log_to_stderr

app = group("Serve pinned files.")

PORT = 8081


@app.command("gateway")
def gateway() -> None:
    """Serve pinned files, for reading only. Settings are REFRAIN_* variables."""
    from oracle import settings

    require_packages()
    log_to_stderr()
    pinning = settings.read_pinning(os.environ)
    listening = settings.read_listening(os.environ, PORT)
    from oracle.api.gateway import PAGES
    from oracle.api.gateway import gateway as application
    from oracle.bootstrap import build_pinner
    from oracle.http.front import EVERYBODY

    everybody = replace(listening, front=replace(listening.front, origins=EVERYBODY))
    run(application(build_pinner(pinning)), everybody, PAGES)
