"""Shapes of what goes out, and how they are filled."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from pydantic import BaseModel, Field

from oracle.domain.attribution import items_of
from oracle.domain.consent import REASONS
from oracle.domain.generation import Generation, Stage
from oracle.domain.recording import Recording
from oracle.domain.statement import Movement, row_json, sorted_rows
from oracle.domain.terms import Floor
from oracle.quoting import Quote


class Problem(BaseModel):
    """RFC 9457, with the field at fault and what was found there."""

    type: str
    title: str
    status: int
    detail: str
    field: str | None = None
    value: str | None = None
    refusals: list[RefusalAnswer] | None = None


class RefusalAnswer(BaseModel):
    recording: int
    reason: str = Field(json_schema_extra={"enum": list(REASONS)})
    detail: str


class ShareAnswer(BaseModel):
    recording: int
    weight: int = Field(description="millionths")
    amount: str


class FloorAnswer(BaseModel):
    recording: int
    per_second: str = Field(description="least royalty for a second, smallest units")


class QuoteAnswer(BaseModel):
    permitted: bool
    refusals: list[RefusalAnswer]
    price: str
    floor: FloorAnswer | None = Field(description="that the price follows from, if it does")
    node_fee: str
    protocol_fee: str
    use: int = Field(description="mask of the uses that every recording must permit")
    split: list[ShareAnswer] = Field(description="by the asked weights; the track decides")
    typed_data: dict[str, Any] | None = Field(description="for eth_signTypedData_v4")
    expires: int


class Links(BaseModel):
    self: str
    manifest: str | None
    audio: str | None
    trace: str | None


class TakenAnswer(BaseModel):
    id: str
    stage: Stage
    links: Links


class WeightAnswer(BaseModel):
    recording: int
    weight: int


class GenerationAnswer(BaseModel):
    id: str
    stage: Stage
    detail: str
    price: str
    links: Links
    transaction: str | None
    vector: list[WeightAnswer] | None = Field(description="of the rule that was ordered")
    block: int | None = Field(description="that settled it")
    original: str | None = Field(description="of an upgrade, the generation that it upgrades")


class RecordingAnswer(BaseModel):
    recording: int
    owner: str
    split: int
    consent_from: int
    consent_until: int
    revoked_at: int | None
    uses: int
    max_share: int = Field(description="1/10,000 of one output")
    audio: str
    metadata: str
    isrc: str
    version: int = Field(description="how many consents came before this one, modulo 256")
    floors: list[str] = Field(description="least royalty for a second, by number of tier")


class RecordingsAnswer(BaseModel):
    recordings: list[RecordingAnswer]
    next: str | None = Field(description="cursor of the next page")


class StatementAnswer(BaseModel):
    payee: str
    rows: list[dict[str, Any]]


class AttestedAnswer(BaseModel):
    signer: str
    signature: str


class HealthAnswer(BaseModel):
    status: str


class ReadyAnswer(BaseModel):
    status: str
    parts: dict[str, str]


def quote_answer(quote: Quote) -> QuoteAnswer:
    return QuoteAnswer(
        permitted=not quote.refusals,
        refusals=[RefusalAnswer(**asdict(refusal)) for refusal in quote.refusals],
        price=str(quote.price),
        floor=_floor_answer(quote.floor),
        node_fee=str(quote.fees.node),
        protocol_fee=str(quote.fees.protocol),
        use=quote.use,
        split=[
            ShareAnswer(recording=number, weight=weight, amount=str(amount))
            for number, weight, amount in quote.split
        ],
        typed_data=quote.typed_data,
        expires=quote.expires,
    )


def _floor_answer(floor: Floor | None) -> FloorAnswer | None:
    if floor is None:
        return None
    return FloorAnswer(recording=floor.recording, per_second=str(floor.per_second))


def links_of(generation: Generation, gateway: str) -> Links:
    """Where the public files are; None while there are none, or no gateway is known."""

    def url(cid: str) -> str | None:
        return f"{gateway}/ipfs/{cid}" if cid and gateway else None

    return Links(
        self=f"/v1/generations/{generation.id}",
        manifest=url(generation.manifest),
        audio=url(generation.audio),
        trace=url(generation.trace),
    )


def taken_answer(generation: Generation, gateway: str) -> TakenAnswer:
    return TakenAnswer(
        id=generation.id, stage=generation.stage, links=links_of(generation, gateway)
    )


def generation_answer(generation: Generation, gateway: str) -> GenerationAnswer:
    vector = generation.vectors.get(generation.request.rule)
    return GenerationAnswer(
        id=generation.id,
        stage=generation.stage,
        detail=generation.detail,
        price=str(generation.price),
        links=links_of(generation, gateway),
        transaction=generation.transaction or None,
        vector=[WeightAnswer(**item) for item in items_of(vector)] if vector else None,
        block=generation.settled_block,
        original=generation.original or None,
    )


def recording_answer(recording: Recording) -> RecordingAnswer:
    found = asdict(recording)
    number, revoked_at, _ = (found.pop(name) for name in ("id", "revoked_at", "past"))
    found["floors"] = [str(floor) for floor in recording.floors]
    return RecordingAnswer(recording=number, revoked_at=revoked_at or None, **found)


def statement_answer(payee: str, rows: list[Movement]) -> StatementAnswer:
    return StatementAnswer(payee=payee, rows=[row_json(row) for row in sorted_rows(rows)])
