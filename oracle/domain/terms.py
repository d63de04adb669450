"""What an oracle charges and accepts. Each oracle has its own copy and trusts no other's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from oracle.domain import money
from oracle.domain.attestation import OracleSet
from oracle.domain.consent import TIERS
from oracle.domain.recording import Recording
from oracle.domain.request import Request


@dataclass(frozen=True)
class Floor:
    """A recording's least royalty for a second of a track, smallest units."""

    recording: int
    per_second: int


@dataclass(frozen=True)
class Price:
    """What a request costs, smallest units, and the floor that decided it; None: the list did."""

    amount: int
    floor: Floor | None


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

    def price(
        self, request: Request, recordings: Iterable[Recording], protocol_bps: int
    ) -> Price:
        """What a request costs: the list's price, or what the largest floor needs if that is more.

        Args:
            recordings: that condition the track, with their floors at the block that is judged.
            protocol_bps: the oracle set's protocol fee, 1/10,000.

        Raises:
            InvalidInput: the list has no such tier, or the fees leave nothing for the floor.
        """
        listed = money.price_of(request.length, request.tier, self.prices)
        floor = largest_floor(recordings, TIERS[request.tier].number)
        if floor is None:
            return Price(listed, None)
        royalty = floor.per_second * request.length
        needed = money.smallest_price(listed, royalty, self.node_fee_bps, protocol_bps)
        return Price(needed, floor if needed > listed else None)

    def node_fee(self, price: int) -> int:
        """The node's part of it, rounded down."""
        return money.node_fee(price, self.node_fee_bps)


def largest_floor(recordings: Iterable[Recording], tier: int) -> Floor | None:
    """The largest floor of a tier, of the lowest id among equals; None when nobody asks."""
    asked = [Floor(r.id, r.floors[tier]) for r in recordings if r.floors[tier]]
    return min(asked, key=lambda floor: (-floor.per_second, floor.recording), default=None)
