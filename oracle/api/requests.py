"""Request bodies. Strict: no unknown keys, no numbers as strings, no strings as numbers.

Amounts and other 256-bit numbers are decimal strings, since JSON numbers lose digits in browsers.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from oracle.api.patterns import ADDRESS, DECIMAL, DIGEST, SIGNATURE, WORD
from oracle.domain.attribution import MILLION, MOST_REFERENCES, PAYABLE
from oracle.domain.consent import TIERS
from oracle.domain.errors import InvalidInput
from oracle.domain.fields import UINT32_MAX, UINT64_MAX
from oracle.domain.prompt import LONGEST_PROMPT
from oracle.domain.request import ENGINES, LONGEST, SHORTEST, VERSION

Address = Annotated[
    str, Field(pattern=ADDRESS, examples=["0x70997970C51812dc3A010C7d01b50e0d17dc79C8"])
]
Word = Annotated[str, Field(pattern=WORD)]
Digest = Annotated[str, Field(pattern=DIGEST)]
Signature = Annotated[str, Field(pattern=SIGNATURE)]
Decimal = Annotated[str, Field(pattern=DECIMAL, examples=["200000"])]


def named(names: Any) -> Any:
    """A short text; the schema lists the allowed values and the domain checks them."""
    listed = list(names)
    return Field(max_length=40, examples=listed[:1], json_schema_extra={"enum": listed})


class Body(BaseModel):
    """A strict body."""

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)


class ReferenceBody(Body):
    """A recording that conditions the track, and its weight."""

    recording: int = Field(ge=1, le=UINT32_MAX, examples=[1])
    weight: int = Field(ge=1, le=MILLION, description="millionths", examples=[MILLION])


class RequestBody(Body):
    """What the app asks for. It is public for ever; the prompt is not in it."""

    version: int = Field(ge=VERSION, le=VERSION, examples=[VERSION])
    engine: str = named(ENGINES)
    length: int = Field(ge=SHORTEST, le=LONGEST, description="seconds", examples=[30])
    prompt_commitment: Digest = Field(
        description='sha256 of "Refrain prompt", a zero byte, the salt\'s 32 bytes and the prompt'
    )
    references: list[ReferenceBody] = Field(
        min_length=1, max_length=MOST_REFERENCES, description="weights sum to 1,000,000"
    )
    rule: str = named(PAYABLE)
    tier: str = named(TIERS)

    @model_validator(mode="before")
    @classmethod
    def _refuse_the_first_version(cls, value: Any) -> Any:
        """Says why a request with the prompt's text is refused, before any missing field."""
        if isinstance(value, dict) and "prompt" in value:
            detail = "would be public for ever in a request; send it beside the request"
            raise InvalidInput(detail, field="request.prompt")
        return value


class AskerBody(Body):
    """The address that will pay, and its signature if it wants to be told its reserved money."""

    payer: Address
    time: int | None = Field(
        None, ge=0, le=UINT64_MAX, description="of the signature, seconds since 1970"
    )
    signature: Signature | None = Field(
        None, description="EIP-712 `Quote(address payer,bytes32 request,uint256 time)`"
    )


class QuoteBody(AskerBody):
    """A request and who will pay for it."""

    request: RequestBody


class OrderBody(Body):
    """The EIP-712 `Order`: numbers as decimal strings."""

    payer: Address
    nonce: Decimal
    request: Word = Field(description="sha256 of the request's canonical JSON")
    maxPrice: Decimal = Field(description="smallest units of the token")
    tier: Decimal
    use: Decimal = Field(description="mask of uses")
    rule: Decimal
    deadline: Decimal = Field(description="seconds since 1970")


class GenerationBody(Body):
    """A request, the order for it, the payer's signature, and the prompt, which stays private."""

    request: RequestBody
    order: OrderBody
    signature: Signature = Field(description="EIP-712, by the payer")
    prompt: str = Field(min_length=1, max_length=LONGEST_PROMPT, examples=["warm and slow"])
    salt: Digest = Field(description="32 random bytes in hex, without 0x; keep it")


class UpgradeQuoteBody(AskerBody):
    """A settled generation, the higher tier and who will pay for it."""

    original: Word = Field(description="id of a settled generation; `request` of a signed `Quote`")
    tier: str = named(TIERS)


class UpgradeBody(Body):
    """The order for a higher tier and the payer's signature of it."""

    order: OrderBody = Field(description="`request` is the original's id")
    signature: Signature = Field(description="EIP-712, by the payer")
