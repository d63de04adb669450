"""A seat: what an oracle has promised for one nonce, and what changes it."""

from dataclasses import replace

import pytest

from oracle.domain.errors import Conflict
from oracle.domain.reservation import LONGEST_LEASE, Accepted, Ballot
from oracle.domain.seat import Ask, Seat, Superseded, accepting, cancelling, promised
from tests.support.samples import NOW, manifest

ORDER, OTHER = "0x" + "aa" * 32, "0x" + "bb" * 32
MADE = replace(manifest().attestation(b"m" * 32), generated_at=NOW)
LATER = replace(MADE, price=MADE.price + 1)
FIRST, SECOND = Ballot(1, 0), Ballot(1, 1)


def ask(ballot=FIRST, now=NOW, order=ORDER):
    return Ask(order, ballot, now, lease=30, max_lag=600)


def seat(**changes):
    return replace(promised(None, ask()), **changes)


def test_the_first_reservation_is_granted_for_the_lease():
    assert promised(None, ask()) == Seat(ORDER, FIRST, NOW, NOW + 30)


def test_the_leader_renews_its_lease_until_the_longest_lease():
    found = promised(seat(), ask(now=NOW + 20))
    assert (found.since, found.until, found.ballot) == (NOW, NOW + 50, FIRST)
    end = NOW + LONGEST_LEASE
    assert promised(seat(), ask(now=end - 1)).until == end
    with pytest.raises(Superseded):
        promised(seat(), ask(now=end + 1))


def test_a_higher_round_of_the_same_leader_does_not_lengthen_its_time():
    end = NOW + LONGEST_LEASE
    held = seat(until=end)
    again = promised(held, ask(Ballot(2, 0), now=end))
    assert (again.since, again.until) == (NOW, end)
    with pytest.raises(Superseded, match="another oracle is next"):
        promised(held, ask(Ballot(2, 0), now=end + 30))
    assert promised(held, ask(Ballot(2, 0), now=end + 31)).since == end + 31
    assert promised(held, ask(SECOND, now=end + 1)).ballot == SECOND


def test_a_renewal_never_shortens_the_lease():
    assert promised(seat(), ask(now=NOW - 20)).until == NOW + 30


@pytest.mark.parametrize("now", [NOW, NOW + 30])
def test_another_oracle_cannot_lead_while_the_lease_runs(now):
    with pytest.raises(Superseded) as caught:
        promised(seat(), ask(SECOND, now))
    assert caught.value.seat == seat()


def test_another_oracle_leads_after_the_lease_and_keeps_what_was_accepted():
    held = seat(accepted=Accepted(FIRST, MADE))
    found = promised(held, ask(SECOND, NOW + 31))
    assert (found.ballot, found.since, found.until) == (SECOND, NOW + 31, NOW + 61)
    assert found.accepted == held.accepted


def test_a_lower_ballot_is_never_promised_or_accepted_again():
    taken = promised(seat(), ask(SECOND, NOW + 31))
    with pytest.raises(Superseded):
        promised(taken, ask(FIRST, NOW + 100))
    with pytest.raises(Superseded):
        accepting(taken, ORDER, FIRST, MADE)


def test_a_restarted_leader_takes_a_higher_round_at_once():
    assert promised(seat(), ask(Ballot(2, 0))).ballot == Ballot(2, 0)


def test_another_order_gets_the_nonce_only_when_the_first_one_cannot_settle():
    with pytest.raises(Conflict, match="another order"):
        promised(seat(), ask(SECOND, NOW + 30, OTHER))
    assert promised(seat(), ask(SECOND, NOW + 31, OTHER)).order == OTHER
    signed = seat(accepted=Accepted(FIRST, MADE))
    with pytest.raises(Conflict, match="another order"):
        promised(signed, ask(SECOND, NOW + 600, OTHER))
    found = promised(signed, ask(SECOND, NOW + 601, OTHER))
    assert (found.order, found.accepted) == (OTHER, None)


def test_another_order_needs_a_higher_ballot_too():
    with pytest.raises(Superseded):
        promised(seat(ballot=SECOND), ask(FIRST, NOW + 31, OTHER))


def test_an_attestation_is_accepted_under_the_promised_or_a_higher_ballot():
    assert accepting(seat(), ORDER, FIRST, MADE).accepted == Accepted(FIRST, MADE)
    higher = accepting(seat(accepted=Accepted(FIRST, MADE)), ORDER, SECOND, LATER)
    assert (higher.accepted, higher.ballot) == (Accepted(SECOND, LATER), SECOND)


def test_one_ballot_carries_one_attestation():
    held = seat(accepted=Accepted(FIRST, MADE))
    assert accepting(held, ORDER, FIRST, MADE) == held
    with pytest.raises(Conflict, match="another signed attestation"):
        accepting(held, ORDER, FIRST, LATER)


@pytest.mark.parametrize("held", [None, seat(order=OTHER), seat(cancelled="0x01")])
def test_nothing_is_accepted_without_a_reservation_of_that_order(held):
    with pytest.raises(Conflict):
        accepting(held, ORDER, FIRST, MADE)


def test_a_cancelled_order_is_not_reserved_again():
    held = cancelling(seat(), ORDER, "0x01", NOW)
    with pytest.raises(Conflict, match="cancelled"):
        promised(held, ask())
    assert cancelling(held, ORDER, "0x02", NOW).cancelled == "0x01"
    unknown = cancelling(None, ORDER, "0x01", NOW)
    with pytest.raises(Conflict, match="cancelled"):
        promised(unknown, ask())


@pytest.mark.parametrize("held", [seat(accepted=Accepted(FIRST, MADE)), seat(order=OTHER)])
def test_a_signed_order_and_another_order_are_not_cancelled(held):
    with pytest.raises(Conflict):
        cancelling(held, ORDER, "0x01", NOW)


def test_a_seat_binds_while_the_lease_runs_or_the_attestation_can_settle():
    assert seat().binds(NOW + 30, 600) and not seat().binds(NOW + 31, 600)
    signed = seat(accepted=Accepted(FIRST, MADE))
    assert signed.binds(NOW + 600, 600) and not signed.binds(NOW + 601, 600)
    assert not seat(cancelled="0x01").binds(NOW, 600)
