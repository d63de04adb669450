"""What one oracle has promised about one nonce of a payer, and the rules by which that changes.

The rules are those of an acceptor in single-decree Paxos (Lamport, "Paxos Made Simple", 2001), with
a lease, so that a leader is not replaced while it works.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from oracle.domain.attestation import Attestation
from oracle.domain.errors import Conflict
from oracle.domain.order import Order
from oracle.domain.reservation import LONGEST_LEASE, Accepted, Ballot


class Superseded(Conflict):
    """Another ballot holds the seat.

    Args:
        seat: the seat as it is.
    """

    def __init__(self, detail: str, seat: Seat) -> None:
        super().__init__(detail, field="ballot", value=seat.ballot)
        self.seat = seat


@dataclass(frozen=True)
class Seat:
    """An oracle's promise for one (payer, nonce).

    Args:
        order: the order's struct hash, 0x-hex.
        ballot: the highest ballot promised.
        since: when its leader was first promised this ballot, seconds since 1970.
        until: last second of the lease.
        accepted: the attestation that this oracle signed last; None before it signed.
        cancelled: the payer's signed cancellation, 0x-hex; empty unless the order is cancelled.
        shared: whether more than one oracle was promised the order.
    """

    order: str
    ballot: Ballot
    since: int
    until: int
    accepted: Accepted | None = None
    cancelled: str = ""
    shared: bool = False

    def binds(self, now: int, max_lag: int) -> bool:
        """Whether the order may still be led or settle under this promise.

        Args:
            max_lag: longest time from a generation to its settlement, seconds.
        """
        if self.accepted and self.accepted.attestation.generated_at + max_lag >= now:
            return True
        return self.until >= now and not self.cancelled


@dataclass(frozen=True)
class OpenOrder:
    """An order that has not ended at this oracle.

    Args:
        id: its struct hash, 0x-hex.
        price: what it reserves of the payer's escrow, smallest units.
        ours: whether this oracle leads it or took it from an app.
        seat: what this oracle promised for its nonce, if anything.
    """

    id: str
    order: Order
    signature: str
    price: int
    ours: bool
    seat: Seat | None

    def counts(self, now: int, max_lag: int) -> bool:
        """Whether it may still be paid, so that it reserves nonce and escrow."""
        return self.ours or _binds(self.seat, self.id, now, max_lag)


class HeldOrder(NamedTuple):
    """What an order that has not ended holds; as `OpenOrder`, without what its payer signed.

    A tuple, because acceptance makes one for each open order of the payer under the write lock.
    """

    id: str
    nonce: int
    price: int
    ours: bool
    seat: Seat | None

    def counts(self, now: int, max_lag: int) -> bool:
        """As `OpenOrder.counts`."""
        return self.ours or _binds(self.seat, self.id, now, max_lag)


@dataclass(frozen=True)
class Reservations:
    """What the orders of a payer hold at this oracle.

    Args:
        open: its orders that have not ended here.
        waiting: number of unfinished generations of all payers that apps placed here.
        followed: number of those that only other oracles told of.
        unpaid: seconds of tracks that were made for it and are not paid.
    """

    open: tuple[HeldOrder, ...]
    waiting: int
    followed: int
    unpaid: int

    def counted(self, now: int, max_lag: int) -> list[HeldOrder]:
        """Those that may still be paid; arguments as `OpenOrder.counts`."""
        return [each for each in self.open if each.counts(now, max_lag)]


@dataclass(frozen=True)
class Ask:
    """A request for a reservation: `lease` and `max_lag` in seconds, `now` since 1970.

    Args:
        idle: whether the seat is this oracle's own and it does not lead, because too few others
            reserved the order for it. Then it gives way to a higher ballot at once: oracles that
            begin at the same time would else wait for each other.
    """

    order: str
    ballot: Ballot
    now: int
    lease: int
    max_lag: int
    idle: bool = False


def _binds(seat: Seat | None, order: str, now: int, max_lag: int) -> bool:
    return seat is not None and seat.order == order and seat.binds(now, max_lag)


def promised(seat: Seat | None, ask: Ask) -> Seat:
    """The seat after a reservation.

    Raises:
        Superseded: a higher ballot holds the seat, or a leader whose lease runs, or its lease
            cannot be renewed any more.
        Conflict: another order holds the nonce, or the order is cancelled.
    """
    if seat is None:
        return Seat(ask.order, ask.ballot, ask.now, ask.now + ask.lease)
    if seat.order != ask.order:
        return _other_order(seat, ask)
    if seat.cancelled:
        raise Conflict("is cancelled by its payer", field="order", value=seat.order)
    if seat.ballot == ask.ballot:
        return _renewed(seat, ask)
    _require_free(seat, ask)
    if seat.ballot.leader == ask.ballot.leader and seat.until >= ask.now:
        return replace(_renewed(seat, ask), ballot=ask.ballot)
    shared = seat.shared or seat.ballot.leader != ask.ballot.leader
    until = ask.now + ask.lease
    return replace(seat, ballot=ask.ballot, since=ask.now, until=until, shared=shared)


def accepting(seat: Seat | None, order: str, ballot: Ballot, made: Attestation) -> Seat:
    """The seat after this oracle signs an attestation.

    Raises:
        Superseded: a higher ballot holds the seat.
        Conflict: the order has no reservation here, or is cancelled, or this oracle has signed
            another attestation under the same ballot.
    """
    if seat is None or seat.order != order:
        raise Conflict("is not reserved at this oracle", field="order", value=order)
    if seat.cancelled:
        raise Conflict("is cancelled by its payer", field="order", value=order)
    if ballot < seat.ballot:
        raise Superseded("is below the promised ballot", seat)
    before = seat.accepted
    if before and before.ballot == ballot and before.attestation != made:
        raise Conflict("has another signed attestation under this ballot", field="order",
                       value=order)  # fmt: skip
    return replace(seat, ballot=ballot, accepted=Accepted(ballot, made))


def cancelling(seat: Seat | None, order: str, signature: str, now: int) -> Seat:
    """The seat after its payer cancelled the order.

    Raises:
        Conflict: this oracle has signed an attestation of the order, or another order is reserved.
    """
    if seat is None:
        return Seat(order, Ballot(0, 0), now, now, cancelled=signature)
    if seat.order != order:
        raise Conflict("is not reserved at this oracle", field="order", value=order)
    if seat.accepted:
        raise Conflict("is signed already", field="order", value=order)
    return replace(seat, cancelled=seat.cancelled or signature)


def _renewed(seat: Seat, ask: Ask) -> Seat:
    until = min(ask.now + ask.lease, seat.since + LONGEST_LEASE)
    if until < ask.now:
        raise Superseded(f"has led for {LONGEST_LEASE} seconds", seat)
    return replace(seat, until=max(until, seat.until))


def _require_free(seat: Seat, ask: Ask) -> None:
    if ask.ballot < seat.ballot:
        raise Superseded("is below the promised ballot", seat)
    if ask.ballot.leader != seat.ballot.leader:
        if seat.until >= ask.now and not ask.idle:
            raise Superseded(f"is led by another oracle until {seat.until}", seat)
    elif seat.until < ask.now <= seat.until + ask.lease and _is_spent(seat):
        raise Superseded(f"has led for {LONGEST_LEASE} seconds; another oracle is next", seat)


def _is_spent(seat: Seat) -> bool:
    return seat.until >= seat.since + LONGEST_LEASE


def _other_order(seat: Seat, ask: Ask) -> Seat:
    if seat.binds(ask.now, ask.max_lag):
        raise Conflict("is used by another order", field="order.nonce", value=seat.order)
    if ask.ballot <= seat.ballot:
        raise Superseded("is below the promised ballot", seat)
    return Seat(ask.order, ask.ballot, ask.now, ask.now + ask.lease)
