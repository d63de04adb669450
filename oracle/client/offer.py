"""An oracle's offer, compared with the order that the app wants to sign.

The app knows everything of its order but the price, the nonce and the deadline. It takes these
three from the oracle within limits, and refuses an order that differs in anything else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from oracle.adapters.signing.typed import TypedData
from oracle.client.answers import View, reading
from oracle.domain.attribution import RULES, Vector
from oracle.domain.consent import TIERS
from oracle.domain.errors import Inconsistent, InvalidInput, require_same
from oracle.domain.money import divide
from oracle.domain.order import KEYS, Order, parse_order
from oracle.domain.request import Request
from oracle.domain.terms import Terms

LONGEST_VALID = Terms.validity + 300
"""Seconds from now to the latest deadline that is signed: what oracles give, and five minutes more
for clocks that differ."""

NONCES = 64
"""The ledger takes a nonce only this far below the newest one. A higher nonce than that above the
next one would end the use of every nonce between them."""


@dataclass(frozen=True)
class Wanted:
    """What an order must be.

    Args:
        payer: EIP-55 address that signs.
        request: a request's digest, or the id of the generation to upgrade, 32 bytes.
        tier: name of the tier.
        rule: number of the rule that divides the money.
        weights: recording to millionths, by which the quote divides the price.
    """

    payer: str
    request: bytes
    tier: str
    rule: int
    weights: Vector


@dataclass(frozen=True)
class Now:
    """What limits nonce and deadline.

    Args:
        next_nonce: the ledger's next nonce of the payer.
        block_time: of the newest block, seconds since 1970.
        time: the later one of that and this machine's clock.
    """

    next_nonce: int
    block_time: int
    time: int


def wanted_by(request: Request, payer: str) -> Wanted:
    """What the order of a request must be."""
    rule = RULES[request.rule]
    return Wanted(payer, request.digest(), request.tier, rule, request.weights())


def checked(quote: View, wanted: Wanted, now: Now, typed: TypedData, limit: int) -> Order:
    """The order to sign, built from what is wanted.

    Raises:
        Inconsistent: the offer is for another order, or its parts do not make its price.
        InvalidInput: the price is above `limit`.
    """
    with reading():
        data = quote["typed_data"]
        sent = parse_order(data.get("message") if data else None, "typed_data.message")
    if int(quote["price"]) > limit:
        raise InvalidInput(f"is above {limit}", field="maxPrice", value=quote["price"])
    order = _built(sent, wanted, int(quote["price"]))
    _require_equal(sent, order)
    _require_domain(data, typed.order_typed_data(order))
    _require_nonce(order.nonce, now)
    _require_deadline(order.deadline, now)
    require_same("quote.use", quote["use"], order.use)
    require_same("quote.expires", quote["expires"], order.deadline)
    _require_parts(quote, wanted.weights)
    return order


def _built(sent: Order, wanted: Wanted, price: int) -> Order:
    tier = TIERS[wanted.tier]
    return Order(
        payer=wanted.payer, nonce=sent.nonce, request=wanted.request, max_price=price,
        tier=tier.number, use=tier.use, rule=wanted.rule, deadline=sent.deadline,
    )  # fmt: skip


def _require_equal(sent: Order, order: Order) -> None:
    for member, key in zip(fields(Order), KEYS, strict=True):
        found, wanted = (_shown(getattr(each, member.name)) for each in (sent, order))
        require_same(f"typed_data.message.{key}", found, wanted)


def _shown(value: Any) -> Any:
    return "0x" + value.hex() if isinstance(value, bytes) else value


def _require_domain(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    """The message is equal already, so that what differs is ledger, chain or type."""
    for name in sorted({*found, *wanted}):
        require_same(f"typed_data.{name[:80]}", found.get(name), wanted.get(name))


def _require_nonce(nonce: int, now: Now) -> None:
    field, most = "typed_data.message.nonce", now.next_nonce + NONCES - 1
    if nonce > most:
        raise Inconsistent(f"is above {most}, the last of the {NONCES} nonces that are next",
                           field=field, value=nonce)  # fmt: skip


def _require_deadline(deadline: int, now: Now) -> None:
    field, most = "typed_data.message.deadline", now.time + LONGEST_VALID
    if deadline <= now.block_time:
        detail = f"is not after the chain's newest block, which is of {now.block_time}"
        raise Inconsistent(detail, field=field, value=deadline)
    if deadline > most:
        raise Inconsistent(f"is above {most}, later than oracles give", field=field, value=deadline)


def _require_parts(quote: View, weights: Vector) -> None:
    """Split, node fee and protocol fee make the price, and the split is by the weights."""
    royalty = int(quote["price"]) - int(quote["node_fee"]) - int(quote["protocol_fee"])
    if royalty < 0:
        detail = f"is below node fee {quote['node_fee']} and protocol fee {quote['protocol_fee']}"
        raise Inconsistent(detail, field="quote.price", value=quote["price"])
    amounts = divide(royalty, list(weights.values()))
    expected = zip(weights.items(), amounts, strict=True)
    listed = [{"recording": n, "weight": w, "amount": str(a)} for (n, w), a in expected]
    require_same("quote.split", len(quote["split"]), len(listed))
    for index, (found, wanted) in enumerate(zip(quote["split"], listed, strict=True)):
        for name in wanted:
            require_same(f"quote.split[{index}].{name}", found[name], wanted[name])
