"""Routes about copies: who is quarantined and why, and the decisions that end it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from oracle.api import requests
from oracle.api.errors import BODY_ERRORS, documented
from oracle.api.parsing import signature_of
from oracle.api.strict import StrictRoute
from oracle.context import Context
from oracle.domain import fields
from oracle.domain.copies import BOTH, Copy, Decision, Ruling, decision_of, owners_of, quarantined
from oracle.domain.errors import Conflict, InvalidInput, NotFound, Unauthorised, Unavailable
from oracle.quorum.rulings import rule

Number = Annotated[int, Path(ge=1, le=fields.UINT32_MAX, description="id of the recording")]


class RulingBody(requests.Body):
    """A decision about two recordings that sound alike, and the signatures of it."""

    recording: int = Field(ge=1, le=fields.UINT32_MAX, description="the lower id")
    other: int = Field(ge=1, le=fields.UINT32_MAX, description="the higher id")
    keep: int = Field(
        ge=0, le=BOTH, description="1 the recording, 2 the other, 3 both may be used, 0 none"
    )
    time: int = Field(ge=0, le=fields.UINT64_MAX, description="now, seconds since 1970")
    signatures: list[requests.Signature] = Field(
        min_length=1, max_length=2,
        description="EIP-712 `CopyDecision`, by the owner of each in this order or by one arbiter",
    )  # fmt: skip


class RulingAnswer(BaseModel):
    """A decision that enough oracles have signed (EIP-712 `CopyRuling`)."""

    recording: int
    other: int
    keep: int = Field(description="1 the recording, 2 the other, 3 both may be used, 0 none")
    time: int = Field(description="of the decision, seconds since 1970")
    by: str = Field(json_schema_extra={"enum": ["owners", "arbiter"]})
    signatures: dict[str, str] = Field(description="64 bytes each, 0x-hex, by oracle")


class CopyAnswer(BaseModel):
    """Another recording that sounds like this one."""

    other: int
    score: int = Field(description="thousandths of the peaks that both have in the best 5 s")
    seconds: int = Field(description="that both have")
    speed: int = Field(description="millionths of the other's speed")
    tones: int = Field(description="1/192 octaves by which this one is higher")
    ruling: RulingAnswer | None = Field(description="null until somebody decides")


class CopiesAnswer(BaseModel):
    """What sounds like a recording, and whether that keeps it out of tracks."""

    recording: int
    quarantined: bool
    copies: list[CopyAnswer]


class CopyHandlers:
    """The handlers of the routes."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def copies(self, recording: Number) -> CopiesAnswer:
        """Lists the recordings that sound like one, and says whether it is quarantined.

        A quarantined recording is in no new track until the owners of both agree or an arbiter
        decides. Recordings of one owner are not quarantined for each other.
        """
        ledger, store = self._context.ledger, self._context.store
        block = ledger.newest_block().number
        # Nodes are asked for registered recordings only: a stranger can name any number.
        known = dict(ledger.recordings_at([recording], block))
        if recording not in known:
            raise NotFound("is not registered", field="recording", value=recording)
        found = self._context.copies.ask([recording])
        others = {copy.other for copy in found}
        known = {**known, **ledger.recordings_at(others, block)}
        rulings = store.rulings([recording])
        held = quarantined(found, rulings, owners_of(known))
        return CopiesAnswer(
            recording=recording, quarantined=recording in held,
            copies=[_copy(each, {ruled.decision.pair: ruled for ruled in rulings})
                    for each in found],
        )  # fmt: skip

    def rule(self, body: RulingBody) -> RulingAnswer:
        """Has a decision about two recordings signed by the threshold of the oracles.

        A later decision replaces an earlier one; an arbiter's is replaced only by an arbiter's.
        The same decision may be sent again, also to another oracle.
        """
        sent = body.model_dump()
        papers = [
            signature_of(each, f"signatures[{index}]")
            for index, each in enumerate(sent["signatures"])
        ]
        return _ruling(rule(self._context, decision_of(sent), papers))


def _copy(copy: Copy, rulings: dict[tuple[int, int], Ruling]) -> CopyAnswer:
    pair = min(copy.recording, copy.other), max(copy.recording, copy.other)
    known = rulings.get(pair)
    return CopyAnswer(
        other=copy.other, score=copy.score, seconds=copy.seconds, speed=copy.speed,
        tones=copy.tones, ruling=_ruling(known) if known else None,
    )  # fmt: skip


def _ruling(ruling: Ruling) -> RulingAnswer:
    made: Decision = ruling.decision
    return RulingAnswer(
        recording=made.recording, other=made.other, keep=made.keep, time=made.time,
        by=ruling.by, signatures=dict(ruling.signatures),
    )  # fmt: skip


def copy_router(handlers: CopyHandlers) -> APIRouter:
    """The routes; decisions carry their own signatures."""
    router = APIRouter(prefix="/v1", route_class=StrictRoute, tags=["recordings"])
    router.add_api_route(
        "/recordings/{recording}/copies", handlers.copies, summary="Show the copies of a recording",
        responses=documented(InvalidInput, NotFound, Unavailable),
    )  # fmt: skip
    errors = documented(InvalidInput, NotFound, Unauthorised, Conflict, Unavailable)
    router.add_api_route(
        "/rulings", handlers.rule, methods=["POST"], summary="Decide about two copies",
        responses=errors | BODY_ERRORS,
    )  # fmt: skip
    return router
