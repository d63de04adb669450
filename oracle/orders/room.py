"""Whether an order fits beside the payer's other orders, and beside those of all payers."""

from __future__ import annotations

from dataclasses import dataclass

from oracle.domain.errors import Conflict, Refused, Unavailable
from oracle.domain.generation import Generation
from oracle.domain.seat import HeldOrder, Reservations
from oracle.domain.terms import Terms
from oracle.orders import conditions
from oracle.orders.nonces import require_near
from oracle.ports import Standing


@dataclass(frozen=True)
class Room:
    """The checks that run under the store's lock, so that two orders cannot use the same room.

    Args:
        seen: payer and nonce as the ledger has them.
        now: seconds since 1970.
        max_lag: longest time from a generation to its settlement, seconds.
    """

    terms: Terms
    seen: Standing
    now: int
    max_lag: int

    def require(self, generation: Generation, held: Reservations) -> None:
        """Raises unless a new generation fits beside what the payer's orders hold.

        Raises:
            Conflict: the nonce is used, or belongs to another order.
            Refused: the nonce is too far from the others, or the escrow is too small.
            Unavailable: too many generations are unfinished, or too many tracks unpaid.
        """
        others = held.counted(self.now, self.max_lag)
        require_share(self.terms, held.waiting, held)
        require_allowance(self.terms, generation, held)
        self._require_nonce(generation.order.nonce, others)
        reserved = sum(each.price for each in others)
        for refusal in conditions.escrow_short(self.seen, generation.price, reserved):
            escrow = self.seen.account.escrow
            raise Refused(refusal.detail, refusals=(refusal,), field="escrow", value=escrow)

    def _require_nonce(self, nonce: int, others: list[HeldOrder]) -> None:
        if nonce in self.seen.used:
            raise Conflict("is already used or too old", field="order.nonce", value=nonce)
        nonces = {each.nonce for each in others}
        if nonce in nonces:
            raise Conflict("is used by another order", field="order.nonce", value=nonce)
        require_near(nonce, nonces)


def require_share(terms: Terms, waiting: int, held: Reservations) -> None:
    """Raises Unavailable when the backlog is full, or the payer's share of it.

    Args:
        waiting: generations that count towards the backlog.
    """
    if waiting >= terms.backlog:
        detail = "too many generations are unfinished"
        raise Unavailable(detail, value=waiting, public=True)
    if len(held.open) >= terms.backlog_share:
        detail = "too many generations of this payer are unfinished"
        raise Unavailable(detail, field="order.payer", value=len(held.open), public=True)


def require_allowance(terms: Terms, generation: Generation, held: Reservations) -> None:
    """Raises Unavailable unless a new track fits into what may be made for a payer unpaid.

    Settlements free the seconds of their tracks; so does the time after which ended ones are
    forgotten. An upgrade makes nothing, and a track that may be made already is counted.
    """
    if generation.original or generation.may_be_made:
        return
    seconds = generation.request.length
    if held.unpaid + seconds > terms.unpaid_seconds:
        detail = (f"{held.unpaid} seconds of tracks of this payer are made and not paid; "
                  f"{seconds} more would exceed {terms.unpaid_seconds}")  # fmt: skip
        raise Unavailable(detail, field="order.payer", value=held.unpaid, public=True)
