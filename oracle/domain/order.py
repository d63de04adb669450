"""The order: an app's signed permission to spend from its escrow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from oracle.domain import fields
from oracle.domain.attribution import RULES
from oracle.domain.consent import TIERS
from oracle.domain.errors import InvalidInput
from oracle.domain.request import Request

KEYS = ("payer", "nonce", "request", "maxPrice", "tier", "use", "rule", "deadline")


@dataclass(frozen=True)
class Order:
    """The EIP-712 `Order`.

    Args:
        payer: EIP-55 address whose escrow pays.
        nonce: unused, and at most 63 below the payer's newest nonce.
        request: sha256 of the request's canonical JSON, 32 bytes.
        max_price: the most the payer accepts, in the token's smallest units.
        tier: number of the tier paid for.
        use: mask of permitted uses that every recording must allow.
        rule: number of the attribution vector that divides the money.
        deadline: last second at which the track may be generated, since 1970.
    """

    payer: str
    nonce: int
    request: bytes
    max_price: int
    tier: int
    use: int
    rule: int
    deadline: int


def order_json(order: Order) -> dict[str, str]:
    """The order as JSON: numbers as decimal strings, the request's digest as 0x-hex."""
    return {
        "payer": order.payer,
        "nonce": str(order.nonce),
        "request": "0x" + order.request.hex(),
        "maxPrice": str(order.max_price),
        "tier": str(order.tier),
        "use": str(order.use),
        "rule": str(order.rule),
        "deadline": str(order.deadline),
    }


def parse_order(value: Any, field: str = "order") -> Order:
    """An order from parsed JSON; every key is required and no other is allowed.

    Raises:
        InvalidInput: names the field, such as ``order.maxPrice``, and its value.
    """
    found = fields.mapping(value, field, KEYS)
    return Order(
        payer=fields.address(found["payer"], f"{field}.payer"),
        nonce=fields.decimal(found["nonce"], f"{field}.nonce"),
        request=fields.hex_bytes(found["request"], f"{field}.request", 32),
        max_price=fields.decimal(found["maxPrice"], f"{field}.maxPrice"),
        tier=fields.decimal(found["tier"], f"{field}.tier"),
        use=fields.decimal(found["use"], f"{field}.use"),
        rule=fields.decimal(found["rule"], f"{field}.rule"),
        deadline=fields.decimal(found["deadline"], f"{field}.deadline"),
    )


def check_against(
    order: Order, request: Request, field: str = "order", original: str = ""
) -> None:
    """Checks that an order is for this request and has the same tier, use and rule.

    Args:
        original: for an upgrade, the upgraded generation's id, 0x-hex; the order contains it in
            place of the request's digest.

    Raises:
        InvalidInput: names the order's field that differs.
    """
    expected = {
        "request": (order.request.hex(), original[2:] or request.digest().hex()),
        "tier": (order.tier, TIERS[request.tier].number),
        "use": (order.use, TIERS[request.tier].use),
        "rule": (order.rule, RULES[request.rule]),
    }
    for name, (found, wanted) in expected.items():
        if found != wanted:
            detail = f"does not match the request, which needs {wanted}"
            raise InvalidInput(detail, field=f"{field}.{name}", value=found)
