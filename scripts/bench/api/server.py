"""An oracle that accepts orders and does not work on them: `python -m scripts.bench.api.server`.

It is `refrain oracle serve` with two differences: accepted orders stay at their first stage, so
that only their acceptance is measured, and there is a route that does nothing. That route takes the
body of an order through the same parser and the same model, so the difference to the route of
orders is what the oracle does for an order.
"""

from __future__ import annotations

import os

from fastapi import APIRouter

from oracle import settings
from oracle.api.app import PAGES, create_app
from oracle.api.requests import GenerationBody
from oracle.api.routes import Handlers
from oracle.api.strict import StrictRoute
from oracle.bootstrap import build
from oracle.cli.serving import run
from oracle.http.log import log_to_stderr

NOTHING = "/v1/nothing"


def nothing(body: GenerationBody) -> dict[str, str]:
    """The handler of the no-op route: like every handler, it runs on a thread."""
    return {"status": "ok"}


def main() -> None:
    """Serves until SIGTERM."""
    log_to_stderr()
    found = settings.read(os.environ)
    oracle = build(found)
    handlers = Handlers(oracle.context, lambda generation: None, oracle.readiness, found.gateway)
    app = create_app(handlers, oracle.worker, oracle.callers)
    router = APIRouter(route_class=StrictRoute)
    router.add_api_route(NOTHING, nothing, methods=["POST"])
    app.include_router(router)
    run(app, found.listening, PAGES)


if __name__ == "__main__":
    main()
