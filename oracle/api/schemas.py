"""Shapes of what comes in. Strict: no other keys, no numbers in strings, no strings in numbers.

Amounts and other 256-bit numbers are decimal strings, since JSON numbers lose digits in browsers.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from oracle.domain.attribution import MILLION, MOST_REFERENCES, PAYABLE
from oracle.domain.batch import MOST
from oracle.domain.consent import TIERS
from oracle.domain.fields import UINT32_MAX
from oracle.domain.request import ENGINES, LONGEST, LONGEST_PROMPT, SHORTEST

ADDRESS = r"^0x[0-9a-fA-F]{40}$"
WORD = r"^0x[0-9a-f]{64}$"
SIGNATURE = r"^0x[0-9a-fA-F]{130}$"
DECIMAL = r"^(0|[1-9][0-9]{0,77})$"

Address = Annotated[
    str, Field(pattern=ADDRESS, examples=["0x70997970C51812dc3A010C7d01b50e0d17dc79C8"])
]
Word = Annotated[str, Field(pattern=WORD)]
Signature = Annotated[str, Field(pattern=SIGNATURE)]
Decimal = Annotated[str, Field(pattern=DECIMAL, examples=["200000"])]


def named(names: Any) -> Any:
    """A short text whose allowed values are told in the schema and checked by the domain."""
    listed = list(names)
    return Field(max_length=40, examples=listed[:1], json_schema_extra={"enum": listed})


class Body(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)


class ReferenceBody(Body):
    recording: int = Field(ge=1, le=UINT32_MAX, examples=[1])
    weight: int = Field(ge=1, le=MILLION, description="millionths", examples=[MILLION])


class RequestBody(Body):
    engine: str = named(ENGINES)
    length: int = Field(ge=SHORTEST, le=LONGEST, description="seconds", examples=[30])
    prompt: str = Field(min_length=1, max_length=LONGEST_PROMPT, examples=["warm and slow"])
    references: list[ReferenceBody] = Field(
        min_length=1, max_length=MOST_REFERENCES, description="weights sum to 1,000,000"
    )
    rule: str = named(PAYABLE)
    tier: str = named(TIERS)


class QuoteBody(Body):
    request: RequestBody
    payer: Address


class OrderBody(Body):
    payer: Address
    nonce: Decimal
    request: Word = Field(description="sha256 of the request's canonical JSON")
    maxPrice: Decimal
    tier: Decimal
    use: Decimal
    rule: Decimal
    deadline: Decimal


class GenerationBody(Body):
    request: RequestBody
    order: OrderBody
    signature: Signature = Field(description="EIP-712, by the payer")


class UpgradeQuoteBody(Body):
    original: Word = Field(description="id of a settled generation")
    tier: str = named(TIERS)
    payer: Address


class UpgradeBody(Body):
    order: OrderBody = Field(description="its `request` is the original's id")
    signature: Signature = Field(description="EIP-712, by the payer")


class AttestationFields(Body):
    price: Decimal
    node: Address
    nodeFee: Decimal
    generatedAt: Decimal
    entries: str = Field(pattern=r"^0x([0-9a-f]{16}){1,13}$")
    manifest: Word


class AttestationBody(Body):
    order: OrderBody
    signature: Signature
    attestation: AttestationFields


class BatchBody(Body):
    members: list[AttestationBody] = Field(
        min_length=1, max_length=MOST, description="settled together, in this order"
    )
