"""Accepts an order when its payer signed it, consent permits it and escrow covers it."""

from __future__ import annotations

from dataclasses import replace

from oracle.context import Context
from oracle.domain.errors import Refused, Unauthorised
from oracle.domain.generation import Generation
from oracle.domain.order import Order, check_against
from oracle.domain.ordered import Ordered
from oracle.domain.prompt import require_opens
from oracle.domain.request import Request, require_private
from oracle.orders import conditions
from oracle.orders.consent_checks import consent_refusals, raise_refusals
from oracle.orders.copies import refusals_for
from oracle.orders.originals import original_of
from oracle.orders.prices import fees_in, price_in, upgrade_price_in
from oracle.orders.quotes import require_payable
from oracle.orders.room import Room
from oracle.orders.upgrades import begun, higher, tier_of
from oracle.ports import Standing, Typed


def take(context: Context, ordered: Ordered) -> Generation:
    """Accepts an order and returns its saved generation; the same order gets the same generation.

    The order's hash is its identity. A known order is answered from the store, whoever sends it,
    without a call of the chain or of a node.

    Raises:
        Conflict: the nonce belongs to another order.
        InvalidInput: the order does not match the request, the rule is not payable, or prompt and
            salt do not belong to the request.
        Unauthorised: the signature is not the payer's.
        Refused: a reason that a quote would give, or price, nonce or deadline; nothing is stored.
        Unavailable: chain, nodes or store do not answer, or too many generations wait.
    """
    request, order = ordered.request, ordered.order
    check_against(order, request)
    require_payable(request)
    require_signature(context.typed, order, ordered.signature)
    identity = context.typed.order_hash(order)
    if known := context.store.known(identity):
        return known
    require_prompt(ordered)
    seen = _seen(context, order, request, context.holdings.payees())
    price = price_in(seen, context.terms, request).amount
    generation = Generation(
        identity, request, order, ordered.signature, price,
        prompt=ordered.prompt, salt=ordered.salt,
    )  # fmt: skip
    _require_permitted(context, seen, generation)
    conditions.require_playable(context.holdings, request)
    raise_refusals(refusals_for(
        context.ledger, context.store, context.copies, seen.recordings, seen.block.number
    ))  # fmt: skip
    return _keep(context, seen, generation)


def take_upgrade(context: Context, order: Order, signature: str) -> Generation:
    """Accepts an order for an upgrade, as `take`. The order's `request` is the original's id.

    Raises:
        NotFound: this oracle does not know the original.
        Refused: as `take`, or the original cannot be upgraded; other errors as `take`.
    """
    require_signature(context.typed, order, signature)
    identity = context.typed.order_hash(order)
    if known := context.store.known(identity):
        return known
    named = "0x" + order.request.hex()
    before = original_of(context.ledger, context.pinner, context.store, named)
    request = higher(before.request, tier_of(order))
    check_against(order, request, original=before.id)
    seen, made = (
        _seen(context, order, request, [before.payee]), begun(before, request, order, signature),
    )  # fmt: skip
    price = upgrade_price_in(seen, context.terms, before.request, request).amount
    made = replace(made, id=identity, price=price)
    _require_permitted(context, seen, made)
    return _keep(context, seen, made)


def require_prompt(ordered: Ordered) -> None:
    """Raises InvalidInput unless an order hides its prompt and comes with prompt and salt.

    An upgrade orders no prompt; its original may be of version 1.
    """
    if not ordered.original:
        require_private(ordered.request)
        require_opens(ordered.request.prompt_commitment, ordered.prompt, ordered.salt)


def require_signature(typed: Typed, order: Order, signature: str) -> None:
    """Raises Unauthorised unless the payer's own key signed the order."""
    signer = typed.order_signer(order, signature)
    if signer.lower() != order.payer.lower():
        detail = f"is by {signer}, not by the payer; contract accounts cannot order yet"
        raise Unauthorised(detail, field="signature", value=order.payer)


def _seen(context: Context, order: Order, request: Request, payees: list[str]) -> Standing:
    """What the ledger says of payer, nonce, set, recordings, and nodes that may make the track."""
    oracle_set, asked = context.terms.oracle_set, request.weights()
    return context.ledger.standing(order.payer, [order.nonce], payees, oracle_set, asked)


def _require_permitted(context: Context, seen: Standing, generation: Generation) -> None:
    """Checks everything that the chain decides, except the escrow."""
    order, price = generation.order, generation.price
    conditions.require_deadline(context.terms, order, seen.block)
    if order.max_price < price:
        detail = f"is below the price of {price}"
        raise Refused(detail, field="order.maxPrice", value=order.max_price)
    fees_in(seen, context.terms, price)
    raise_refusals(
        consent_refusals(seen.recordings, generation, seen.block)
        + conditions.too_short(generation.request)
        + conditions.below_cost(context.terms, price)
        + conditions.cap_reached(seen, price)
    )


def _keep(context: Context, seen: Standing, generation: Generation) -> Generation:
    room = Room(context.terms, seen, context.clock.now(), context.ledger.max_lag())
    return context.store.take(generation, lambda held: room.require(generation, held))
