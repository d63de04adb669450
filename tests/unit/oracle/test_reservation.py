"""Ballots and reservations: their order, and their JSON."""

import pytest

from oracle.domain.errors import InvalidInput
from oracle.domain.ordered import Ordered, ordered_json, parse_ordered, parse_signed, signed_json
from oracle.domain.reservation import (
    Accepted,
    Ballot,
    SignedReservation,
    accepted_json,
    parse_accepted,
    parse_ballot,
    parse_reservation,
    reservations_json,
)
from tests.support.samples import manifest, order_for, request

ORDER = "0x" + "ab" * 32
PAYER = "0x" + "11" * 20


@pytest.mark.parametrize(
    ("known", "leader", "following"),
    [
        (Ballot(1, 0), 1, Ballot(1, 1)),
        (Ballot(1, 1), 1, Ballot(2, 1)),
        (Ballot(3, 2), 0, Ballot(4, 0)),
    ],
)
def test_the_next_ballot_of_an_oracle_is_the_smallest_one_above(known, leader, following):
    assert known.next(leader) == following > known
    assert known >= Ballot(following.round - 1, leader)


def test_ballots_are_ordered_by_round_then_leader():
    assert sorted([Ballot(2, 0), Ballot(1, 2), Ballot(1, 0)]) == [
        Ballot(1, 0), Ballot(1, 2), Ballot(2, 0),
    ]  # fmt: skip


def test_reservations_read_back():
    made = {PAYER: SignedReservation(99, "0x" + "12" * 64)}
    (item,) = reservations_json(made, Ballot(2, 1))
    signer, found, signature = parse_reservation(item, "reservations[0]", ORDER, PAYER, 7)
    assert (signer, signature) == (PAYER, "0x" + "12" * 64)
    assert (found.ballot, found.until, found.nonce) == (Ballot(2, 1), 99, 7)


@pytest.mark.parametrize("change", [{"round": 0}, {"round": "1"}, {"leader": -1}, {"more": 1}])
def test_a_malformed_ballot_is_refused_by_name(change):
    with pytest.raises(InvalidInput) as caught:
        parse_ballot({"round": 1, "leader": 0} | change, "ballot")
    assert caught.value.field.startswith("ballot")


def test_an_accepted_attestation_reads_back():
    accepted = Accepted(Ballot(1, 2), manifest().attestation(b"m" * 32))
    assert parse_accepted(accepted_json(accepted)) == accepted
    assert parse_accepted(accepted_json(None)) is None


def test_an_order_reads_back_and_a_node_gets_no_prompt():
    asked = request()
    sent = Ordered(asked, order_for(asked), "0x" + "ab" * 65, "my secret", "cd" * 32)
    assert parse_ordered(ordered_json(sent)) == sent
    assert parse_signed(signed_json(sent)).prompt == ""
    assert "my secret" not in str(signed_json(Ordered(sent.request, sent.order, sent.signature)))


@pytest.mark.parametrize("change", [{"prompt": None}, {"salt": "0" * 65}, {"original": 1}])
def test_a_malformed_order_is_refused_by_name(change):
    asked = request()
    sent = ordered_json(Ordered(asked, order_for(asked), "0x" + "ab" * 65)) | change
    with pytest.raises(InvalidInput) as caught:
        parse_ordered(sent)
    assert caught.value.field == next(iter(change))
