"""The flow of a generation: a table from stage to step, and one way to take a step.

Progress is saved after each step; dying between a step and its save is harmless, because every
step may run twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from oracle.crash import Reach, nowhere
from oracle.domain.errors import RefrainError, Refused
from oracle.domain.generation import Generation, Stage
from oracle.quorum import PASSING
from oracle.steps import check_consent, confirm, generate, post, publish_manifest, sign
from oracle.world import World

Step = Callable[[World, Generation], Generation]

STEPS: dict[Stage, Step] = {
    Stage.ORDERED: check_consent,
    Stage.CONSENTED: generate,
    Stage.GENERATED: publish_manifest,
    Stage.PUBLISHED: sign,
    Stage.SIGNED: post,
    Stage.POSTED: confirm,
}

MONEY_MAY_MOVE = (Stage.SIGNED, Stage.POSTED)
"""Stages that are never given up while the world does not answer: the chain may have settled."""

PATIENCE = 40
"""Tries of a step in vain before it is given up; with the pauses between them, 18 minutes."""

LOOK_AGAIN = {Stage.CONSENTED: 0.25}
"""Seconds between looks at what is under way: a node is asked more often than a chain, which takes
a second."""

LONGEST_WAIT = 7_200
"""Looks at a track under way before it is given up: half an hour."""


class Pipeline:
    """Takes generations forward, one step at a time.

    Args:
        world: the oracle's ports and terms.
        reach: told ``before:<stage>`` before the step out of a stage and ``after:<stage>`` when it
            has run and is not saved yet.
    """

    def __init__(self, world: World, reach: Reach = nowhere) -> None:
        self._world = world
        self._reach = reach
        self._tries: Counter[str] = Counter()
        self._waits: Counter[str] = Counter()

    def advance(self, generation: str) -> Generation:
        """Runs the step out of the generation's stage and saves what came of it.

        Returns:
            The generation; at the same stage when it has to wait, for `pause` seconds.

        Raises:
            Unavailable: the store itself does not answer; nothing is lost.
            NotFound: there is no such generation.
        """
        known = self._world.store.load(generation)
        if known.ended:
            return known
        self._reach(f"before:{known.stage}")
        after = self._bounded(known, self._attempt(known))
        self._reach(f"after:{known.stage}")
        if after != known:
            self._world.store.save(after)
        if after.stage != known.stage:
            self._forget(generation)
        return after

    def pause(self, generation: Generation) -> float:
        """Seconds until it is worth another step: none after progress, more after each failure."""
        tries = self._tries[generation.id]
        if tries:
            # A settlement that waits for its turn is soon up; the rest is spared a busy world.
            return min(0.5 * 2**tries, 5.0 if generation.stage in MONEY_MAY_MOVE else 30.0)
        return LOOK_AGAIN.get(generation.stage, 1.0) if self._waits[generation.id] else 0.0

    def _attempt(self, known: Generation) -> Generation:
        try:
            after = STEPS[known.stage](self._world, known)
        except Refused as error:
            return replace(known, stage=Stage.REFUSED, detail=str(error))
        except PASSING as error:
            self._tries[known.id] += 1
            return replace(known, detail=f"trying again: {error}")
        except RefrainError as error:
            return replace(known, stage=Stage.FAILED, detail=str(error))
        self._tries[known.id] = 0
        self._waits[known.id] += 1
        return after

    def _bounded(self, known: Generation, after: Generation) -> Generation:
        waiting = after.stage == known.stage and known.stage not in MONEY_MAY_MOVE
        spent = self._tries[known.id] > PATIENCE or self._waits[known.id] > LONGEST_WAIT
        if waiting and spent:
            return replace(known, stage=Stage.FAILED, detail=f"given up: {after.detail}")
        return after

    def _forget(self, generation: str) -> None:
        self._tries.pop(generation, None)
        self._waits.pop(generation, None)
