"""Routes for apps and payees. A handler only converts between HTTP and domain."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Any

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Header, Path, Query, Request, Response
from starlette.background import BackgroundTask

from oracle.adapters.addresses import checksummed
from oracle.api import patterns, requests, responses
from oracle.api.errors import BODY_ERRORS, OK, TAKEN, documented
from oracle.api.parsing import order_of, placed_of, signature_of
from oracle.api.strict import StrictRoute
from oracle.context import Context
from oracle.domain import fields
from oracle.domain.errors import (
    Conflict,
    InvalidInput,
    NotFound,
    Refused,
    Unauthorised,
    Unavailable,
)
from oracle.domain.generation import Generation
from oracle.domain.quote_request import QuoteRequest
from oracle.domain.request import parse_request
from oracle.domain.statement import to_csv
from oracle.http.fronted import prefix_of
from oracle.orders import quotes
from oracle.orders.acceptance import take, take_upgrade
from oracle.readiness import Readiness

MOST_RECORDINGS = 100

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern=patterns.PRINTABLE,
        description="your own name for this order; nothing depends on it, the order's hash counts",
    ),
]
Id = Annotated[
    str, Path(pattern=patterns.WORD, description="id of the generation: the order's struct hash")
]
Number = Annotated[int, Path(ge=1, le=fields.UINT32_MAX, description="id of the recording")]
Payee = Annotated[str, Path(pattern=patterns.ADDRESS, description="the payee's address")]
Cursor = Annotated[str, Query(pattern=patterns.PLACE, description="`next` of the previous page")]
Limit = Annotated[int, Query(ge=1, le=MOST_RECORDINGS, description="recordings on a page")]

STATEMENT: dict[int | str, dict[str, Any]] = {
    OK: {
        "model": responses.StatementAnswer,
        "content": {"text/csv": {}},
        "description": "The rows of the statement",
    }
}


@dataclass(frozen=True)
class Handlers:
    """Handlers of the public routes; their docstrings are the descriptions in the OpenAPI document.

    Args:
        context: the oracle's ports and terms.
        submit: called with the id of each accepted generation, so that the worker advances it.
        readiness: tells whether everything that a generation needs answers.
        gateway: URL of the gateway that serves pinned files; empty when there is none.
        readying: the thread that readiness has for itself.
    """

    context: Context
    submit: Callable[[str], None]
    readiness: Readiness
    gateway: str
    readying: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(1))

    async def health(self) -> responses.HealthAnswer:
        """Answers while the process runs, and asks no other service."""
        return responses.HealthAnswer(status="ok")

    async def ready(self) -> responses.ReadyAnswer:
        """Answers 200 when everything that a generation needs answers, else 503.

        It asks the chain, the pinner, the database, the generation nodes and the other oracles.
        Two nodes and enough oracles for the threshold must answer. Nodes and oracles have numbers
        here, in the order of the operator's settings; the operator's log has what they say.
        """
        parts = await to_thread.run_sync(self.readiness.shown, limiter=self.readying)
        return responses.ReadyAnswer(status="ready", parts=parts)

    def recordings(self, cursor: Cursor = "0", limit: Limit = 50) -> responses.RecordingsAnswer:
        """Lists the registered recordings in ascending id, as the chain has them now.

        `next` is the cursor of the next page; it is null on the last page.
        """
        first, last = int(cursor) + 1, int(cursor) + limit
        found = self.context.ledger.recordings(first, last)
        more = last < self.context.ledger.recording_count()
        listed = [responses.recording_answer(recording) for recording in found]
        return responses.RecordingsAnswer(recordings=listed, next=str(last) if more else None)

    def recording(self, recording: Number) -> responses.RecordingAnswer:
        """Shows one recording and its consent, as the chain has it now."""
        found = self.context.ledger.recording(recording)
        if found is None:
            raise NotFound("is not registered", field="recording", value=recording)
        return responses.recording_answer(found)

    def quote(self, body: requests.QuoteBody) -> responses.QuoteAnswer:
        """Says whether a request is permitted, its price and how the price would be divided.

        When it is permitted, `typed_data` is the order to sign with `eth_signTypedData_v4`.
        A request that is not permitted names each reason in `refusals`. `reserved` is told only to
        the payer's signature, and counts against the escrow then.
        """
        request = parse_request(body.request.model_dump())
        asker = self._asker(body, request.digest())
        return responses.quote_answer(quotes.quote(self.context, request, asker))

    def _asker(self, body: requests.AskerBody, request: bytes) -> quotes.Asker:
        payer = checksummed(body.payer, "payer")
        if body.time is None and body.signature is None:
            return quotes.Asker(payer)
        if body.time is None or body.signature is None:
            missing = "time" if body.time is None else "signature"
            raise InvalidInput("is missing; time and signature come together", field=missing)
        asked = QuoteRequest(payer, request, body.time)
        return quotes.asker_of(self.context, asked, signature_of(body.signature))

    def take(
        self, body: requests.GenerationBody, request: Request, key: Key = None
    ) -> Response:
        """Accepts a signed order and starts its generation.

        The answer comes before the track is made; `links.self` shows the progress. The order's
        hash is its id, so the same order gets the same answer, however often and by whomever it
        is sent. A refused order is not stored. Prompt and salt are shown by no route.
        """
        return self._answer(take(self.context, placed_of(body)), prefix_of(request))

    def quote_upgrade(self, body: requests.UpgradeQuoteBody) -> responses.QuoteAnswer:
        """Says what a higher tier of a settled generation costs, with the order to sign.

        The price is the difference of the two tiers. The track stays the same.
        """
        asker = self._asker(body, bytes.fromhex(body.original[2:]))
        found = quotes.quote_upgrade(self.context, body.original, body.tier, asker)
        return responses.quote_answer(found)

    def take_upgrade(
        self, body: requests.UpgradeBody, request: Request, key: Key = None
    ) -> Response:
        """Accepts a signed order for a higher tier of a settled generation.

        The order's `request` is the id of the original. The track is not made again.
        """
        order, signature = order_of(body.order.model_dump()), signature_of(body.signature)
        return self._answer(take_upgrade(self.context, order, signature), prefix_of(request))

    def _answer(self, taken: Generation, prefix: str) -> Response:
        """A TakenAnswer as JSON, made here: the event loop would check and convert it again."""
        # After the app has its answer: it knows the id even if a step fails.
        after = None if taken.ended else BackgroundTask(_hand_over, self.submit, taken.id)
        answer = responses.taken_answer(taken, self.gateway, prefix)
        return Response(
            answer.model_dump_json(), TAKEN, {"Location": answer.links.self}, "application/json",
            after,
        )  # fmt: skip

    def generation(self, generation: Id, request: Request) -> responses.GenerationAnswer:
        """Shows the stage of a generation, with links to its track, trace and manifest.

        `settled`, `refused` and `failed` are final; `detail` says why a generation waits or failed.
        """
        found = self.context.store.load(generation)
        return responses.generation_answer(found, self.gateway, prefix_of(request))

    def statement(self, address: Payee, request: Request) -> Response:
        """Lists every movement of money to a payee, up to the closed block.

        The answer is JSON; with `Accept: text/csv` it is a CSV file.
        """
        payee = checksummed(address, "address")
        rows = list(self.context.ledger.statement(payee))
        if "text/csv" in request.headers.get("accept", ""):
            name = f'attachment; filename="{payee}.csv"'
            return Response(
                to_csv(rows), media_type="text/csv", headers={"Content-Disposition": name}
            )
        answer = responses.statement_answer(payee, rows)
        return Response(answer.model_dump_json(), media_type="application/json")


async def _hand_over(submit: Callable[[str], None], generation: str) -> None:
    """Hands an accepted generation to the worker. It needs no thread, because that never waits."""
    submit(generation)


def public_router(handlers: Handlers) -> APIRouter:
    """Routes that anyone may call: orders carry the payer's signature, all else is public."""
    router = APIRouter(prefix="/v1", route_class=StrictRoute)
    asked = documented(InvalidInput, Unavailable)
    named = documented(InvalidInput, NotFound, Unavailable)
    sent = documented(InvalidInput, Unavailable) | BODY_ERRORS
    taken = sent | documented(Unauthorised, Conflict, InvalidInput, Refused)
    upgraded = taken | documented(NotFound)

    def get(path: str, handler: Callable[..., Any], tag: str, summary: str, **more: Any) -> None:
        router.add_api_route(path, handler, tags=[tag], summary=summary, **more)

    def post(path: str, handler: Callable[..., Any], summary: str, **more: Any) -> None:
        get(path, handler, "orders", summary, methods=["POST"], **more)

    get("/health", handlers.health, "status", "Process check")
    get("/ready", handlers.ready, "status", "Readiness", responses=documented(Unavailable))
    get("/recordings", handlers.recordings, "recordings", "List recordings", responses=asked)
    get(
        "/recordings/{recording}", handlers.recording, "recordings", "Show a recording",
        responses=named,
    )  # fmt: skip
    post("/quotes", handlers.quote, "Quote a request", responses=sent)
    post(
        "/generations", handlers.take, "Place an order", status_code=TAKEN, responses=taken,
        response_model=responses.TakenAnswer,
    )  # fmt: skip
    post("/upgrades/quotes", handlers.quote_upgrade, "Quote an upgrade", responses=upgraded)
    post(
        "/upgrades", handlers.take_upgrade, "Order an upgrade", status_code=TAKEN,
        responses=upgraded, response_model=responses.TakenAnswer,
    )  # fmt: skip
    get(
        "/generations/{generation}", handlers.generation, "orders", "Show a generation",
        responses=named,
    )  # fmt: skip
    get(
        "/payees/{address}/statement", handlers.statement, "payees", "Statement of a payee",
        response_model=None, responses=asked | STATEMENT,
    )  # fmt: skip
    return router
