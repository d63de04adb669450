"""The oracles without a rule: each function takes one out with pytest's monkeypatch."""

from __future__ import annotations

from dataclasses import replace

from generator.node.orders import Orders
from oracle.domain import seat as seats
from oracle.domain.attestation import OracleSet
from oracle.domain.generation import Stage
from oracle.domain.seat import Seat, Superseded
from oracle.orders import room
from oracle.pipeline import ending, runner, steps, sweep
from oracle.quorum import attestations, cancelling, leading, reservations


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

    def looked(ledger, generation):
        settlement = ledger.settlement(generation.id)
        return ending.settled(generation, settlement) if settlement else real(ledger, generation)

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

    def expired(ledger, generation):
        made = generation.attestation
        if made is None or ledger.closed_block().timestamp <= made.generated_at:
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
