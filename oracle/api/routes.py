"""What apps and payees may ask. Each handler translates and nothing else."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, BackgroundTasks, Header, Path, Query, Request, Response

from oracle import quoting
from oracle.api import answers, schemas
from oracle.api.addresses import checksummed
from oracle.api.errors import BODY_ERRORS, OK, TAKEN, documented
from oracle.api.reading import order_of
from oracle.api.strict import StrictRoute
from oracle.domain import canonical, fields
from oracle.domain.errors import (
    Conflict,
    InvalidInput,
    NotFound,
    Refused,
    Unauthorised,
    Unavailable,
)
from oracle.domain.generation import Generation
from oracle.domain.request import parse_request
from oracle.domain.statement import to_csv
from oracle.ordering import take, take_upgrade
from oracle.readiness import Readiness
from oracle.world import World

MOST_RECORDINGS = 100

Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern=r"^[\x20-\x7e]+$",
        description="your own name for this order; sent again, it gives the same answer",
    ),
]
Id = Annotated[str, Path(pattern=schemas.WORD, description="the order's struct hash")]
Number = Annotated[int, Path(ge=1, le=fields.UINT32_MAX)]
Payee = Annotated[str, Path(pattern=schemas.ADDRESS)]
Cursor = Annotated[str, Query(pattern=r"^[0-9]{1,10}$", description="`next` of the last page")]
Limit = Annotated[int, Query(ge=1, le=MOST_RECORDINGS)]

STATEMENT: dict[int | str, dict[str, Any]] = {
    OK: {"content": {"text/csv": {}, "application/json": {}}, "description": "The rows"}
}


@dataclass(frozen=True)
class Desk:
    """What the handlers work with.

    Args:
        world: the oracle's ports and terms.
        submit: told the id of each generation that was taken.
        readiness: of everything a generation needs.
        gateway: URL under which pinned files are read; empty when there is none.
    """

    world: World
    submit: Callable[[str], None]
    readiness: Readiness
    gateway: str

    def health(self) -> answers.HealthAnswer:
        """The process runs."""
        return answers.HealthAnswer(status="ok")

    def ready(self) -> answers.ReadyAnswer:
        """Everything that a generation needs answers."""
        return answers.ReadyAnswer(status="ready", parts=self.readiness.require())

    def recordings(self, cursor: Cursor = "0", limit: Limit = 50) -> answers.RecordingsAnswer:
        """The registered recordings in ascending id."""
        first, last = int(cursor) + 1, int(cursor) + limit
        found = self.world.ledger.recordings(first, last)
        more = last < self.world.ledger.recording_count()
        listed = [answers.recording_answer(recording) for recording in found]
        return answers.RecordingsAnswer(recordings=listed, next=str(last) if more else None)

    def recording(self, recording: Number) -> answers.RecordingAnswer:
        """One recording as the chain has it now."""
        found = self.world.ledger.recording(recording)
        if found is None:
            raise NotFound("is not registered", field="recording", value=recording)
        return answers.recording_answer(found)

    def quote(self, body: schemas.QuoteBody) -> answers.QuoteAnswer:
        """What a request costs, who would get what, and the order to sign."""
        request = parse_request(body.request.model_dump())
        payer = checksummed(body.payer, "payer")
        return answers.quote_answer(quoting.quote(self.world, request, payer))

    def take(
        self, body: schemas.GenerationBody, key: Key, response: Response, after: BackgroundTasks
    ) -> answers.TakenAnswer:
        """Takes a signed order. Nothing is kept when it is refused."""
        sent = body.model_dump()
        request, order = parse_request(sent["request"]), order_of(sent["order"])
        taken = take(self.world, request, order, body.signature.lower(), key, _digest(sent))
        return self._answer(taken, response, after)

    def quote_upgrade(self, body: schemas.UpgradeQuoteBody) -> answers.QuoteAnswer:
        """What a settled generation costs more for a higher tier, and the order to sign."""
        payer = checksummed(body.payer, "payer")
        found = quoting.quote_upgrade(self.world, body.original, body.tier, payer)
        return answers.quote_answer(found)

    def take_upgrade(
        self, body: schemas.UpgradeBody, key: Key, response: Response, after: BackgroundTasks
    ) -> answers.TakenAnswer:
        """Takes a signed order for a higher tier; the track is not made again."""
        sent = body.model_dump()
        order, signature = order_of(sent["order"]), body.signature.lower()
        taken = take_upgrade(self.world, order, signature, key, _digest(sent))
        return self._answer(taken, response, after)

    def _answer(
        self, taken: Generation, response: Response, after: BackgroundTasks
    ) -> answers.TakenAnswer:
        if not taken.ended:
            # Once the app has its answer: whatever happens in the steps, it knows the id.
            after.add_task(self.submit, taken.id)
        answer = answers.taken_answer(taken, self.gateway)
        response.headers["Location"] = answer.links.self
        return answer

    def generation(self, generation: Id) -> answers.GenerationAnswer:
        """How far a generation is."""
        return answers.generation_answer(self.world.store.load(generation), self.gateway)

    def statement(self, address: Payee, request: Request) -> Response:
        """Every movement of money towards a payee, as JSON or, if asked for, as CSV."""
        payee = checksummed(address, "address")
        rows = list(self.world.ledger.statement(payee))
        if "text/csv" in request.headers.get("accept", ""):
            name = f'attachment; filename="{payee}.csv"'
            return Response(
                to_csv(rows), media_type="text/csv", headers={"Content-Disposition": name}
            )
        answer = answers.statement_answer(payee, rows)
        return Response(answer.model_dump_json(), media_type="application/json")


def _digest(sent: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical.dumps(sent)).hexdigest()


def public_router(desk: Desk) -> APIRouter:
    """Routes that anyone may call: orders carry the payer's signature, the rest is public."""
    router = APIRouter(prefix="/v1", route_class=StrictRoute)
    asked = documented(InvalidInput, Unavailable)
    named = documented(InvalidInput, NotFound, Unavailable)
    sent = documented(InvalidInput, Unavailable) | BODY_ERRORS
    taken = sent | documented(Unauthorised, Conflict, InvalidInput, Refused)
    router.add_api_route("/health", desk.health, methods=["GET"])
    router.add_api_route("/ready", desk.ready, responses=documented(Unavailable))
    router.add_api_route("/recordings", desk.recordings, responses=asked)
    router.add_api_route("/recordings/{recording}", desk.recording, responses=named)
    router.add_api_route("/quotes", desk.quote, methods=["POST"], responses=sent)
    router.add_api_route(
        "/generations", desk.take, methods=["POST"], status_code=TAKEN, responses=taken
    )
    upgraded = taken | documented(NotFound)
    router.add_api_route(
        "/upgrades/quotes", desk.quote_upgrade, methods=["POST"], responses=upgraded
    )
    router.add_api_route(
        "/upgrades", desk.take_upgrade, methods=["POST"], status_code=TAKEN, responses=upgraded
    )
    router.add_api_route("/generations/{generation}", desk.generation, responses=named)
    router.add_api_route(
        "/payees/{address}/statement",
        desk.statement,
        response_model=None,
        responses=asked | STATEMENT,
    )
    return router
