"""Response bodies, and the functions that fill them from domain values."""

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
from oracle.orders.quotes import Quote


class Problem(BaseModel):
    """An error (RFC 9457) with the wrong field, its value and the refused recordings."""

    type: str
    title: str
    status: int
    detail: str
    field: str | None = None
    value: str | None = None
    refusals: list[RefusalAnswer] | None = None


class RefusalAnswer(BaseModel):
    """Why a request is refused."""

    recording: int | None = Field(description="null when the reason is about no recording")
    reason: str = Field(json_schema_extra={"enum": list(REASONS)})
    detail: str


class ShareAnswer(BaseModel):
    """A recording's part of the royalty."""

    recording: int
    weight: int = Field(description="millionths")
    amount: str = Field(description="smallest units")


class FloorAnswer(BaseModel):
    """The floor of the recording that decides the price."""

    recording: int
    per_second: str = Field(description="lowest royalty for each second, smallest units")


class QuoteAnswer(BaseModel):
    """An offer. Amounts are decimal strings in the token's smallest units."""

    permitted: bool
    refusals: list[RefusalAnswer]
    price: str
    floor: FloorAnswer | None = Field(
        description="decides the price; null when the price list does"
    )
    node_fee: str
    protocol_fee: str
    use: int = Field(description="mask of uses; every recording must permit them")
    split: list[ShareAnswer] = Field(
        description="estimate, by the requested weights"
    )
    typed_data: dict[str, Any] | None = Field(
        description="order for eth_signTypedData_v4; null when not permitted"
    )
    expires: int = Field(description="seconds since 1970")
    reserved: str | None = Field(
        description="what unfinished orders reserve here; null unless the payer signed the question"
    )


class Links(BaseModel):
    """Where a generation and its public files are; audio and trace are null until `settled`."""

    self: str
    manifest: str | None
    audio: str | None
    trace: str | None


class TakenAnswer(BaseModel):
    """An accepted order."""

    id: str
    stage: Stage
    links: Links


class WeightAnswer(BaseModel):
    """A recording's share of the track."""

    recording: int
    weight: int = Field(description="millionths")


class GenerationAnswer(BaseModel):
    """A generation and its progress."""

    id: str
    stage: Stage
    detail: str
    price: str
    links: Links
    transaction: str | None
    vector: list[WeightAnswer] | None = Field(
        description="of the ordered rule; null before the track exists"
    )
    block: int | None = Field(description="number of the block that settled it")
    original: str | None = Field(
        description="id of the upgraded generation; null when not an upgrade"
    )


class RecordingAnswer(BaseModel):
    """A registered recording. Times are seconds since 1970."""

    recording: int
    owner: str
    split: int
    consent_from: int
    consent_until: int
    revoked_at: int | None
    uses: int
    max_share: int = Field(description="of one track, in 1/10,000")
    audio: str
    metadata: str
    isrc: str
    version: int = Field(description="number of earlier consents, modulo 256")
    floors: list[str] = Field(description="lowest royalty for each second, by number of the tier")


class RecordingsAnswer(BaseModel):
    """A page of recordings."""

    recordings: list[RecordingAnswer]
    next: str | None = Field(description="cursor of the next page; null on the last page")


class StatementAnswer(BaseModel):
    """A payee's movements of money by block, log index and recording."""

    payee: str
    rows: list[dict[str, Any]]


class AttestedAnswer(BaseModel):
    """An oracle's address and its signature (64 bytes, 0x-hex)."""

    signer: str
    signature: str


class HealthAnswer(BaseModel):
    """The process runs."""

    status: str


class ReadyAnswer(BaseModel):
    """Each part that a generation needs, with `ok` or its error."""

    status: str
    parts: dict[str, str]


def quote_answer(quote: Quote) -> QuoteAnswer:
    """The answer to a quote; amounts become decimal strings."""
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
        reserved=None if quote.reserved is None else str(quote.reserved),
    )


def _floor_answer(floor: Floor | None) -> FloorAnswer | None:
    if floor is None:
        return None
    return FloorAnswer(recording=floor.recording, per_second=str(floor.per_second))


def links_of(generation: Generation, gateway: str, prefix: str) -> Links:
    """URLs of the public files, None while one is not public; `prefix`: see `oracle.http.front`.

    The manifest is public from its signing on; audio and trace are once they are paid and pinned.
    """

    def url(cid: str) -> str | None:
        return f"{gateway}/ipfs/{cid}" if cid and gateway else None

    delivered = generation.stage is Stage.SETTLED
    return Links(
        self=f"{prefix}/v1/generations/{generation.id}",
        manifest=url(generation.manifest),
        audio=url(generation.audio) if delivered else None,
        trace=url(generation.trace) if delivered else None,
    )


def taken_answer(generation: Generation, gateway: str, prefix: str = "") -> TakenAnswer:
    """The answer to an accepted order."""
    links = links_of(generation, gateway, prefix)
    return TakenAnswer(id=generation.id, stage=generation.stage, links=links)


def generation_answer(generation: Generation, gateway: str, prefix: str = "") -> GenerationAnswer:
    """The public part of a generation; its vector is the one of the ordered rule."""
    vector = generation.vectors.get(generation.request.rule)
    return GenerationAnswer(
        id=generation.id,
        stage=generation.stage,
        detail=generation.detail,
        price=str(generation.price),
        links=links_of(generation, gateway, prefix),
        transaction=generation.transaction or None,
        vector=[WeightAnswer(**item) for item in items_of(vector)] if vector else None,
        block=generation.settled_block,
        original=generation.original or None,
    )


def recording_answer(recording: Recording) -> RecordingAnswer:
    """A recording's current consent; an earlier consent is left out."""
    found = asdict(recording)
    number, revoked_at, _ = (found.pop(name) for name in ("id", "revoked_at", "past"))
    found["floors"] = [str(floor) for floor in recording.floors]
    return RecordingAnswer(recording=number, revoked_at=revoked_at or None, **found)


def statement_answer(payee: str, rows: list[Movement]) -> StatementAnswer:
    """The rows of a statement, sorted."""
    return StatementAnswer(payee=payee, rows=[row_json(row) for row in sorted_rows(rows)])
