"""What an oracle charges and accepts. Each oracle has its own copy and trusts no other's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from oracle.domain import money
from oracle.domain.attestation import OracleSet
from oracle.domain.request import Request


@dataclass(frozen=True)
class Terms:
    """An oracle's price list and limits.

    Args:
        prices: tier to smallest units a second.
        node_fee_bps: the generation node's part of a price, in 1/10,000.
        oracle_set: the set this oracle signs in.
        max_age: seconds that a block may be behind the closed one when it is attested; below the
            ledger's largest lag, so that there is time left to post.
        validity: seconds that a quote stands.
        backlog: most generations under way at once.
    """

    prices: Mapping[str, int]
    node_fee_bps: int
    oracle_set: OracleSet
    max_age: int = 900
    validity: int = 3_600
    backlog: int = 1_000

    def price(self, request: Request) -> int:
        """What a request costs, smallest units."""
        return money.price_of(request.length, request.tier, self.prices)

    def node_fee(self, price: int) -> int:
        """The node's part of it, rounded down."""
        return money.node_fee(price, self.node_fee_bps)
