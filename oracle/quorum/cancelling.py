"""Cancels an order before its track is made, when its payer asks and the threshold agrees."""

from __future__ import annotations

from dataclasses import replace

from oracle.context import Context
from oracle.domain.attestation import OracleSet
from oracle.domain.errors import (
    Conflict,
    InvalidInput,
    NotFound,
    RefrainError,
    Refused,
    Unauthorised,
    Unavailable,
)
from oracle.domain.generation import Generation, Stage
from oracle.domain.order import Order
from oracle.domain.ordered import Ordered
from oracle.domain.reservation import MOST_AHEAD
from oracle.domain.seat import Seat, cancelling
from oracle.ports import Ledger
from oracle.quorum import asking, leading

DETAIL = "cancelled by its payer"


def cancel(context: Context, generation: str, signature: str) -> Generation:
    """Cancels a generation and returns it.

    Args:
        signature: the payer's, of the EIP-712 `Cancel`, 0x-hex.

    Raises:
        NotFound: this oracle does not know the order.
        Unauthorised: the signature is not the payer's.
        Conflict: the track is being made, or the order has ended in another way.
        Unavailable: fewer than t oracles agree now, or the leading one does not answer.
    """
    known = _open(context, generation)
    if known.stage is Stage.CANCELLED:
        return known
    _require_payer(context, known.ordered(), generation, signature)
    leader = _leader(context, known)
    if leader in ("", context.attester.address):
        _agree_alone(context, known.ordered(), known, signature, context.attester.address)
    agreed, errors = _asked(context, known, signature)
    if leader in agreed and not _is_enough(context.terms.oracle_set, agreed):
        # The leader has told the others in the meantime, so they agree now.
        agreed, errors = _asked(context, known, signature)
    _require_agreed(context, known, leader, agreed, errors)
    return _ended(context, generation)


def _asked(
    context: Context, known: Generation, signature: str
) -> tuple[set[str], list[RefrainError]]:
    """The oracles whose seats are cancelled, with this one, and the errors of the others."""
    agreed, errors = asking.ask_all(
        context.peers, lambda peer: peer.cancel(known.ordered(), signature),
        enough=len(context.peers),
    )  # fmt: skip
    own = {context.attester.address} if leading.is_cancelled(context, known) else set()
    return {*own, *agreed}, errors


def _ended(context: Context, generation: str) -> Generation:
    """The generation, cancelled; the worker may change it at the same time."""
    while True:
        known = context.store.load(generation)
        if known.stage is not Stage.REFUSED:
            # The worker may have met the cancelled seat first, and refused the order for it.
            known = _open(context, generation)
        done = replace(known, stage=Stage.CANCELLED, detail=DETAIL)
        if known.stage is Stage.CANCELLED or context.store.exchange(known, done):
            return done


def _open(context: Context, generation: str) -> Generation:
    """The generation, cancelled or not ended. Raises Conflict when it ended in another way."""
    known = context.store.load(generation)
    if known.ended and known.stage is not Stage.CANCELLED:
        raise Conflict(f"has ended as {known.stage}", field="generation", value=generation)
    return known


def followed(context: Context, generation: Generation) -> Generation:
    """A generation that this oracle agreed to cancel: at its end, once the threshold agrees too."""
    seat = leading.seat_of(context, generation)
    if seat is None:
        return generation
    try:
        return cancel(context, generation.id, seat.cancelled)
    except (Conflict, Unavailable):
        return replace(generation, detail=leading.FOLLOWS)


def agree(context: Context, ordered: Ordered, signature: str, caller: str) -> str:
    """Cancels the order at this oracle for another one; returns this oracle's address.

    While an oracle leads the order, it alone decides: it cancels the order at all oracles, and they
    agree for nobody else. So a refused cancellation changes nothing anywhere. An oracle that agreed
    before asks nobody again: oracles that begin at the same time may each take themselves for the
    leader, and would else ask each other without end.

    Args:
        caller: EIP-55 address of the oracle that asks.

    Raises:
        Unavailable: another oracle leads the order.
        Otherwise as `cancel`.
    """
    generation, own = context.typed.order_hash(ordered.order), context.attester.address
    _require_payer(context, ordered, generation, signature)
    known = _known(context, generation)
    leads = known is not None and _leader(context, known) == own
    if known is not None and leads and not leading.is_cancelled(context, known):
        cancel(context, generation, signature)
    else:
        _agree_alone(context, ordered, known, signature, caller)
    return own


def _leader(context: Context, known: Generation | None) -> str:
    """The address of the oracle whose lease runs; empty when none leads."""
    seat = leading.seat_of(context, known) if known else None
    if seat is None or seat.until < context.clock.now():
        return ""
    return context.terms.oracle_set.signers[seat.ballot.leader]


def _agree_alone(
    context: Context, ordered: Ordered, known: Generation | None, signature: str, caller: str
) -> None:
    generation, order = context.typed.order_hash(ordered.order), ordered.order
    if known is None and context.store.seat(order.payer, order.nonce) is None:
        _require_payable(context.ledger, order)

    def rule(seat: Seat | None, row: Generation | None) -> Seat:
        _require_leader(context, generation, seat, caller)
        _require_not_begun(context.index, context.clock.now(), seat, row)
        return cancelling(seat, generation, signature, context.clock.now())

    context.store.change_order(generation, order, rule)


def _require_not_begun(
    index: int, now: int, seat: Seat | None, row: Generation | None
) -> None:
    """Raises Conflict once this oracle (`index`) has saved that it has the track made.

    It saves that before it asks a node, and looks at the seat in between. Both this check and the
    cancelled seat are under the lock of the store, so one of the two sees the other.
    """
    if seat is None or row is None or seat.cancelled or not row.made:
        return
    # A step that runs may have renewed the lease, or won a new round, and not saved its row yet.
    until = max(seat.until, row.until)
    led = seat.order == row.id and seat.ballot.leader == index
    if led and until >= now:
        raise Conflict("is being made already", field="generation", value=row.id)


def _require_payable(ledger: Ledger, order: Order) -> None:
    """An unknown order that is cancelled takes a place for ever, so it must be one that could be
    paid: there are few of them for each funded payer.
    """
    account = ledger.account(order.payer)
    if not account.escrow:
        raise Refused("is empty, so there is nothing to cancel", field="escrow", value=order.payer)
    if order.nonce > account.next_nonce + MOST_AHEAD or ledger.nonce_used(order.payer, order.nonce):
        detail = f"must be unused, and within {MOST_AHEAD} of the payer's next one"
        raise Refused(detail, field="order.nonce", value=order.nonce)


def _require_leader(context: Context, generation: str, seat: Seat | None, caller: str) -> None:
    if seat is None or seat.order != generation or seat.cancelled:
        return
    leader = context.terms.oracle_set.signers[seat.ballot.leader]
    led = seat.until >= context.clock.now() and leader != context.attester.address
    if led and caller != leader:
        detail = "is led by another oracle, which must agree first"
        raise Unavailable(detail, field="generation", value=generation, public=True)


def _require_payer(context: Context, ordered: Ordered, generation: str, signature: str) -> None:
    try:
        signer = context.typed.cancel_signer(generation, signature)
        owner = context.typed.order_signer(ordered.order, ordered.signature)
    except InvalidInput as error:
        raise Unauthorised(error.detail, field="signature") from error
    for found in (signer, owner):
        if found.lower() != ordered.order.payer.lower():
            raise Unauthorised(f"is by {found}, not by the payer", field="signature",
                               value=ordered.order.payer)  # fmt: skip


def _known(context: Context, generation: str) -> Generation | None:
    try:
        return context.store.load(generation)
    except NotFound:
        return None


def _is_enough(oracle_set: OracleSet, agreed: set[str]) -> bool:
    return len(agreed & set(oracle_set.signers)) >= oracle_set.threshold


def _require_agreed(
    context: Context, known: Generation, leader: str, agreed: set[str], errors: list[RefrainError]
) -> None:
    """The threshold must agree, and the oracle that leads, which asks the others."""
    own = context.attester.address
    if (leader in ("", own) or leader in agreed) and _is_enough(context.terms.oracle_set, agreed):
        return
    for error in errors:
        if isinstance(error, Conflict):
            raise Conflict(error.detail, field="generation", value=known.id)
    oracle_set = context.terms.oracle_set
    count = len(agreed & set(oracle_set.signers))
    detail = f"{count} of {oracle_set.threshold} oracles agree now; ask again"
    raise Unavailable(detail, field="generation", value=known.id, public=True)
