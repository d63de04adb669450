"""What things cost: by our list, the owners' floors at a block, and the ledger's terms."""

from __future__ import annotations

from oracle.domain import money
from oracle.domain.block import Block
from oracle.domain.errors import Refused, Unavailable
from oracle.domain.money import Fees
from oracle.domain.request import Request
from oracle.domain.terms import Price
from oracle.ports import SetTerms
from oracle.world import World


def price_at(world: World, request: Request, block: Block) -> Price:
    """What a request costs by our list and the floors of its recordings at a block."""
    recordings = world.ledger.recordings_at(request.weights(), block.number)
    return world.terms.price(request, recordings.values(), set_terms(world).protocol_bps)


def upgrade_price(world: World, before: Request, after: Request, block: Block) -> Price:
    """What two requests that differ in their tier differ by in price at a block, never negative."""
    lower, higher = price_at(world, before, block), price_at(world, after, block)
    return Price(max(0, higher.amount - lower.amount), higher.floor)


def require_affordable(price: Price, most: int) -> int:
    """The amount of a price.

    Raises:
        Refused: more than `most`, which the payer signed; names the recording whose floor it is.
    """
    if price.amount <= most:
        return price.amount
    floor = price.floor
    whose = f"recording {floor.recording} asks {floor.per_second} a second" if floor else "listed"
    raise Refused(f"is above {most}: {whose}", field="price", value=price.amount)


def set_terms(world: World) -> SetTerms:
    """What the ledger says of the set this oracle signs in."""
    return world.ledger.set_terms(world.typed.set_id(world.terms.oracle_set))


def fees_of(world: World, price: int) -> Fees:
    """How the ledger would divide a price under our set's terms.

    Raises:
        Unavailable: the ledger does not accept the set's signatures now.
    """
    if world.ledger.paused():
        raise Unavailable("settling is paused on the ledger by its guardian")
    terms = set_terms(world)
    if not terms.active:
        raise Unavailable("the oracle set is not active on the ledger")
    return money.fees(price, world.terms.node_fee(price), terms.protocol_bps)
