"""The simulation notices when an oracle breaks a rule: each rule is taken out of the real code.

Each case runs a few seeds without the rule until a run fails, and that seed again with the rule.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from generator.node.orders import Orders
from oracle.domain import seat as seats
from oracle.domain.attestation import OracleSet
from oracle.domain.generation import Stage
from oracle.domain.seat import Seat, Superseded
from oracle.orders import room
from oracle.pipeline import ending, runner, steps, sweep
from oracle.quorum import attestations, cancelling, leading, reservations
from tests.simulation.invariants import Violation
from tests.simulation.options import Options
from tests.simulation.run import run

SEEDS = range(30)
"""Runs without the rule; the first one that breaks an invariant is the last."""
PLAIN = Options(rounds=3, orders=("everywhere", "plain"), faults=(), steps=200)
BUSY = replace(PLAIN, faults=("crash", "loss"))
LONG = Options(rounds=4, orders=("plain",), faults=(), steps=600)


@dataclass(frozen=True)
class Rule:
    """A rule of the oracles.

    Args:
        without: takes the rule out; gets pytest's monkeypatch.
        caught: how the message of the broken invariant begins, or several such beginnings.
        options: of the runs.
    """

    without: Callable[[pytest.MonkeyPatch], None]
    caught: str | tuple[str, ...]
    options: Options = BUSY


def nothing(*_args, **_named):
    return None


def public_at_once(patch):
    """The track is pinned when it is made."""

    def generate(context, generation):
        made = real(context, generation)
        if made.audio:
            context.pinner.pin(context.withheld.fetch(made.id, made.audio))
        return made

    real = runner.STEPS[Stage.CONSENTED]
    patch.setitem(runner.STEPS, Stage.CONSENTED, generate)


def released_by_confirmations(patch):
    """A settlement of any amount counts as final in a closed block."""

    def looked(context, generation):
        settlement = context.ledger.settlement(generation.id)
        return ending.settled(generation, settlement) if settlement else real(context, generation)

    real = ending.looked
    for module in (ending, runner, steps):
        patch.setattr(module, "looked", looked)


def made_with_one_reservation(patch):
    """The leader needs its own reservation only, and the node checks no number."""

    def led(context, generation, ballot):
        alone = replace(context.terms, oracle_set=OracleSet(1, context.terms.oracle_set.signers))
        return real(replace(context, terms=alone, peers=[]), generation, ballot)

    real = leading._led
    patch.setattr(leading, "_led", led)
    patch.setattr(Orders, "require_reserved", nothing)


def another_attestation(patch):
    """A later leader has its own track made, whatever an earlier one proposed."""
    patch.setattr(leading, "_newest", nothing)


def any_promise_given_away(patch):
    """A nonce that is reserved for one order is reserved for another one."""

    def other(seat, ask):
        if ask.ballot <= seat.ballot:
            raise Superseded("is below the promised ballot", seat)
        return Seat(ask.order, ask.ballot, ask.now, ask.now + ask.lease)

    patch.setattr(seats, "_other_order", other)
    patch.setattr(room.Room, "_require_nonce", nothing)


def not_checked_before_making(patch):
    patch.setattr("oracle.orders.rechecks.before_making", nothing)


def not_checked_before_signing(patch):
    patch.setattr("oracle.orders.rechecks.before_signing", nothing)


def not_checked_before_posting(patch):
    patch.setattr("oracle.orders.rechecks.before_posting", nothing)


def escrow_without_reservations(patch):
    """Each order may use the whole escrow."""
    patch.setattr(reservations, "_require_covered", nothing)


def far_nonces(patch):
    """Open nonces may lie any distance apart."""
    patch.setattr(reservations, "_require_near", nothing)
    patch.setattr(room, "require_near", nothing)


def deleted_early(patch):
    """Withheld files are deleted whatever becomes of their order."""
    patch.setattr(sweep, "_is_over", lambda *_: True)


def expired_without_max_lag(patch):
    """An order expires once its track is made, though it may settle until `maxLag` later."""

    def expired(context, generation):
        made = generation.attestation
        if made is None or context.ledger.closed_block().timestamp <= made.generated_at:
            return generation
        return replace(generation, stage=Stage.EXPIRED, detail="is late")

    patch.setattr(ending, "_expired", expired)


def settled_for_ever(patch):
    """Nobody looks at a settlement again after it counted as final."""

    def watched(context, generation):
        if generation.stage is Stage.SETTLED:
            return replace(generation, final=True)
        return real(context, generation)

    real = ending.watched
    patch.setattr(runner, "watched", watched)


def signed_below_the_promise(patch):
    """An oracle signs for a leader whose ballot is lower than the one that it promised since."""

    def accepting(seat, order, ballot, made):
        lower = seat is not None and ballot < seat.ballot
        return real(replace(seat, ballot=ballot) if lower else seat, order, ballot, made)

    real = attestations.accepting
    patch.setattr(attestations, "accepting", accepting)


def begun_before_it_is_saved(patch):
    """A node is asked for the track in the step that saves that it will be made."""

    def generate(context, generation):
        after = real(context, generation)
        return real(context, after) if after.detail == steps.BEGINS else after

    real = runner.STEPS[Stage.CONSENTED]
    patch.setitem(runner.STEPS, Stage.CONSENTED, generate)


def cancelled_by_one(patch):
    """One oracle alone cancels an order."""
    patch.setattr(cancelling, "_require_agreed", nothing)


def asked_without_end(patch):
    """An oracle that agreed to a cancellation asks the others again when it is asked."""

    def agree(context, ordered, signature, caller):
        generation, own = context.typed.order_hash(ordered.order), context.attester.address
        known = cancelling._known(context, generation)
        if known is not None and cancelling._leader(context, known) == own:
            cancelling.cancel(context, generation, signature)
        else:
            cancelling._agree_alone(context, ordered, known, signature, caller)
        return own

    patch.setattr(cancelling, "agree", agree)


RULES = {
    "agreed once": Rule(
        asked_without_end, "no step raises an unexpected error",
        replace(PLAIN, rounds=1, orders=("begun together",)),
    ),
    "withheld until it is final": Rule(public_at_once, "no file is public before"),
    "release by amount": Rule(released_by_confirmations, "no file is public before", PLAIN),
    "t reservations": Rule(made_with_one_reservation, "nothing is made without t", PLAIN),
    "escrow minus reservations": Rule(
        escrow_without_reservations, "no oracle reserves more than the escrow",
        replace(PLAIN, orders=("short escrow",)),
    ),
    "near nonces": Rule(
        far_nonces, "no oracle reserves a far nonce",
        replace(PLAIN, orders=("far nonce", "plain")),
    ),
    "one order a nonce": Rule(
        any_promise_given_away, "one attestation", replace(PLAIN, orders=("same nonce",)),
    ),
    "the attestation is proposed again": Rule(
        another_attestation, "one attestation",
        replace(PLAIN, rounds=1, orders=("everywhere",), faults=("crash", "crash", "pause", "loss"),
                steps=800),
    ),
    "checked before making": Rule(
        not_checked_before_making, "nothing is made that cannot",
        replace(LONG, orders=("late deadline", "plain"), faults=("cap", "revoke")),
    ),
    "checked before signing": Rule(
        not_checked_before_signing, "nothing is proposed that cannot",
        replace(LONG, faults=("cap", "pinner")),
    ),
    "checked before posting": Rule(
        not_checked_before_posting, "nothing is posted that cannot",
        replace(LONG, faults=("pause",)),
    ),
    "expired after maxLag": Rule(
        expired_without_max_lag, "no order with enough signatures", LONG
    ),
    "settlements are watched": Rule(
        settled_for_ever, "every order ends", replace(PLAIN, faults=("reorg",))
    ),
    "deleted after the end": Rule(deleted_early, "every order ends"),
    "nothing below the promise": Rule(
        signed_below_the_promise, "no oracle promises or signs below",
        replace(PLAIN, rounds=1, orders=("everywhere",), faults=("crash", "lie", "loss"),
                steps=800),
    ),
    "saved before it begins": Rule(
        begun_before_it_is_saved, "nothing is made of a cancelled",
        replace(PLAIN, orders=("cancelled",)),
    ),
    "cancelled by t": Rule(
        cancelled_by_one, ("no cancelled order gets", "nothing is made of a cancelled"),
        replace(LONG, orders=("cancelled",), faults=("partition", "loss")),
    ),
}  # fmt: skip


def first_violation(options):
    for seed in SEEDS:
        try:
            run(seed, options)
        except Violation as error:
            return seed, str(error)
    return None, "nothing is broken"


@pytest.mark.parametrize("name", RULES)
def test_a_rule_that_is_taken_out_is_noticed(monkeypatch, name):
    rule = RULES[name]
    rule.without(monkeypatch)
    seed, said = first_violation(rule.options)
    assert said.startswith(rule.caught), said
    monkeypatch.undo()
    run(seed, rule.options)
