"""Reservations: an oracle's signed promise that a payer's nonce belongs to one order.

Before a track is made, the leading oracle collects the reservations of the set's threshold. The
rounds follow single-decree Paxos (Lamport, "Paxos Made Simple", 2001): a reservation is a promise,
a signed attestation is an acceptance, and a higher ballot replaces a lower one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from oracle.domain import fields
from oracle.domain.attestation import Attestation, attestation_json, parse_attestation
from oracle.domain.errors import InvalidInput

RESERVATION = (
    "Reservation(bytes32 set,bytes32 order,address payer,uint256 nonce,uint256 round,"
    "uint256 leader,uint256 until)"
)

LONGEST_LEASE = 1_800
"""Seconds after which a leader loses its lease, however often it renewed it."""

MOST_AHEAD = 63
"""How far a nonce may lie above the payer's lowest open one: the ledger remembers 64 nonces."""

MOST_ROUNDS = 2**32

CLOCK_SKEW = 60
"""Seconds by which the clocks of two oracles may differ."""


@dataclass(frozen=True, order=True)
class Ballot:
    """The number of a round: `round` from 1, then the leader's index among the set's signers."""

    round: int
    leader: int

    def next(self, leader: int) -> Ballot:
        """The smallest ballot of an oracle above this one."""
        return Ballot(self.round + (leader <= self.leader), leader)

    def is_timely(self, now: int) -> bool:
        """Whether honest oracles can have come this far.

        Rounds last seconds, so their number stays far below the seconds since 1970. Without this
        bound one lie about a round would leave no round above it.
        """
        return self.round <= now + CLOCK_SKEW

    def require_timely(self, now: int) -> None:
        """Raises InvalidInput unless `is_timely`."""
        if not self.is_timely(now):
            raise InvalidInput("is too far ahead", field="ballot.round", value=self.round)


@dataclass(frozen=True)
class Reservation:
    """A reservation of one oracle.

    Args:
        order: the order's struct hash, 0x-hex.
        until: last second of the leader's lease, since 1970.
    """

    order: str
    payer: str
    nonce: int
    ballot: Ballot
    until: int


@dataclass(frozen=True)
class SignedReservation:
    """A reservation's lease end and signature (0x-hex), as its signer gave them."""

    until: int
    signature: str


@dataclass(frozen=True)
class Accepted:
    """The attestation that an oracle has signed, and the ballot of that signature."""

    ballot: Ballot
    attestation: Attestation


def reservation_message(set_id: bytes, reservation: Reservation) -> dict[str, Any]:
    """The members of the signed statement, in the order of its type. `set_id`: 32 bytes."""
    made = reservation
    return {
        "set": set_id, "order": bytes.fromhex(made.order[2:]), "payer": made.payer,
        "nonce": made.nonce, "round": made.ballot.round, "leader": made.ballot.leader,
        "until": made.until,
    }  # fmt: skip


def ballot_json(ballot: Ballot) -> dict[str, int]:
    """The ballot as JSON."""
    return {"round": ballot.round, "leader": ballot.leader}


def parse_ballot(value: Any, field: str = "ballot") -> Ballot:
    """A ballot from parsed JSON. Raises InvalidInput, which names the field."""
    found = fields.mapping(value, field, ("round", "leader"))
    return Ballot(
        fields.integer(found["round"], f"{field}.round", 1, MOST_ROUNDS),
        fields.integer(found["leader"], f"{field}.leader", 0, 254),
    )


def accepted_json(accepted: Accepted | None) -> dict[str, Any] | None:
    """The accepted attestation as JSON; None without one."""
    if accepted is None:
        return None
    return {
        "ballot": ballot_json(accepted.ballot),
        "attestation": attestation_json(accepted.attestation),
    }


def parse_accepted(value: Any, field: str = "accepted") -> Accepted | None:
    """An accepted attestation from parsed JSON; None for null. Raises InvalidInput."""
    if value is None:
        return None
    found = fields.mapping(value, field, ("ballot", "attestation"))
    return Accepted(
        parse_ballot(found["ballot"], f"{field}.ballot"),
        parse_attestation(found["attestation"], f"{field}.attestation"),
    )


def reservations_json(
    made: Mapping[str, SignedReservation], ballot: Ballot
) -> list[dict[str, Any]]:
    """Reservations of one order and ballot as a generation node takes them."""
    return [
        {"signer": signer, **ballot_json(ballot), "until": it.until, "signature": it.signature}
        for signer, it in sorted(made.items())
    ]


def parse_reservation(
    value: Any, field: str, order: str, payer: str, nonce: int
) -> tuple[str, Reservation, str]:
    """Signer, reservation and signature of one item of `reservations_json`, not verified.

    Args:
        order, payer, nonce: what the reservation must be for.

    Raises:
        InvalidInput: names the field.
    """
    found = fields.mapping(value, field, ("signer", "round", "leader", "until", "signature"))
    ballot = parse_ballot({"round": found["round"], "leader": found["leader"]}, field)
    until = fields.integer(found["until"], f"{field}.until", 0, fields.UINT64_MAX)
    signature = found["signature"]
    if not isinstance(signature, str):
        raise InvalidInput("must be text", field=f"{field}.signature", value=signature)
    signer = fields.address(found["signer"], f"{field}.signer")
    return signer, Reservation(order, payer, nonce, ballot, until), signature
