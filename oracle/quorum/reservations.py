"""Answers to leaders that ask this oracle to reserve a payer's nonce for an order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from oracle.context import Context
from oracle.domain.errors import Conflict, NotFound, Refused, Unavailable
from oracle.domain.generation import UNPAID, Generation
from oracle.domain.order import Order, check_against
from oracle.domain.ordered import Ordered
from oracle.domain.proposal import MOST_OPEN, Answer
from oracle.domain.reservation import MOST_AHEAD, Ballot, Reservation
from oracle.domain.seat import Ask, OpenOrder, Reservations, Seat, Superseded, promised
from oracle.orders.acceptance import require_prompt, require_signature
from oracle.orders.conditions import require_deadline
from oracle.orders.consent_checks import require_permitted
from oracle.orders.originals import original_of
from oracle.orders.prices import price_at, require_affordable
from oracle.orders.room import require_allowance, require_share
from oracle.orders.upgrades import begun, higher


def grant(context: Context, ordered: Ordered, ballot: Ballot) -> Answer:
    """Reserves the order's nonce for the leader of a ballot, or tells who has it.

    A first reservation needs an unused nonce and enough escrow. This oracle believes no sum of
    another oracle: it counts the orders that it holds itself, each with its payer's signature.

    Raises:
        Conflict: another order has the nonce, or the nonce is used, or the order is cancelled.
        Refused: escrow or price does not allow the order.
        InvalidInput, Unauthorised: the order is malformed or not signed by its payer, or the round
            is far above those that oracles can have come to.
        Unavailable: chain or store does not answer, or too many tracks are unpaid: with the
            reservation another leader can have the track made, so it counts from now on.
    """
    ballot.require_timely(context.clock.now())
    known = _known(context, ordered)
    if known.stage in UNPAID:
        seat = _seat_of(context, known)
        if seat and seat.cancelled:
            raise Conflict("is cancelled by its payer", field="order", value=known.id)
        return _told(context, known, seat)
    rule = _Rule(context, known, ballot)
    lends = ballot.leader != context.index and not (known.may_be_made or known.original)

    def check(held: Reservations) -> None:
        require_allowance(context.terms, known, held)

    if lends:
        check(context.store.reservations(known.order.payer))
    try:
        seat = context.store.reserve(known, rule)
    except Superseded as error:
        return _told(context, known, error.seat)
    if lends:
        context.store.lend(known.id, check)
    return _signed(context, known, seat, rule.others)


class _Rule:
    """The change of a seat by one request.

    Args:
        generation: the order's own row.
    """

    def __init__(self, context: Context, generation: Generation, ballot: Ballot) -> None:
        terms, now = context.terms, context.clock.now()
        self._ask = Ask(generation.id, ballot, now, terms.lease, context.ledger.max_lag())
        self._generation = generation
        self._index = context.index
        self.others: list[OpenOrder] = []
        held = context.store.seat(generation.order.payer, generation.order.nonce)
        renewal = held is not None and (held.order, held.ballot) == (generation.id, ballot)
        self._escrow = None if renewal else _escrow(context, generation)

    def __call__(self, seat: Seat | None, open_orders: Sequence[OpenOrder]) -> Seat:
        ask = replace(self._ask, idle=self._is_idle(seat))
        self.others = [
            each for each in open_orders
            if each.id != ask.order and each.counts(ask.now, ask.max_lag)
        ]  # fmt: skip
        made = promised(seat, ask)
        if self._escrow is not None and made.accepted is None:
            _require_near(self._generation.order, self.others)
            _require_covered(self._generation.price, self._escrow, self.others)
        return made

    def _is_idle(self, seat: Seat | None) -> bool:
        """Whether this oracle has its own order's seat and does not lead."""
        known = self._generation
        if seat is None or seat.order != known.id or seat.ballot.leader != self._index:
            return False
        return known.ballot != seat.ballot or known.until < self._ask.now


def _known(context: Context, ordered: Ordered) -> Generation:
    """The row of an order, or a new one after the checks of its signature and terms."""
    generation = context.typed.order_hash(ordered.order)
    try:
        return context.store.load(generation)
    except NotFound:
        pass
    require_signature(context.typed, ordered.order, ordered.signature)
    check_against(ordered.order, ordered.request, original=ordered.original)
    require_prompt(ordered)
    return _makeable(context, replace(_row(context, ordered), id=generation))


def _row(context: Context, ordered: Ordered) -> Generation:
    """The new row of an order; an upgrade has the track of its original."""
    request, order, signature = ordered.request, ordered.order, ordered.signature
    ledger = context.ledger
    if ordered.original:
        before = original_of(ledger, context.pinner, context.store, ordered.original)
        row = begun(before, higher(before.request, request.tier), order, signature)
        return replace(row, price=order.max_price, taken=False)
    found = price_at(ledger, context.terms, request, ledger.closed_block())
    return Generation(
        id="", request=request, order=order, order_signature=signature,
        price=require_affordable(found, order.max_price), prompt=ordered.prompt, salt=ordered.salt,
        taken=False,
    )  # fmt: skip


def _makeable(context: Context, generation: Generation) -> Generation:
    """A new row of an order that may be made now.

    The leader can have the track made with this reservation. So this oracle does not leave the
    checks to the leader.
    """
    block, terms = context.ledger.closed_block(), context.terms
    require_deadline(terms, generation.order, block)
    require_permitted(context.ledger, generation, block)
    held = context.store.reservations(generation.order.payer)
    require_share(terms, held.followed, held)
    return generation


def _escrow(context: Context, generation: Generation) -> int:
    """The payer's escrow now, after the check of its nonce."""
    order = generation.order
    if context.ledger.nonce_used(order.payer, order.nonce):
        if context.ledger.settlement_seen(generation.id):
            detail = "is settled in a block that is not closed yet"
            raise Unavailable(detail, field="order", value=generation.id)
        raise Conflict("is already used or too old", field="order.nonce", value=order.nonce)
    return context.ledger.account(order.payer).escrow


def _require_near(order: Order, others: Sequence[OpenOrder]) -> None:
    """A settled nonce makes nonces more than 63 below it unusable, so open ones stay close."""
    nonces = [order.nonce, *(each.order.nonce for each in others)]
    if max(nonces) - min(nonces) > MOST_AHEAD:
        detail = f"must be within {MOST_AHEAD} of the payer's other open nonces"
        raise Refused(detail, field="order.nonce", value=order.nonce)


def _require_covered(price: int, escrow: int, others: Sequence[OpenOrder]) -> None:
    reserved = sum(each.price for each in others)
    if escrow < price + reserved:
        detail = f"must cover {price} and {reserved} of unfinished orders"
        raise Refused(detail, field="escrow", value=escrow)


def _seat_of(context: Context, known: Generation) -> Seat | None:
    seat = context.store.seat(known.order.payer, known.order.nonce)
    return seat if seat and seat.order == known.id else None


def _told(context: Context, known: Generation, seat: Seat | None) -> Answer:
    """The answer without a reservation: the ballot that has the order, or how it ended here."""
    led = known.ballot is not None and known.ballot.leader == context.index
    ended = known.stage.value if known.stage in UNPAID and led else ""
    ballot = known.ballot if ended and known.ballot else (seat.ballot if seat else Ballot(0, 0))
    return Answer(
        context.attester.address, ballot, seat.until if seat else 0, ended=ended,
        **_accepted(context, known, seat),
    )  # fmt: skip


def _signed(
    context: Context, known: Generation, seat: Seat, others: Sequence[OpenOrder]
) -> Answer:
    order, attester = known.order, context.attester
    made = Reservation(known.id, order.payer, order.nonce, seat.ballot, seat.until)
    signature = attester.sign_reservation(made, context.set_id)
    return Answer(
        attester.address, seat.ballot, seat.until, signature,
        open=tuple((each.order, each.signature) for each in others[:MOST_OPEN]),
        **_accepted(context, known, seat),
    )  # fmt: skip


def _accepted(context: Context, known: Generation, seat: Seat | None) -> dict:
    """The accepted attestation with this oracle's signature of it, which proves the claim."""
    if seat is None or seat.accepted is None or seat.order != known.id:
        return {}
    vote = context.attester.sign(seat.accepted.attestation, known.id, context.set_id)
    return {"accepted": seat.accepted, "vote": vote}
