"""The route with which a payer cancels an order before its track is made."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import Field

from oracle.api import patterns, requests, responses
from oracle.api.errors import BODY_ERRORS, documented
from oracle.api.parsing import signature_of
from oracle.api.strict import StrictRoute
from oracle.context import Context
from oracle.domain.errors import Conflict, InvalidInput, NotFound, Unauthorised, Unavailable
from oracle.http.fronted import prefix_of
from oracle.quorum.cancelling import cancel

Id = Annotated[str, Path(pattern=patterns.WORD, description="id of the generation")]


class CancelBody(requests.Body):
    """The payer's signature of the EIP-712 statement `Cancel(bytes32 order)`."""

    signature: requests.Signature = Field(description="EIP-712, by the payer")


class CancelHandlers:
    """The handler of the route. `gateway`: URL for links; empty when there is none."""

    def __init__(self, context: Context, gateway: str) -> None:
        self._context = context
        self._gateway = gateway

    def cancel(
        self, generation: Id, body: CancelBody, request: Request
    ) -> responses.GenerationAnswer:
        """Cancels an order whose track is not being made yet.

        Enough oracles for the threshold must agree, and the one that leads the order. Afterwards
        the order can never settle; its nonce stays reserved until its deadline.
        """
        found = cancel(self._context, generation, signature_of(body.signature))
        return responses.generation_answer(found, self._gateway, prefix_of(request))


def cancel_router(handlers: CancelHandlers) -> APIRouter:
    """The route; the body carries the payer's signature."""
    router = APIRouter(prefix="/v1", route_class=StrictRoute)
    errors = documented(Unauthorised, InvalidInput, Conflict, NotFound, Unavailable)
    router.add_api_route(
        "/generations/{generation}", handlers.cancel, methods=["DELETE"], tags=["orders"],
        summary="Cancel an order", responses=errors | BODY_ERRORS,
    )  # fmt: skip
    return router
