"""The oracle's ASGI application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from oracle.api import errors
from oracle.api.cancel_routes import CancelHandlers, cancel_router
from oracle.api.copy_routes import CopyHandlers, copy_router
from oracle.api.delivery_routes import DeliveryHandlers, delivery_router
from oracle.api.documentation import ABOUT, TITLE, VERSION, add_documentation
from oracle.api.limits import BodyLimit
from oracle.api.load import Load
from oracle.api.peer_routes import PeerHandlers, peer_router
from oracle.api.routes import Handlers, public_router
from oracle.domain.errors import RefrainError
from oracle.http.caller import Callers
from oracle.http.fronted import Pages
from oracle.http.shedding import Shedding
from oracle.pipeline.worker import Worker
from oracle.quorum.deliveries import Deliveries

PAGES = Pages(
    methods=("GET", "POST", "DELETE"), headers=("Idempotency-Key",),
    exposed=("Location", "Retry-After", "Allow", "Content-Disposition", "WWW-Authenticate"),
)  # fmt: skip
"""What web pages of the operator's origins may do; not the signed calls of other oracles."""


def create_app(handlers: Handlers, worker: Worker, callers: Callers) -> FastAPI:
    """The application. The worker advances generations while the application runs.

    Args:
        handlers: the handlers of the public routes.
        callers: the other oracles of the set, whose signed calls the peer routes take.
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
        openapi_url=None, docs_url=None, redoc_url=None,
        redirect_slashes=False,  # such a redirect would name the host that the client named
    )  # fmt: skip
    app.state.callers = callers
    app.include_router(public_router(handlers))
    app.include_router(peer_router(PeerHandlers(handlers.context, handlers.submit)))
    app.include_router(delivery_router(DeliveryHandlers(Deliveries(handlers.context))))
    app.include_router(copy_router(CopyHandlers(handlers.context)))
    app.include_router(cancel_router(CancelHandlers(handlers.context, handlers.gateway)))
    # The last one added is the first to see a request, so a body is here before a turn is taken.
    app.add_middleware(Shedding, needed=Load().needed, refuse=errors.problem_of)
    app.add_middleware(BodyLimit)
    app.add_exception_handler(RefrainError, errors.on_fault)
    app.add_exception_handler(RequestValidationError, errors.on_invalid)
    app.add_exception_handler(HTTPException, errors.on_http)
    app.add_exception_handler(Exception, errors.on_bug)
    add_documentation(app)
    return app
