"""What an app is told before it pays: permitted or not and why, the price, who would get what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from oracle.domain import money
from oracle.domain.attribution import PAYABLE, RULES, Vector
from oracle.domain.block import Block
from oracle.domain.consent import TIERS, Refusal
from oracle.domain.errors import InvalidInput
from oracle.domain.money import Fees
from oracle.domain.order import Order
from oracle.domain.request import Request
from oracle.domain.terms import Floor, Price
from oracle.pricing import fees_of, price_at, upgrade_price
from oracle.repertoire import refusals_at, share_refusals_at
from oracle.upgrading import higher, original_of
from oracle.world import World


@dataclass(frozen=True)
class Quote:
    """An offer.

    Args:
        refusals: why recordings may not be used; empty when the request is permitted.
        price: smallest units, divided as `fees` says.
        floor: the recording's floor that the price follows from; None when it is the list's.
        use: mask of uses that the tier needs.
        split: (recording, weight, amount) by the asked weights; the made track decides in the end.
            Of an upgrade, by what the track holds.
        typed_data: the order to sign, for `eth_signTypedData_v4`; None when not permitted.
        expires: last second the order may be generated at, since 1970.
    """

    refusals: tuple[Refusal, ...]
    price: int
    floor: Floor | None
    fees: Fees
    use: int
    split: tuple[tuple[int, int, int], ...]
    typed_data: dict[str, Any] | None
    expires: int


def quote(world: World, request: Request, payer: str) -> Quote:
    """The offer for a request.

    Raises:
        InvalidInput: the request asks to divide by a vector that no money follows.
        Unavailable: the chain does not answer, settling is paused, or the oracle set not active.
    """
    require_payable(request)
    block = world.ledger.closed_block()
    refusals = refusals_at(world.ledger, request, block)
    price, weights = price_at(world, request, block), request.weights()
    order = _order(world, request, payer, price.amount, _expiry(world, block), request.digest())
    return _offer(world, order, refusals, price, weights)


def quote_upgrade(world: World, original: str, tier: str, payer: str) -> Quote:
    """The offer for a higher tier of a generation that is settled, by what the track holds.

    Raises:
        NotFound, Refused: it cannot be upgraded here.
        InvalidInput: the tier is not higher.
        Unavailable: as for `quote`.
    """
    before = original_of(world, original)
    request, weights = higher(before.request, tier), before.vectors[before.request.rule]
    block = world.ledger.closed_block()
    refusals = share_refusals_at(world.ledger, weights, request, block)
    price = upgrade_price(world, before.request, request, block)
    named = bytes.fromhex(original.removeprefix("0x"))
    order = _order(world, request, payer, price.amount, _expiry(world, block), named)
    return _offer(world, order, refusals, price, weights)


def _offer(
    world: World, order: Order, refusals: tuple[Refusal, ...], price: Price, weights: Vector
) -> Quote:
    fees = fees_of(world, price.amount)
    amounts = money.divide(fees.royalty, list(weights.values()))
    return Quote(
        refusals=refusals, price=price.amount, floor=price.floor, fees=fees, use=order.use,
        split=tuple(zip(weights, weights.values(), amounts, strict=True)),
        typed_data=None if refusals else world.typed.order_typed_data(order),
        expires=order.deadline,
    )  # fmt: skip


def _expiry(world: World, block: Block) -> int:
    return max(world.clock.now(), block.timestamp) + world.terms.validity


def require_payable(request: Request) -> None:
    """Raises InvalidInput when the request's rule cannot be recomputed by everyone."""
    if request.rule not in PAYABLE:
        detail = f"is published and not paid by; pay by {' or '.join(PAYABLE)}"
        raise InvalidInput(detail, field="request.rule", value=request.rule)


def _order(
    world: World, request: Request, payer: str, price: int, expires: int, named: bytes
) -> Order:
    tier = TIERS[request.tier]
    return Order(
        payer=payer, nonce=_nonce(world, payer), request=named, max_price=price,
        tier=tier.number, use=tier.use, rule=RULES[request.rule], deadline=expires,
    )  # fmt: skip


def _nonce(world: World, payer: str) -> int:
    """Beyond what the chain has used and what orders under way will use."""
    newest = world.store.reservations(payer).newest
    return max(world.ledger.account(payer).next_nonce, newest + 1)
