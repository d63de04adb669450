"""What oracles of a set send each other about one order: proposals, and answers to reservations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from oracle.domain import fields
from oracle.domain.attestation import Attestation, Attested, attestation_json
from oracle.domain.order import Order, order_json, parse_order
from oracle.domain.reservation import (
    MOST_ROUNDS,
    Accepted,
    Ballot,
    accepted_json,
    ballot_json,
    parse_accepted,
)

MOST_OPEN = 256
"""Open orders in one answer."""

_ANSWER = ("signer", "ballot", "until", "signature", "accepted", "vote", "open", "ended")


@dataclass(frozen=True)
class Proposed:
    """An attestation that the leader of a ballot asks the others to sign."""

    member: Attested
    ballot: Ballot

    @property
    def order(self) -> Order:
        return self.member.order

    @property
    def attestation(self) -> Attestation:
        return self.member.attestation


@dataclass(frozen=True)
class Answer:
    """An oracle's answer to a request for a reservation.

    Args:
        signer: the oracle's EIP-55 address.
        ballot: the highest ballot that it promised; the requested one when it grants.
        until: last second of that ballot's lease, since 1970.
        signature: of the reservation, 0x-hex; empty when it does not grant.
        accepted: the attestation of this order that it signed last, if any.
        vote: its signature of that attestation, 0x-hex; empty without one.
        open: the payer's other orders that it holds open, with their signatures.
        ended: the final stage of the order at this oracle, when it led the order and ended it;
            else empty.
    """

    signer: str
    ballot: Ballot
    until: int
    signature: str = ""
    accepted: Accepted | None = None
    vote: str = ""
    open: tuple[tuple[Order, str], ...] = ()
    ended: str = ""

    @property
    def grants(self) -> bool:
        """Whether the oracle reserves the nonce."""
        return bool(self.signature)


def proposed_json(proposed: Proposed) -> dict[str, Any]:
    """A proposal as JSON."""
    return {
        "order": order_json(proposed.order),
        "signature": proposed.member.order_signature,
        "attestation": attestation_json(proposed.attestation),
        "ballot": ballot_json(proposed.ballot),
    }


def answer_json(answer: Answer) -> dict[str, Any]:
    """An answer as JSON."""
    return {
        "signer": answer.signer,
        "ballot": ballot_json(answer.ballot),
        "until": answer.until,
        "signature": answer.signature,
        "accepted": accepted_json(answer.accepted),
        "vote": answer.vote,
        "open": [{"order": order_json(order), "signature": made} for order, made in answer.open],
        "ended": answer.ended,
    }


def parse_answer(value: Any, field: str = "answer") -> Answer:
    """An answer from parsed JSON; signatures are not verified.

    Raises:
        InvalidInput: names the field.
    """
    found = fields.mapping(value, field, _ANSWER)
    return Answer(
        signer=fields.address(found["signer"], f"{field}.signer"),
        ballot=_ballot(found["ballot"], f"{field}.ballot"),
        until=fields.integer(found["until"], f"{field}.until", 0, fields.UINT64_MAX),
        signature=_text(found["signature"], f"{field}.signature", 200),
        accepted=parse_accepted(found["accepted"], f"{field}.accepted"),
        vote=_text(found["vote"], f"{field}.vote", 200),
        open=_all_open(found["open"], f"{field}.open"),
        ended=_text(found["ended"], f"{field}.ended", 20),
    )


def _ballot(value: Any, field: str) -> Ballot:
    """A ballot, or round 0 of an oracle that promised none."""
    found = fields.mapping(value, field, ("round", "leader"))
    return Ballot(
        fields.integer(found["round"], f"{field}.round", 0, MOST_ROUNDS),
        fields.integer(found["leader"], f"{field}.leader", 0, 254),
    )


def _all_open(value: Any, field: str) -> tuple[tuple[Order, str], ...]:
    listed = enumerate(fields.listing(value, field, 0, MOST_OPEN))
    return tuple(_open(item, f"{field}[{index}]") for index, item in listed)


def _open(value: Any, field: str) -> tuple[Order, str]:
    found: Mapping[str, Any] = fields.mapping(value, field, ("order", "signature"))
    order = parse_order(found["order"], f"{field}.order")
    return order, fields.signature(found["signature"], f"{field}.signature")


def _text(value: Any, field: str, longest: int) -> str:
    return "" if value == "" else fields.text(value, field, longest)
