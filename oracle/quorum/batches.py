"""Signs waiting generations together: one signature of each oracle covers all of them.

A batch must never prevent a settlement. It is tried once; after any error each of its generations
continues alone, where every error names its generation.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

from oracle.context import Context
from oracle.domain import batch
from oracle.domain.errors import RefrainError
from oracle.domain.generation import Generation, Stage
from oracle.ports import BatchQueue
from oracle.quorum import attestations, collecting
from oracle.quorum.proposals import BatchAttestation

log = logging.getLogger(__name__)

WAITS = "waits for other generations to settle together"


def may_join(batch_queue: BatchQueue, generation: Generation) -> bool:
    """Whether a generation may be settled with others. Upgrades use another call of the ledger."""
    separate = generation.alone or generation.original
    return batch_queue.most > 1 and not separate and batch.fits(generation.attested())


def join(context: Context, generation: Generation) -> Generation:
    """The generation, signed with others, released to be signed alone, or still waiting."""
    batch_queue = context.batch_queue
    if not batch_queue.lock.acquire(blocking=False):
        # Another thread signs, perhaps this generation too, so it stays unchanged here.
        return generation
    try:
        known = _leased(context.store.load(generation.id), generation)
        if known.stage is not Stage.PUBLISHED:
            return known
        chosen = batch_queue.choose(known.id, context.clock.now())
        if not chosen:
            return replace(known, detail=WAITS)
        batch_queue.leave(chosen)
        done = _sign(
            context, [known if each == known.id else context.store.load(each) for each in chosen]
        )
        return next((each for each in done if each.id == known.id), known)
    finally:
        batch_queue.lock.release()


def _leased(known: Generation, generation: Generation) -> Generation:
    """The generation as another thread may have saved it, with the lease that this step has."""
    if known.stage is not Stage.PUBLISHED or known.attestation == generation.attestation:
        lease = generation.ballot, generation.until, generation.reservations
        return replace(known, ballot=lease[0], until=lease[1], reservations=lease[2])
    return generation  # It carries the attestation of an earlier leader.


def released(generation: Generation, detail: str) -> Generation:
    """The generation, to be signed and settled alone after a batch did not settle it."""
    return replace(
        generation, stage=Stage.PUBLISHED, alone=True, batch=(), signatures={}, transaction="",
        detail=detail,
    )  # fmt: skip


def _sign(context: Context, chosen: Sequence[Generation]) -> list[Generation]:
    """Saves and returns all of them, signed together or released."""
    waiting = [each for each in chosen if each.stage is Stage.PUBLISHED]
    ready = [each for each in waiting if _holds(context, each)]
    free = [released(each, "") for each in waiting if each not in ready]
    done = free + _signed(context, ready)
    context.store.save_all(done)
    return done


def _holds(context: Context, generation: Generation) -> bool:
    """Whether this oracle signs it; otherwise the batch goes on without it."""
    try:
        attestations.attest(context, generation.proposed())
    except RefrainError as error:
        log.info("%s is not signed in a batch: %s", generation.id, error)
        return False
    return True


def _signed(context: Context, ready: Sequence[Generation]) -> list[Generation]:
    if len(ready) < 2:
        return [released(each, "") for each in ready]
    try:
        members = tuple(each.proposed() for each in ready)
        signatures = collecting.collect(context, BatchAttestation(members))
    except RefrainError as error:
        log.warning("a batch of %d generations is not signed: %s", len(ready), error)
        return [released(each, "") for each in ready]
    ids = tuple(each.id for each in ready)
    return [
        replace(each, stage=Stage.SIGNED, batch=ids, signatures=signatures, detail="")
        for each in ready
    ]
