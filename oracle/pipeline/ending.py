"""When a generation can no longer settle, and when its settlement is final."""

from __future__ import annotations

import logging
from dataclasses import replace

from oracle.context import Context
from oracle.domain.generation import Generation, Stage
from oracle.pipeline.settling import settled
from oracle.ports import Ledger

log = logging.getLogger(__name__)

WAITS_FINAL = "settled, and waits until the block is final"
UNDONE = "a reorganisation of the chain removed the settlement"


def looked(ledger: Ledger, generation: Generation) -> Generation:
    """The generation as the chain has it: settled, expired, or unchanged.

    `generatedAt` plus `maxLag` is the last second at which an attestation can settle, and no
    attestation is of a second after the deadline.
    """
    settlement = ledger.settlement(generation.id)
    if settlement is None:
        lost = generation.detail == WAITS_FINAL
        known = replace(generation, detail=UNDONE) if lost else generation
        return _expired(ledger, known)
    if settlement.block > ledger.final_block(settlement.price).number:
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
        seen = looked(context.ledger, generation)
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


def _expired(ledger: Ledger, generation: Generation) -> Generation:
    """The generation, expired if nothing of it can settle any more.

    An attestation with t signatures is the only one that can. Without them the others may have
    signed a later one, for which this oracle was not asked: at the deadline at the latest.
    """
    made = generation.attestation if generation.signatures else None
    last = (made.generated_at if made else generation.order.deadline) + ledger.max_lag()
    if ledger.closed_block().timestamp <= last:
        return generation
    detail = f"could settle until {last}, and was not settled"
    return replace(generation, stage=Stage.EXPIRED, detail=detail)
