"""The route with which anyone asks whether this oracle can deliver a paid track."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, Field

from oracle.api import patterns
from oracle.api.errors import documented
from oracle.api.strict import StrictRoute
from oracle.domain.errors import InvalidInput, NotFound, Unavailable
from oracle.http.connections import client_of
from oracle.quorum.deliveries import Deliveries

Id = Annotated[str, Path(pattern=patterns.WORD, description="id of the generation")]


class DeliveryAnswer(BaseModel):
    """Whether an oracle can read a settled track, as it signed that (EIP-712 `Delivery`)."""

    order: str
    manifest: str = Field(description="sha2-256 digest of the paid manifest, 0x-hex")
    delivered: bool
    time: int = Field(description="of the statement, seconds since 1970")
    signer: str
    signature: str = Field(description="64 bytes, 0x-hex")


class DeliveryHandlers:
    """The handler of the route."""

    def __init__(self, deliveries: Deliveries) -> None:
        self._deliveries = deliveries

    def delivery(self, request: Request, generation: Id) -> DeliveryAnswer:
        """States, signed, whether this oracle can read a settled track through its pinner now.

        The signature is of the EIP-712 statement `Delivery`. A statement that says no is evidence
        for the court, two hours after the settlement and with enough others.
        """
        address = request.client.host if request.client else ""
        made = self._deliveries.statement(generation, client_of(address))
        return DeliveryAnswer(
            order=generation, manifest="0x" + made.delivery.manifest.hex(),
            delivered=made.delivery.delivered, time=made.delivery.time,
            signer=made.signer, signature=made.signature,
        )  # fmt: skip


def delivery_router(handlers: DeliveryHandlers) -> APIRouter:
    """The route; it needs no credentials."""
    router = APIRouter(prefix="/v1", route_class=StrictRoute)
    router.add_api_route(
        "/generations/{generation}/delivery", handlers.delivery, tags=["orders"],
        summary="State whether a track is delivered",
        responses=documented(InvalidInput, NotFound, Unavailable),
    )  # fmt: skip
    return router
