"""Signs generations that wait together: one signature of each oracle over all of them.

A batch must never cost anyone a settlement. So it is tried once; whatever comes in its way, each
of its generations then goes on by itself, where every fault has its own name.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

from oracle import attesting, quorum
from oracle.domain import batch
from oracle.domain.errors import RefrainError
from oracle.domain.generation import Generation, Stage
from oracle.motions import Together
from oracle.world import World

log = logging.getLogger(__name__)

WAITS = "waits for others to be settled with"


def may_join(world: World, generation: Generation) -> bool:
    """Whether a generation may be settled with others; an upgrade has a call of its own."""
    apart = generation.alone or generation.original
    return world.gathering.most > 1 and not apart and batch.fits(generation.attested())


def join(world: World, generation: Generation) -> Generation:
    """The generation signed with others, set free to be signed alone, or still waiting."""
    gathering = world.gathering
    if not gathering.lock.acquire(blocking=False):
        # Somebody signs: maybe this very one, so nothing may be said of it here.
        return generation
    try:
        known = world.store.load(generation.id)
        if known.stage is not Stage.PUBLISHED:
            return known
        chosen = gathering.choose(known.id, world.clock.now())
        if not chosen:
            return replace(known, detail=WAITS)
        gathering.leave(chosen)
        done = _sign(world, [world.store.load(each) for each in chosen])
        return next((each for each in done if each.id == known.id), known)
    finally:
        gathering.lock.release()


def freed(generation: Generation, detail: str) -> Generation:
    """The generation on its way by itself, out of a batch that did not settle it."""
    return replace(
        generation, stage=Stage.PUBLISHED, alone=True, batch=(), signatures={}, transaction="",
        detail=detail,
    )  # fmt: skip


def _sign(world: World, chosen: Sequence[Generation]) -> list[Generation]:
    """Saves and returns all of them, signed together or set free."""
    waiting = [each for each in chosen if each.stage is Stage.PUBLISHED]
    ready = [each for each in waiting if _holds(world, each)]
    free = [freed(each, "") for each in waiting if each not in ready]
    done = free + _signed(world, ready)
    world.store.save_all(done)
    return done


def _holds(world: World, generation: Generation) -> bool:
    """Whether this oracle would sign it; if not, it must not stand in the others' way."""
    it = generation.attested()
    try:
        attesting.attest(world, it.order, it.order_signature, it.attestation)
    except RefrainError as error:
        log.info("%s is left out of a batch: %s", generation.id, error)
        return False
    return True


def _signed(world: World, ready: Sequence[Generation]) -> list[Generation]:
    if len(ready) < 2:
        return [freed(each, "") for each in ready]
    try:
        signatures = quorum.collect(world, Together(tuple(each.attested() for each in ready)))
    except RefrainError as error:
        log.warning("a batch of %d is not signed: %s", len(ready), error)
        return [freed(each, "") for each in ready]
    ids = tuple(each.id for each in ready)
    return [
        replace(each, stage=Stage.SIGNED, batch=ids, signatures=signatures, detail="")
        for each in ready
    ]
