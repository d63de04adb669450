"""The oracle's ASGI application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from oracle.api import errors
from oracle.api.answers import Problem
from oracle.api.limits import BodyLimit
from oracle.api.peering import PeerDesk, peer_router
from oracle.api.routes import Desk, public_router
from oracle.domain.errors import RefrainError
from oracle.worker import Worker

TITLE, VERSION = "Refrain oracle", "1"
ABOUT = "Takes signed orders for generated music, has it made, and settles what it owes."


def create_app(desk: Desk, worker: Worker, peer_token: str) -> FastAPI:
    """The application; the worker walks generations while it is up.

    Args:
        desk: what the handlers work with.
        peer_token: what the other oracles of the set show; empty lets nobody in.
    """

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await run_in_threadpool(worker.start)
        try:
            yield
        finally:
            await run_in_threadpool(worker.stop)

    app = FastAPI(
        title=TITLE, version=VERSION, description=ABOUT, lifespan=lifespan,
        openapi_url="/v1/openapi.json", docs_url=None, redoc_url=None,
    )  # fmt: skip
    app.state.peer_token = peer_token
    app.include_router(public_router(desk))
    app.include_router(peer_router(PeerDesk(desk.world)))
    app.add_middleware(BodyLimit)
    app.add_exception_handler(RefrainError, errors.on_fault)
    app.add_exception_handler(RequestValidationError, errors.on_invalid)
    app.add_exception_handler(HTTPException, errors.on_http)
    app.add_exception_handler(Exception, errors.on_bug)
    app.openapi = lambda: _described(app)  # type: ignore[method-assign]
    return app


def _described(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, with the one shape that every error has."""
    if app.openapi_schema is None:
        document = get_openapi(title=TITLE, version=VERSION, description=ABOUT, routes=app.routes)
        schemas = document["components"]["schemas"]
        problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(problem.pop("$defs", {}))
        schemas["Problem"] = problem
        app.openapi_schema = document
    return app.openapi_schema
