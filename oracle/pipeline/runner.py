"""The flow of a generation: a table from stage to step, and the runner that takes one step.

The runner saves after each step. A crash between a step and its save does no harm, because every
step may run twice.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from oracle.context import Context
from oracle.domain.errors import RefrainError, Refused
from oracle.domain.generation import UNPAID, Generation, Stage
from oracle.pipeline.causes import why_it_ended, why_it_waits
from oracle.pipeline.ending import (
    WAITS_FINAL,
    is_undone,
    is_watched,
    looked,
    put_back,
    watched,
)
from oracle.pipeline.release import release
from oracle.pipeline.steps import (
    BEGINS,
    check_consent,
    confirm,
    generate,
    post,
    publish_manifest,
    sign,
)
from oracle.ports import FaultPoint, no_fault
from oracle.quorum import cancelling, leading
from oracle.quorum.collecting import PASSING

log = logging.getLogger(__name__)

Step = Callable[[Context, Generation], Generation]

STEPS: dict[Stage, Step] = {
    Stage.ORDERED: check_consent,
    Stage.CONSENTED: generate,
    Stage.GENERATED: publish_manifest,
    Stage.PUBLISHED: sign,
    Stage.SIGNED: post,
    Stage.POSTED: confirm,
}
"""The step out of each stage, which only the oracle that leads the order takes."""

NEVER_GIVEN_UP = (Stage.PUBLISHED, Stage.SIGNED, Stage.POSTED, Stage.CONFIRMED)
"""Stages in which silence ends no generation: others may have signed its attestation."""

MONEY_MAY_MOVE = (Stage.SIGNED, Stage.POSTED, Stage.CONFIRMED)
"""Stages in which no error ends a generation: it has t signatures and may settle at any time."""

PATIENCE = 40
"""Failed tries of a step before the generation fails; with the pauses, 18 minutes."""

LONGEST_PAUSE = 60.0
"""Seconds that a step waits at most for a service that asks for a pause."""

POLL_SECONDS = {Stage.CONSENTED: 0.25, Stage.SETTLED: 5.0} | dict.fromkeys(UNPAID, 30.0)
"""Seconds between polls, where not 1: a node answers faster than a chain."""

FOLLOW_SECONDS = 2.0
"""Seconds between looks at an order that another oracle leads."""

MOST_POLLS = 7_200
"""Polls of an unfinished track before the generation fails: half an hour."""


class Pipeline:
    """Advances generations, one step at a time.

    Args:
        context: the oracle's ports and terms.
        fault_point: called with ``before:<stage>`` before the step out of a stage, and with
            ``after:<stage>`` between the step and its save.
    """

    def __init__(self, context: Context, fault_point: FaultPoint = no_fault) -> None:
        self._context = context
        self._fault_point = fault_point
        self._tries: Counter[str] = Counter()
        self._waits: Counter[str] = Counter()
        self._asked: dict[str, float] = {}
        self._causes: dict[str, str] = {}

    def advance(self, generation: str) -> Generation:
        """Runs the step out of the generation's stage and saves the result.

        Returns:
            The generation; at the same stage when it must wait for `pause` seconds.

        Raises:
            Unavailable: the store does not answer; nothing is lost.
            NotFound: there is no such generation.
        """
        known = self._context.store.load(generation)
        if known.ended and not is_watched(known):
            return known
        self._fault_point(f"before:{known.stage}")
        after = self._bounded(known, self._attempt(known))
        self._fault_point(f"after:{known.stage}")
        if after != known and not self._context.store.exchange(known, after):
            # Cancelled, or signed in a batch, while the step ran: the next step begins from there.
            return self._context.store.load(generation)
        if after.stage != known.stage:
            self._forget(generation)
        return after

    def pause(self, generation: Generation) -> float:
        """Seconds to wait before the next step: 0 after progress, more after each failure."""
        tries = self._tries[generation.id]
        if tries:
            # A settlement that waits for an earlier transaction is soon ready; other steps wait
            # longer, so that overloaded services get fewer calls.
            usual = min(0.5 * 2**tries, 5.0 if generation.stage in MONEY_MAY_MOVE else 30.0)
            return max(usual, self._asked.get(generation.id, 0.0))
        if generation.detail == leading.FOLLOWS and not generation.ended:
            return FOLLOW_SECONDS
        if generation.detail == BEGINS:
            return 0.0
        return POLL_SECONDS.get(generation.stage, 1.0) if self._waits[generation.id] else 0.0

    def _attempt(self, known: Generation) -> Generation:
        try:
            after = step(self._context, known)
        except PASSING as error:
            self._note(known, error)
            self._asked[known.id] = min(getattr(error, "after", 0.0), LONGEST_PAUSE)
            return self._waiting(known, error)
        except RefrainError as error:
            self._note(known, error)
            return self._ended(known, error)
        self._tries[known.id] = 0
        self._waits[known.id] += 1
        return after

    def _ended(self, known: Generation, error: RefrainError) -> Generation:
        if known.stage in MONEY_MAY_MOVE or known.ended or self._may_be_signed(known):
            return self._waiting(known, error)
        stage = Stage.REFUSED if isinstance(error, Refused) else Stage.FAILED
        return replace(known, stage=stage, detail=why_it_ended(known.stage, error))

    def _may_be_signed(self, known: Generation) -> bool:
        """Whether other oracles may have signed the attestation, so that it may settle."""
        seat = leading.seat_of(self._context, known)
        if seat is None:
            return False
        shared = known.adopted or leading.others_may_settle(self._context, seat)
        return (known.stage is Stage.PUBLISHED and shared) or seat.accepted is not None

    def _waiting(self, known: Generation, error: RefrainError) -> Generation:
        """The same stage. One that has ended keeps the reason of its end."""
        self._tries[known.id] += 1
        return known if known.ended else replace(known, detail=why_it_waits(known.stage, error))

    def _note(self, known: Generation, error: RefrainError) -> None:
        """Logs the cause for the operator, once while it stays the same."""
        cause = f"{known.stage}: {error}"
        if self._causes.get(known.id) != cause:
            self._causes[known.id] = cause
            log.warning("%s at %s", known.id, cause)

    def _bounded(self, known: Generation, after: Generation) -> Generation:
        waiting = after.stage == known.stage and after.detail != leading.FOLLOWS
        spent = self._tries[known.id] > PATIENCE or self._waits[known.id] > MOST_POLLS
        if waiting and spent and not known.ended and known.stage not in NEVER_GIVEN_UP:
            return replace(known, stage=Stage.FAILED, detail=f"given up: {after.detail}")
        return after

    def _forget(self, generation: str) -> None:
        self._causes.pop(generation, None)
        self._tries.pop(generation, None)
        self._asked.pop(generation, None)
        self._waits.pop(generation, None)


def step(context: Context, known: Generation) -> Generation:
    """One step of a generation: by the chain, by its files, or as the oracle that leads it.

    Raises:
        RefrainError: as the step.
    """
    if known.ended:
        return watched(context, known)
    if known.stage is Stage.CONFIRMED:
        return put_back(context, known) if is_undone(context, known) else release(context, known)
    seen = looked(context.ledger, known)
    if seen != known or seen.detail == WAITS_FINAL:
        return seen
    if known.stage is Stage.POSTED:
        return confirm(context, _led(context, known))
    if leading.is_cancelled(context, known):
        return cancelling.followed(context, known)
    led = _led(context, known)
    if led.ended or led.detail == leading.FOLLOWS or led.stage is not known.stage:
        return led
    if known.stage not in MONEY_MAY_MOVE and not leading.leads(context, led):
        return led
    return STEPS[led.stage](context, led)


def _led(context: Context, known: Generation) -> Generation:
    """The generation under a lease of this oracle, or unchanged where it needs none to settle."""
    if known.stage not in MONEY_MAY_MOVE:
        return leading.kept(context, known)
    try:
        return leading.kept(context, known)
    except RefrainError as error:
        log.info("%s has its signatures, but no lease: %s", known.id, error)
        return known
