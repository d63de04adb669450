"""An oracle's prices and limits. Each oracle uses its own copy and trusts no other's."""

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
    """A recording's lowest royalty for each second of a track, smallest units."""

    recording: int
    per_second: int


@dataclass(frozen=True)
class Price:
    """A price in smallest units and the floor that decided it; None when the price list did."""

    amount: int
    floor: Floor | None


@dataclass(frozen=True)
class Terms:
    """An oracle's price list and limits.

    Args:
        prices: tier to smallest units for each second.
        node_fee_bps: the generation node's part of a price, in 1/10,000.
        oracle_set: the set this oracle signs in.
        max_age: largest age of the attested block against the closed block, in seconds; below the
            ledger's largest lag, so that time remains to post.
        validity: seconds that a quote is valid.
        backlog: largest number of unfinished generations.
        backlog_share: largest number of unfinished generations of one payer.
        unpaid_seconds: seconds of tracks that may be made for a payer and not be paid yet.
        least_price: the lowest price that is accepted, smallest units; it pays for the gas.
        latest: largest time until an order's deadline, in seconds.
        lease: seconds for which a reservation holds before its leader renews it.
        keep_unpaid: seconds that the files of a generation that ended without payment are kept.
        copies: number of oracles of the set that must have pinned a paid track; None for all.
    """

    prices: Mapping[str, int]
    node_fee_bps: int
    oracle_set: OracleSet
    max_age: int = 900
    validity: int = 3_600
    backlog: int = 1_000
    backlog_share: int = 50
    unpaid_seconds: int = 600
    least_price: int = 0
    latest: int = 86_400
    lease: int = 30
    keep_unpaid: int = 86_400
    copies: int | None = None

    def price(
        self, request: Request, recordings: Iterable[Recording], protocol_bps: int
    ) -> Price:
        """The price of a request: the list's price, or a higher one that the largest floor needs.

        Args:
            recordings: the recordings that condition the track, as of the block to attest.
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
        """The node's part of a price, rounded down."""
        return money.node_fee(price, self.node_fee_bps)


def largest_floor(recordings: Iterable[Recording], tier: int) -> Floor | None:
    """The largest floor of a tier, ties to the lower id; None when no recording has a floor."""
    asked = [Floor(r.id, r.floors[tier]) for r in recordings if r.floors[tier]]
    return min(asked, key=lambda floor: (-floor.per_second, floor.recording), default=None)
