"""What an app is told before it pays: permitted or not and why, the price, who would get what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from oracle.domain import money
from oracle.domain.attribution import PAYABLE, RULES
from oracle.domain.consent import TIERS, Refusal
from oracle.domain.errors import InvalidInput, Unavailable
from oracle.domain.money import Fees
from oracle.domain.order import Order
from oracle.domain.request import Request
from oracle.repertoire import refusals_at
from oracle.world import World


@dataclass(frozen=True)
class Quote:
    """An offer.

    Args:
        refusals: why recordings may not be used; empty when the request is permitted.
        price: smallest units, divided as `fees` says.
        use: mask of uses that the tier needs.
        split: (recording, weight, amount) by the asked weights; the made track decides in the end.
        typed_data: the order to sign, for `eth_signTypedData_v4`; None when not permitted.
        expires: last second the order may be generated at, since 1970.
    """

    refusals: tuple[Refusal, ...]
    price: int
    fees: Fees
    use: int
    split: tuple[tuple[int, int, int], ...]
    typed_data: dict[str, Any] | None
    expires: int


def quote(world: World, request: Request, payer: str) -> Quote:
    """The offer for a request.

    Raises:
        InvalidInput: the request asks to divide by a vector that no money follows.
        Unavailable: the chain does not answer, or the oracle set is not active.
    """
    require_payable(request)
    block = world.ledger.closed_block()
    refusals = refusals_at(world.ledger, request, block)
    price = world.terms.price(request)
    fees = fees_of(world, price)
    weights = request.weights()
    amounts = money.divide(fees.royalty, list(weights.values()))
    expires = max(world.clock.now(), block.timestamp) + world.terms.validity
    order = None if refusals else _order(world, request, payer, price, expires)
    return Quote(
        refusals=refusals, price=price, fees=fees, use=TIERS[request.tier].use,
        split=tuple(zip(weights, weights.values(), amounts, strict=True)),
        typed_data=world.typed.order_typed_data(order) if order else None, expires=expires,
    )  # fmt: skip


def require_payable(request: Request) -> None:
    """Raises InvalidInput when the request's rule cannot be recomputed by everyone."""
    if request.rule not in PAYABLE:
        detail = f"is published and not paid by; pay by {' or '.join(PAYABLE)}"
        raise InvalidInput(detail, field="request.rule", value=request.rule)


def fees_of(world: World, price: int) -> Fees:
    """How the ledger would divide a price under our set's terms.

    Raises:
        Unavailable: the ledger does not accept the set's signatures now.
    """
    terms = world.ledger.set_terms(world.typed.set_id(world.terms.oracle_set))
    if not terms.active:
        raise Unavailable("the oracle set is not active on the ledger")
    return money.fees(price, world.terms.node_fee(price), terms.protocol_bps)


def _order(world: World, request: Request, payer: str, price: int, expires: int) -> Order:
    tier = TIERS[request.tier]
    return Order(
        payer=payer, nonce=_nonce(world, payer), request=request.digest(), max_price=price,
        tier=tier.number, use=tier.use, rule=RULES[request.rule], deadline=expires,
    )  # fmt: skip


def _nonce(world: World, payer: str) -> int:
    """Beyond what the chain has used and what orders under way will use."""
    newest = world.store.reservations(payer).newest
    return max(world.ledger.account(payer).next_nonce, newest + 1)
