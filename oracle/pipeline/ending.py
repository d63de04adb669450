"""When a generation can no longer settle, and when its settlement is final."""

from __future__ import annotations

import logging
from dataclasses import replace

from oracle.context import Context
from oracle.domain.generation import Generation, Stage
from oracle.pipeline.settling import settled
from oracle.quorum import leading

log = logging.getLogger(__name__)

WAITS_FINAL = "settled, and waits until the block is final"
UNDONE = "a reorganisation of the chain removed the settlement"


def looked(context: Context, generation: Generation) -> Generation:
    """The generation as the chain has it: settled, expired, or unchanged.

    `generatedAt` plus `maxLag` is the last second at which an attestation can settle. An order
    without any attestation ends at its deadline, unless another oracle may have signed one: that
    is found out by leading it.
    """
    settlement = context.ledger.settlement(generation.id)
    if settlement is None:
        lost = generation.detail == WAITS_FINAL
        return _expired(context, replace(generation, detail=UNDONE) if lost else generation)
    if settlement.block > context.ledger.final_block(settlement.price).number:
        return replace(generation, detail=WAITS_FINAL)
    return settled(generation, settlement)


def is_watched(generation: Generation) -> bool:
    """Whether a generation that ended is looked at again, because the chain may change that.

    A settlement in a block that is not final may be undone. An order that ended here without
    payment may still be settled by other oracles, which this oracle did not hear of.
    """
    return generation.ended and not generation.final


def watched(context: Context, generation: Generation) -> Generation:
    """A generation that ended: final, unchanged, put back after a reorganisation, or paid."""
    settlement = context.ledger.settlement(generation.id)
    if generation.stage is not Stage.SETTLED:
        if settlement is None:
            return _closed(context, generation)
        # Until it is final nothing is said, because the order ended here.
        seen = looked(context, generation)
        return seen if seen.stage is not generation.stage else generation
    if settlement is None:
        return put_back(context, generation)
    if settlement.block <= context.ledger.finalized_block().number:
        return replace(generation, final=True, settled_block=settlement.block)
    return replace(generation, settled_block=settlement.block)


def _closed(context: Context, generation: Generation) -> Generation:
    """An unpaid generation, final once no attestation of its order can settle any more."""
    last = generation.order.deadline + context.ledger.max_lag()
    return replace(generation, final=context.ledger.closed_block().timestamp > last)


def is_undone(context: Context, generation: Generation) -> bool:
    """Whether the chain no longer has the settlement of a generation that is being released."""
    return context.ledger.settlement(generation.id) is None


def put_back(context: Context, generation: Generation) -> Generation:
    """The generation after a reorganisation of the chain took its settlement away."""
    log.warning("%s: %s (block %s)", generation.id, UNDONE, generation.settled_block)
    posted = bool(generation.transaction and generation.signatures)
    stage = Stage.PUBLISHED if generation.attestation else Stage.ORDERED
    # The oracle that posted it sends the same bytes again; the others give it time.
    wait = 0 if posted else context.clock.now() + 2 * context.terms.lease
    return replace(
        generation, stage=Stage.POSTED if posted else stage, detail=UNDONE, until=wait,
        settled_block=None,
    )  # fmt: skip


def _expired(context: Context, generation: Generation) -> Generation:
    seat = leading.seat_of(context, generation)
    made = generation.attestation or (seat.accepted.attestation if seat and seat.accepted else None)
    closed, lag = context.ledger.closed_block().timestamp, context.ledger.max_lag()
    last = (made.generated_at if made else generation.order.deadline) + lag
    if closed <= last:
        return generation
    detail = f"could settle until {last}, and was not settled"
    return replace(generation, stage=Stage.EXPIRED, detail=detail)
