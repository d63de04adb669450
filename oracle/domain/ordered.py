"""An order as it travels between oracles and nodes: request, order, signature, and the prompt."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from oracle.domain import fields
from oracle.domain.errors import InvalidInput
from oracle.domain.order import Order, order_json, parse_order
from oracle.domain.prompt import LONGEST_PROMPT
from oracle.domain.request import Request, parse_request

_SIGNED = ("request", "order", "signature")


@dataclass(frozen=True)
class Ordered:
    """An order with its request.

    Args:
        signature: the payer's signature of the order, 0x-hex.
        prompt, salt: the text behind the request's `prompt_commitment` and its salt (64 hex
            digits); empty for a node and for requests of version 1.
        original: for an upgrade, the id of the upgraded generation, 0x-hex; else empty.
    """

    request: Request
    order: Order
    signature: str
    prompt: str = field(default="", repr=False)
    salt: str = field(default="", repr=False)
    original: str = ""


def signed_json(ordered: Ordered) -> dict[str, Any]:
    """The part that generation nodes get: no prompt, no salt."""
    return {
        "request": ordered.request.to_json(),
        "order": order_json(ordered.order),
        "signature": ordered.signature,
    }


def placed_json(ordered: Ordered) -> dict[str, Any]:
    """The part that an app sends to an oracle for a new track."""
    return signed_json(ordered) | {"prompt": ordered.prompt, "salt": ordered.salt}


def ordered_json(ordered: Ordered) -> dict[str, Any]:
    """All of it, as oracles send it to each other."""
    private = {"prompt": ordered.prompt, "salt": ordered.salt, "original": ordered.original}
    return signed_json(ordered) | private


def parse_signed(value: Any, field: str = "") -> Ordered:
    """An order from the JSON of `signed_json`; the signature is not verified.

    Raises:
        InvalidInput: names the field, such as ``order.nonce``.
    """
    found = fields.mapping(value, field, _SIGNED)
    place = f"{field}." if field else ""
    return Ordered(
        request=parse_request(found["request"], f"{place}request"),
        order=parse_order(found["order"], f"{place}order"),
        signature=fields.signature(found["signature"], f"{place}signature"),
    )


def parse_ordered(value: Any, field: str = "") -> Ordered:
    """An order from the JSON of `ordered_json`. Raises InvalidInput, which names the field."""
    found = fields.mapping(value, field, (*_SIGNED, "prompt", "salt", "original"))
    place = f"{field}." if field else ""
    signed = parse_signed({name: found[name] for name in _SIGNED}, field)
    return Ordered(
        signed.request, signed.order, signed.signature,
        prompt=_text(found["prompt"], f"{place}prompt", LONGEST_PROMPT),
        salt=_text(found["salt"], f"{place}salt", 64),
        original=_text(found["original"], f"{place}original", 66),
    )  # fmt: skip


def _text(value: Any, field: str, longest: int) -> str:
    """Text that may be empty."""
    if not isinstance(value, str) or len(value) > longest:
        # The value may be a prompt, which no log may hold.
        raise InvalidInput(f"must be text of at most {longest} characters", field=field)
    return value
