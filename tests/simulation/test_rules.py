"""The simulation notices when an oracle breaks a rule: each rule is taken out of the real code.

Each case runs a few seeds without the rule until a run fails, and that seed again with the rule.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from tests.simulation import without
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


RULES = {
    "agreed once": Rule(
        without.asked_without_end, "no step raises an unexpected error",
        replace(PLAIN, rounds=1, orders=("begun together",)),
    ),
    "withheld until it is final": Rule(without.public_at_once, "no file is public before"),
    "release by amount": Rule(without.released_by_confirmations, "no file is public before", PLAIN),
    "t reservations": Rule(without.made_with_one_reservation, "nothing is made without t", PLAIN),
    "escrow minus reservations": Rule(
        without.escrow_without_reservations, "no oracle reserves more than the escrow",
        replace(PLAIN, orders=("short escrow",)),
    ),
    "near nonces": Rule(
        without.far_nonces, "no oracle reserves a far nonce",
        replace(PLAIN, orders=("far nonce", "plain")),
    ),
    "one order a nonce": Rule(
        without.any_promise_given_away, "one attestation", replace(PLAIN, orders=("same nonce",)),
    ),
    "the attestation is proposed again": Rule(
        without.another_attestation, "one attestation",
        replace(PLAIN, rounds=2, orders=("everywhere",), faults=("crash", "crash", "pause", "loss"),
                steps=800),
    ),
    "checked before making": Rule(
        without.not_checked_before_making, "nothing is made that cannot",
        replace(LONG, orders=("late deadline", "plain"), faults=("cap", "revoke")),
    ),
    "checked before signing": Rule(
        without.not_checked_before_signing, "nothing is proposed that cannot",
        replace(LONG, faults=("cap", "pinner")),
    ),
    "checked before posting": Rule(
        without.not_checked_before_posting, "nothing is posted that cannot",
        replace(LONG, faults=("pause",)),
    ),
    "expired after maxLag": Rule(
        without.expired_without_max_lag, "no order with enough signatures", LONG
    ),
    "settlements are watched": Rule(
        without.settled_for_ever, "every order ends", replace(PLAIN, faults=("reorg",))
    ),
    "deleted after the end": Rule(without.deleted_early, "every order ends"),
    "nothing below the promise": Rule(
        without.signed_below_the_promise, "no oracle promises or signs below",
        replace(PLAIN, rounds=1, orders=("everywhere",), faults=("crash", "lie", "loss"),
                steps=800),
    ),
    "saved before it begins": Rule(
        without.begun_before_it_is_saved, "nothing is made of a cancelled",
        replace(PLAIN, orders=("cancelled",)),
    ),
    "cancelled by t": Rule(
        without.cancelled_by_one, ("no cancelled order gets", "nothing is made of a cancelled"),
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
