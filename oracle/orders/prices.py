"""Prices from this oracle's list, the owners' floors at a block and the ledger's terms."""

from __future__ import annotations

from oracle.domain import money
from oracle.domain.block import Block
from oracle.domain.errors import Refused, Unavailable
from oracle.domain.money import Fees
from oracle.domain.request import Request
from oracle.domain.terms import Price, Terms
from oracle.ports import Ledger, Standing


def price_at(ledger: Ledger, terms: Terms, request: Request, block: Block) -> Price:
    """The price of a request by the price list and its recordings' floors at a block."""
    recordings = ledger.recordings_at(request.weights(), block.number)
    protocol_bps = ledger.set_terms(terms.oracle_set).protocol_bps
    return terms.price(request, recordings.values(), protocol_bps)


def price_in(seen: Standing, terms: Terms, request: Request) -> Price:
    """As `price_at`, from what was read for the request's recordings and the set."""
    return terms.price(request, seen.recordings.values(), seen.terms.protocol_bps)


def upgrade_price(
    ledger: Ledger, terms: Terms, before: Request, after: Request, block: Block
) -> Price:
    """The price difference of two requests that differ in their tier; at least 0."""
    lower = price_at(ledger, terms, before, block)
    return _difference(lower, price_at(ledger, terms, after, block))


def upgrade_price_in(seen: Standing, terms: Terms, before: Request, after: Request) -> Price:
    """As `upgrade_price`, from what was read for the recordings and the set."""
    return _difference(price_in(seen, terms, before), price_in(seen, terms, after))


def _difference(lower: Price, higher: Price) -> Price:
    return Price(max(0, higher.amount - lower.amount), higher.floor)


def require_affordable(price: Price, most: int) -> int:
    """The amount of a price.

    Raises:
        Refused: it exceeds `most`, the payer's limit; names the recording whose floor decides.
    """
    if price.amount <= most:
        return price.amount
    floor = price.floor
    reason = f"floor {floor.per_second} of recording {floor.recording}" if floor else "price list"
    raise Refused(f"is above {most} by the {reason}", field="price", value=price.amount)


def fees_in(seen: Standing, terms: Terms, price: int) -> Fees:
    """How the ledger divides a price under the set's terms.

    Raises:
        Unavailable: settlement is paused, or the ledger does not accept the set's signatures.
    """
    if seen.paused:
        raise Unavailable("the guardian has paused settlement on the ledger", public=True)
    if not seen.terms.active:
        raise Unavailable("the oracle set is not active on the ledger", public=True)
    return money.fees(price, terms.node_fee(price), seen.terms.protocol_bps)
