"""Deletes withheld files and rows that can no longer be needed."""

from __future__ import annotations

import logging

from oracle.context import Context
from oracle.domain.errors import NotFound, RefrainError
from oracle.domain.generation import UNPAID, Generation, Stage

log = logging.getLogger(__name__)


def forget(context: Context) -> None:
    """Deletes the rows of generations that ended unpaid, after the time that the operator set.

    An attestation of such an order may settle until the longest lag is over, so rows stay so long.
    """
    kept = context.terms.keep_unpaid + context.ledger.max_lag()
    if count := context.store.prune(context.clock.now() - kept):
        log.info("%d generations that ended unpaid are forgotten", count)


def sweep(context: Context) -> None:
    """Drops the files of each generation that is paid finally, or that can never be paid.

    Files of a generation that ended without payment are kept for the time that the operator set. An
    error about one generation is logged; the next sweep tries it again.
    """
    for generation, since in context.withheld.generations().items():
        try:
            if _is_over(context, generation, since):
                context.withheld.drop(generation)
                log.info("the withheld files of %s are deleted", generation)
        except RefrainError as error:
            log.warning("the withheld files of %s stay: %s", generation, error)


def _is_over(context: Context, generation: str, since: int) -> bool:
    known = _known(context, generation)
    if known is not None and known.stage is Stage.SETTLED:
        return known.final
    if known is not None and known.stage not in UNPAID:
        return False
    kept = context.clock.now() - since >= context.terms.keep_unpaid
    return kept and not _may_settle(context, generation, known, since)


def _known(context: Context, generation: str) -> Generation | None:
    try:
        return context.store.load(generation)
    except NotFound:
        return None


def _may_settle(
    context: Context, generation: str, known: Generation | None, since: int
) -> bool:
    """Whether the chain has settled the order, or may still do so by a signed attestation."""
    if context.ledger.settlement(generation):
        return True
    order = known.order if known else None
    seat = context.store.seat(order.payer, order.nonce) if order else None
    accepted = seat.accepted if seat and seat.order == generation else None
    made = max(since, accepted.attestation.generated_at if accepted else 0)
    return context.ledger.closed_block().timestamp <= made + context.ledger.max_lag()
