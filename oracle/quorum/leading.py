"""Leads an order: the reservations of t oracles, before anything is made, signed or posted.

The threshold t is more than half of the set's n oracles, so t is at least n - t + 1: the oracles
that grant a ballot include one of every quorum that can have signed an attestation before. The
leader therefore finds each attestation that may have t signatures, and proposes it again. Where two
quorums share more oracles, as many as all but one of those may lie to it about what they signed.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from oracle.context import Context
from oracle.domain.attestation import OracleSet
from oracle.domain.errors import Conflict, Refused, Unavailable
from oracle.domain.generation import Generation, Stage
from oracle.domain.proposal import Answer
from oracle.domain.reservation import Ballot, SignedReservation
from oracle.domain.seat import Seat
from oracle.domain.terms import Terms
from oracle.quorum import adoption, asking, reservations
from oracle.quorum.heard import Heard, candidates, heard_of, verdict

FOLLOWS = "another oracle of the set leads this order"
ENDED = "the oracle that led this order ended it"
BEFORE_SIGNED = (Stage.ORDERED, Stage.CONSENTED, Stage.GENERATED, Stage.PUBLISHED)
STAGGER = 2
"""Seconds between the oracles' tries to take over an order whose lease is over."""

STOOD_BACK = 4
"""Leases for which an oracle leaves an order to the others when its clock is ahead of theirs."""

log = logging.getLogger(__name__)


def leads(context: Context, generation: Generation) -> bool:
    """Whether this oracle leads the order now, under a lease that runs."""
    seat, ballot = seat_of(context, generation), generation.ballot
    if seat is None or ballot is None or seat.ballot != ballot:
        return False
    return ballot.leader == context.index and generation.until >= context.clock.now()


def kept(context: Context, generation: Generation, fresh: bool = False) -> Generation:
    """The generation with a lease that runs for half of its length at least, where possible.

    Args:
        fresh: ask the others now, also when the lease runs for longer.

    Returns:
        The generation; `leads` says whether this oracle may work on it. It may have ended, or
        carry the attestation that an earlier leader proposed.

    Raises:
        Refused: nonce or escrow are gone.
        Unavailable: too few oracles answer.
    """
    now, lease = context.clock.now(), context.terms.lease
    if leads(context, generation):
        if not fresh and generation.until - now > lease // 2:
            return generation
        return _led(context, generation, _ballot_of(generation))
    seat = seat_of(context, generation)
    waits = max(_turn(context, seat), generation.until) if seat else 0
    if seat and seat.ballot.leader != context.index and now < waits:
        return replace(generation, detail=FOLLOWS)
    if generation.ballot is None and now < generation.until:
        return replace(generation, detail=FOLLOWS)
    try:
        return _led(context, generation, _next(context, generation, seat))
    except Refused:
        if seat is None or not others_may_settle(context, seat):
            raise
        return replace(generation, detail=FOLLOWS)


def seat_of(context: Context, generation: Generation) -> Seat | None:
    """This oracle's seat of the order; None when it has none or another order has the nonce."""
    seat = context.store.seat(generation.order.payer, generation.order.nonce)
    return seat if seat and seat.order == generation.id else None


def others_may_settle(context: Context, seat: Seat) -> bool:
    """Whether another oracle led the order once, or this one has signed its attestation.

    Then this oracle alone cannot know that the order is refused.
    """
    led = seat.shared or seat.ballot.leader != context.index
    return led or seat.accepted is not None


def is_cancelled(context: Context, generation: Generation) -> bool:
    """Whether this oracle agreed to the payer's cancellation of the order."""
    seat = seat_of(context, generation)
    return seat is not None and bool(seat.cancelled)


def _ballot_of(generation: Generation) -> Ballot:
    if generation.ballot is None:
        raise RuntimeError(f"{generation.id} was never led by this oracle")
    return generation.ballot


def _turn(context: Context, seat: Seat) -> int:
    """The first second at which this oracle may take over; the set's oracles go in turn."""
    behind = (context.index - seat.ballot.leader) % len(context.terms.oracle_set.signers)
    return seat.until + 1 + STAGGER * (behind - 1)


def _next(context: Context, generation: Generation, seat: Seat | None) -> Ballot:
    known = [each for each in (generation.ballot, seat and seat.ballot) if each]
    return max(known, default=Ballot(0, len(context.terms.oracle_set.signers))).next(context.index)


def _led(context: Context, generation: Generation, ballot: Ballot) -> Generation:
    # An error of this oracle itself ends the try, as it would end another oracle's.
    own = _own(context, generation, ballot)
    needed = context.terms.oracle_set.threshold
    answers, errors = asking.ask_all(
        context.peers, lambda peer: peer.reserve(generation.ordered(), ballot), enough=needed - 1
    )
    heard = heard_of(context, generation, own, answers, errors)
    granted = heard.granted(ballot)
    if len(granted) < needed:
        left = _left(context.index, context.terms, generation, ballot, heard)
        if left.detail == FOLLOWS:
            _share(context, left)
        return left
    won = _won(generation, ballot, list(granted.items())[:needed])
    # A signed attestation may settle whatever this oracle says, so it is proposed again.
    taken = _newest(context, won, heard, granted)
    if taken is not None:
        return taken
    _require_covered(context, won, heard.answers.values())
    return adoption.dropped(won, seat_of(context, won))


def _left(
    index: int, terms: Terms, generation: Generation, ballot: Ballot, heard: Heard
) -> Generation:
    """The generation without enough reservations; as `_not_led`."""
    if len(heard.granted(ballot)) + heard.over(ballot) >= terms.oracle_set.threshold:
        return _stood_back(generation, heard.now + STOOD_BACK * terms.lease)
    return _not_led(generation, ballot, heard, index, terms.oracle_set)


def _share(context: Context, generation: Generation) -> None:
    """Notes in this oracle's own seat that another oracle leads, also where it was not asked.

    The others may settle the order without this oracle, so it must not end it alone.
    """
    order, seat = generation.order, seat_of(context, generation)
    if seat is None or seat.shared:
        return

    def rule(now: Seat | None) -> Seat:
        found = now or seat
        return replace(found, shared=True) if found.order == generation.id else found

    context.store.change_seat(order.payer, order.nonce, rule)


def _stood_back(generation: Generation, until: int) -> Generation:
    """The generation, left to the others until a second since 1970.

    An oracle whose clock is ahead by more than a lease never leads, and each of its tries would
    keep the others from leading.
    """
    log.warning("%s: reservations are over when they come: is this oracle's clock ahead of the "
                "others'?", generation.id)  # fmt: skip
    return replace(generation, ballot=None, until=until, reservations={}, detail=FOLLOWS)


def _won(
    generation: Generation, ballot: Ballot, granted: Sequence[tuple[str, Answer]]
) -> Generation:
    """The generation with the longest leases of the threshold, so that no other one ends them."""
    made = {signer: SignedReservation(each.until, each.signature) for signer, each in granted}
    until = min(each.until for each in made.values())
    return replace(generation, ballot=ballot, until=until, reservations=made, detail="")


def _newest(
    context: Context, won: Generation, heard: Heard, granted: Mapping[str, Answer]
) -> Generation | None:
    """The generation with the newest attestation that may have t signatures; None without one."""
    oldest = context.ledger.closed_block().timestamp - context.ledger.max_lag()
    for made in candidates(context.terms.oracle_set, heard, granted, oldest):
        taken = adoption.adopted(context, won, made)
        if taken is not None:
            return taken
    return None


def _own(context: Context, generation: Generation, ballot: Ballot) -> Answer:
    try:
        return reservations.grant(context, generation.ordered(), ballot)
    except Conflict as error:
        raise Refused(error.detail, field=error.field, value=error.value) from error


def _not_led(
    generation: Generation, ballot: Ballot, heard: Heard, index: int, oracle_set: OracleSet
) -> Generation:
    """The generation as a follower, ended as its leader ended it, or to be tried again.

    Args:
        ballot: the one that too few oracles granted.
        index: this oracle's place in the set.

    Raises:
        Refused: so many oracles refuse that the threshold cannot be reached.
        Unavailable: otherwise.
    """
    ended = verdict(oracle_set, heard, ballot)
    if ended:
        return replace(generation, stage=ended, detail=ENDED)
    others = [each for each in heard.answers.values() if not each.grants]
    top = max((each.ballot for each in others), default=None)
    running = any(each.until >= heard.now for each in others)
    if top and top.leader != index and running:
        return replace(generation, ballot=top, until=0, reservations={}, detail=FOLLOWS)
    hard = heard.hard
    if len(hard) > len(oracle_set.signers) - oracle_set.threshold:
        first, detail = hard[0], f"the oracles refuse the order: {hard[0].detail}"
        raise Refused(detail, field=first.field, value=first.value)
    if top and top >= ballot:
        # As high as this one: of another order that had the nonce, or of a lease that is spent.
        return replace(generation, ballot=replace(top, leader=index), until=0)
    raise Unavailable(f"{len(heard.granted(ballot))} of {oracle_set.threshold} oracles reserve it")


def _require_covered(
    context: Context, generation: Generation, answers: Iterable[Answer]
) -> None:
    """Escrow must cover the order and the payer's open orders with lower nonces, of all answers.

    The lower nonce comes first, so that two orders never prevent each other.
    """
    if generation.stage not in BEFORE_SIGNED:
        return
    payer, nonce = generation.order.payer, generation.order.nonce
    before = asking.open_before(context, payer, nonce, answers)
    escrow, reserved = context.ledger.account(payer).escrow, sum(before.values())
    if escrow < generation.price + reserved:
        detail = f"must cover {generation.price} and {reserved} of unfinished orders"
        raise Refused(detail, field="escrow", value=escrow)
