"""Checks what a job or a check is for: an order that its payer signed and that the set reserved.

An oracle can make a track only of what a payer ordered, and only while a quorum of the set has
reserved the order for this oracle.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from oracle.adapters.signing.typed import TypedData
from oracle.domain import fields
from oracle.domain.attestation import OracleSet
from oracle.domain.errors import InvalidInput, Unauthorised
from oracle.domain.order import Order, check_against
from oracle.domain.ordered import Ordered
from oracle.domain.reservation import Ballot, parse_reservation


class Orders:
    """The checks of one deployment.

    Args:
        typed: hashes and signers of the deployment's ledger.
        oracle_set: the set whose reservations count.
        clock: seconds since 1970.
    """

    def __init__(self, typed: TypedData, oracle_set: OracleSet, clock: Callable[[], int]) -> None:
        self._typed = typed
        self._set = oracle_set
        self._set_id = typed.set_id(oracle_set)
        self._clock = clock

    def require_signed(self, ordered: Ordered) -> str:
        """The order's struct hash (0x-hex), which is the generation's id.

        Raises:
            InvalidInput: the order is not for this request, or the signature is malformed.
            Unauthorised: another key than the payer's signed it.
        """
        order = ordered.order
        check_against(order, ordered.request)
        signer = self._typed.order_signer(order, ordered.signature)
        if signer.lower() != order.payer.lower():
            raise Unauthorised("is not by the order's payer", field="signature", value=signer)
        return self._typed.order_hash(order)

    def require_reserved(self, generation: str, order: Order, value: Any, caller: str) -> None:
        """Checks the reservations of an order; all of them must be good and for `caller`.

        Args:
            generation: the order's struct hash, 0x-hex.
            value: parsed JSON, a list as `reservations_json` writes it.
            caller: EIP-55 address of the oracle that leads the order.

        Raises:
            InvalidInput: the list is malformed.
            Unauthorised: fewer than the set's threshold, a signer twice or outside of the set,
                another order, ballot or leader, or a lease that is over; names the reservation.
        """
        listed = fields.listing(value, "reservations", 1, len(self._set.signers))
        if len(listed) < self._set.threshold:
            detail = f"must be by {self._set.threshold} oracles of the set"
            raise Unauthorised(detail, field="reservations", value=len(listed))
        signers: set[str] = set()
        ballots: set[Ballot] = set()
        for index, item in enumerate(listed):
            signer, ballot = self._reserved(generation, order, item, f"reservations[{index}]")
            signers.add(signer)
            ballots.add(ballot)
        if len(signers) < len(listed):
            raise Unauthorised("names a signer twice", field="reservations")
        self._require_leader(ballots, caller)

    def _reserved(self, generation: str, order: Order, item: Any, place: str) -> tuple[str, Ballot]:
        shown, made, signature = parse_reservation(
            item, place, generation, order.payer, order.nonce
        )
        now = self._clock()
        if made.until < now:
            detail = f"is over; the time is {now}"
            raise Unauthorised(detail, field=f"{place}.until", value=made.until)
        try:
            signer = self._typed.reservation_signer(made, self._set_id, signature)
        except InvalidInput as error:
            raise InvalidInput(error.detail, field=f"{place}.signature") from None
        if signer != shown or signer not in self._set.signers:
            detail = "is not the reservation of this order by an oracle of the set"
            raise Unauthorised(detail, field=f"{place}.signature", value=signer)
        return signer, made.ballot

    def _require_leader(self, ballots: set[Ballot], caller: str) -> None:
        if len(ballots) != 1:
            raise Unauthorised("are of several ballots", field="reservations")
        leader, signers = next(iter(ballots)).leader, self._set.signers
        if leader >= len(signers) or signers[leader] != caller:
            detail = f"is not {caller}, which calls"
            raise Unauthorised(detail, field="reservations[0].leader", value=leader)
