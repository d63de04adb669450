"""Amounts in the token's smallest unit, all whole: exact division, fees and prices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from oracle.domain.errors import InvalidInput

BASIS = 10_000
"""Fees are given in 1/10,000."""

MILLION = 1_000_000
"""Weights are given in millionths and sum to exactly this."""

MOST_HOLDERS = 100
"""Payees of one table."""


@dataclass(frozen=True)
class Fees:
    """The parts of a price in smallest units: `node + protocol + royalty == price`."""

    node: int
    protocol: int
    royalty: int


def divide(amount: int, weights: Sequence[int]) -> tuple[int, ...]:
    """Divides an amount by weights so that nothing is left over.

    Item i gets floor(amount * cum_i / 1e6) - floor(amount * cum_(i-1) / 1e6), where cum_i is the
    sum of the first i weights.

    Args:
        amount: smallest units, 0 or more.
        weights: millionths in the order of the entries, each 0 or more, sum exactly 1,000,000.

    Returns:
        One amount for each weight. They sum to `amount` exactly; each differs from its exact part
        by less than one unit.

    Raises:
        InvalidInput: a negative amount or weight, or weights that do not sum to 1,000,000.
    """
    if amount < 0 or any(weight < 0 for weight in weights):
        raise InvalidInput("must not be negative", field="amount", value=amount)
    if sum(weights) != MILLION:
        raise InvalidInput(f"must sum to {MILLION}", field="weights", value=sum(weights))
    amounts, total, paid = [], 0, 0
    for weight in weights:
        total += weight
        due = amount * total // MILLION
        amounts.append(due - paid)
        paid = due
    return tuple(amounts)


def node_fee(price: int, fee_bps: int) -> int:
    """The generation node's part of a price, rounded down."""
    return price * fee_bps // BASIS


def fees(price: int, node: int, protocol_bps: int) -> Fees:
    """Divides a price as the ledger does.

    Args:
        price: smallest units.
        node: the generation node's fee, smallest units.
        protocol_bps: the oracle set's protocol fee in 1/10,000; rounded down.

    Raises:
        InvalidInput: the fees exceed the price.
    """
    protocol = price * protocol_bps // BASIS
    if node < 0 or node + protocol > price:
        raise InvalidInput(
            "exceeds the price together with the protocol fee", field="node_fee", value=node
        )
    return Fees(node, protocol, price - node - protocol)


def smallest_price(least: int, royalty: int, node_bps: int, protocol_bps: int) -> int:
    """The smallest price, at least `least`, that leaves the recordings at least `royalty`.

    Both fees are rounded down, so a larger price can leave one unit less. The function therefore
    tries one price after another.

    Args:
        least: smallest units, the first price to try.
        royalty: smallest units that must remain after both fees.
        node_bps, protocol_bps: the fees in 1/10,000.

    Raises:
        InvalidInput: the fees take the whole price.
    """
    rest = BASIS - node_bps - protocol_bps
    if rest <= 0:
        raise InvalidInput("leave no royalty", field="fees", value=node_bps + protocol_bps)
    # Rounding both fees down leaves less than two units more than price * rest / BASIS.
    price = max(least, -(-(royalty - 2) * BASIS // rest), 0)
    while fees(price, node_fee(price, node_bps), protocol_bps).royalty < royalty:
        price += 1
    return price


def price_of(length: int, tier: str, per_second: Mapping[str, int]) -> int:
    """The price of `length` seconds in a tier, in smallest units.

    Raises:
        InvalidInput: the price table has no such tier.
    """
    if tier not in per_second:
        raise InvalidInput("has no price", field="request.tier", value=tier)
    return length * per_second[tier]
