"""Takes an order: only one that its payer signed, that is permitted and that escrow covers."""

from __future__ import annotations

from dataclasses import replace

from oracle.domain.errors import Conflict, NotFound, Refused, Unauthorised, Unavailable
from oracle.domain.generation import Generation
from oracle.domain.order import Order, check_against
from oracle.domain.request import Request
from oracle.ports import Account, Reservations
from oracle.pricing import fees_of, price_at, upgrade_price
from oracle.quoting import require_payable
from oracle.repertoire import require_permitted
from oracle.upgrading import begun, higher, original_of, tier_of
from oracle.world import World


def take(
    world: World, request: Request, order: Order, signature: str, key: str, body: str
) -> Generation:
    """The generation of an order, saved before this returns; the same for the same order.

    Args:
        signature: 0x-hex, by the payer's key.
        key: the app's idempotency key, its own.
        body: digest of everything that was sent.

    Raises:
        Conflict: the key was used for something else, or the nonce by another order.
        InvalidInput: order and request do not fit, or the rule is not paid by.
        Unauthorised: the signature is not the payer's.
        Refused: consent, price, escrow or deadline do not allow it; nothing is kept.
        Unavailable: the chain or the store does not answer, or too much is under way.
    """
    known = world.store.recall(order.payer, key, body)
    if known:
        return known
    check_against(order, request)
    require_payable(request)
    require_signature(world, order, signature)
    price = price_at(world, request, world.ledger.closed_block()).amount
    generation = Generation(world.typed.order_hash(order), request, order, signature, price)
    return _keep(world, generation, key, body)


def take_upgrade(world: World, order: Order, signature: str, key: str, body: str) -> Generation:
    """The upgrade that an order asks for; as `take`. The order names the original.

    Raises:
        NotFound: this oracle does not know the original.
        As `take`, and Refused when the original cannot be upgraded.
    """
    known = world.store.recall(order.payer, key, body)
    if known:
        return known
    before = original_of(world, "0x" + order.request.hex())
    request = higher(before.request, tier_of(order))
    check_against(order, request, original=before.id)
    require_signature(world, order, signature)
    price = upgrade_price(world, before.request, request, world.ledger.closed_block()).amount
    made = begun(before, request, order, signature)
    return _keep(world, replace(made, id=world.typed.order_hash(order), price=price), key, body)


def _keep(world: World, generation: Generation, key: str, body: str) -> Generation:
    escrow = 0 if _is_known(world, generation.id) else _escrow(world, generation)

    def check(held: Reservations) -> None:
        _require_room(world, generation, escrow, held)

    return world.store.take(generation, key, body, check)


def require_signature(world: World, order: Order, signature: str) -> None:
    """Raises Unauthorised unless the payer's own key signed the order."""
    signer = world.typed.order_signer(order, signature)
    if signer.lower() != order.payer.lower():
        detail = f"is not by the payer but by {signer}; contract accounts cannot order yet"
        raise Unauthorised(detail, field="signature", value=order.payer)


def _is_known(world: World, generation: str) -> bool:
    # An order that was taken is answered the same for ever, whatever has become of its escrow.
    try:
        world.store.load(generation)
    except NotFound:
        return False
    return True


def _escrow(world: World, generation: Generation) -> int:
    """The payer's escrow, once the chain has nothing against the order."""
    order, block = generation.order, world.ledger.closed_block()
    if order.deadline < block.timestamp:
        raise Refused("has passed", field="order.deadline", value=order.deadline)
    if order.max_price < generation.price:
        detail = f"is below the price of {generation.price}"
        raise Refused(detail, field="order.maxPrice", value=order.max_price)
    if world.ledger.nonce_used(order.payer, order.nonce):
        raise Conflict("is used or too old", field="order.nonce", value=order.nonce)
    fees_of(world, generation.price)
    require_permitted(world.ledger, generation, block)
    return _standing(world, order).escrow


def _standing(world: World, order: Order) -> Account:
    account = world.ledger.account(order.payer)
    if account.exit_time:
        detail = "the payer has asked for its escrow back; cancelExit() makes it an account again"
        raise Refused(detail, field="order.payer", value=order.payer)
    return account


def _require_room(world: World, generation: Generation, escrow: int, held: Reservations) -> None:
    """Called under the store's lock, so that two orders cannot both have what is left."""
    order = generation.order
    if held.waiting >= world.terms.backlog:
        raise Unavailable("too many generations are under way", value=held.waiting)
    if order.nonce in held.nonces:
        raise Conflict("is another order's", field="order.nonce", value=order.nonce)
    if escrow < held.amount + generation.price:
        detail = f"must cover {generation.price} beside {held.amount} of orders under way"
        raise Refused(detail, field="escrow", value=escrow)
