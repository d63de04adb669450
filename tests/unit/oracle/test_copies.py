"""Copies: both are quarantined, owners or an arbiter decide, and t oracles sign that."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event

import pytest

from oracle.domain.copies import (
    ARBITER,
    BOTH,
    FIRST,
    MOST_COPIES,
    OWNERS,
    SECOND,
    Copy,
    Decision,
    Ruling,
    decision_of,
    parse_copies,
    quarantined,
)
from oracle.domain.errors import Conflict, InvalidInput, Refused, Unauthorised, Unavailable
from oracle.orders import quotes
from oracle.orders.acceptance import take
from oracle.orders.copies import AskedCopies, require_free
from oracle.quorum import rulings
from tests.support.samples import ordered, recording, request
from tests.support.trio import key, make_trio

ADA, BOB, JUDGE = key("ada"), key("bob"), key("judge")
OWNED = {1: ADA.address, 2: BOB.address, 3: ADA.address, 9: BOB.address}


def alike(one: int, other: int) -> list[Copy]:
    """A pair as a node tells it to those who ask for either."""
    return [Copy(a, b, 830, 39, 1_000_000, 0) for a, b in ((one, other), (other, one))]


@pytest.fixture
def trio(tmp_path):
    made = make_trio(tmp_path)
    for number, owner in OWNED.items():
        made.ledger.register(replace(recording(number), owner=owner))
    for node in made.nodes:
        node.alike = alike(1, 2)
    made.ledger.arbiters = {JUDGE.address}
    return made


def decision(trio, keep=BOTH, later=0, pair=(1, 2)):
    return Decision(*pair, keep, trio.clock.now() + later)


def signed(trio, made, *keys):
    return ["0x" + each.sign(trio.typed.decision_digest(made)).hex() for each in keys]


def refused(trio, index=0, numbers=(1, 2)):
    context = trio.contexts[index]
    block = trio.ledger.closed_block().number
    try:
        require_free(trio.ledger, context.store, context.copies, numbers, block)
    except Refused as error:
        return [refusal.recording for refusal in error.refusals]
    return []


def test_two_recordings_that_sound_alike_are_both_quarantined(trio):
    assert refused(trio) == [1, 2]
    assert refused(trio, numbers=(2,)) == [2]
    assert refused(trio, numbers=(3,)) == []


def test_a_quote_and_an_order_name_the_other_recording(trio):
    asked = request(references=[
        {"recording": 1, "weight": 400_000}, {"recording": 3, "weight": 600_000},
    ])  # fmt: skip
    offer = quotes.quote(trio.contexts[0], asked, quotes.Asker(trio.payer.address))
    (found,) = offer.refusals
    assert (found.recording, found.reason) == (1, "quarantined")
    assert "recording 2 (score 830 of 1,000)" in found.detail.replace("1000", "1,000")
    assert offer.typed_data is None
    order, signature = trio.order(asked)
    with pytest.raises(Refused, match="sounds like recording 2"):
        take(trio.contexts[0], ordered(asked, order, signature))


def test_recordings_of_one_owner_are_nobodys_quarrel(trio):
    for node in trio.nodes:
        node.alike = alike(1, 3)
    assert refused(trio, numbers=(1, 3)) == []


@pytest.mark.parametrize(
    ("keep", "held"), [(BOTH, []), (FIRST, [2]), (SECOND, [1]), (0, [1, 2])]
)
def test_what_both_owners_sign_holds_at_every_oracle(trio, keep, held):
    made = decision(trio, keep)
    ruling = rulings.rule(trio.contexts[0], made, signed(trio, made, ADA, BOB))
    assert ruling.by == OWNERS and len(ruling.signatures) == 3
    for index in range(3):
        assert refused(trio, index) == held
        context = trio.reopened(index)
        assert context.store.ruling(made) == trio.contexts[index].store.ruling(made)


def test_an_arbiter_decides_alone_and_only_an_arbiter_decides_again(trio):
    made = decision(trio, FIRST)
    assert rulings.rule(trio.contexts[0], made, signed(trio, made, JUDGE)).by == ARBITER
    later = decision(trio, BOTH, 1)
    with pytest.raises(Conflict, match="only an arbiter"):
        rulings.rule(trio.contexts[1], later, signed(trio, later, ADA, BOB))
    rulings.rule(trio.contexts[1], later, signed(trio, later, JUDGE))
    assert refused(trio, 2) == []


def test_papers_of_others_decide_nothing(trio):
    made = decision(trio)
    for papers in (
        signed(trio, made, ADA),
        signed(trio, made, BOB, ADA),
        signed(trio, made, ADA, ADA),
        signed(trio, decision(trio, FIRST), ADA, BOB),
    ):
        with pytest.raises(Unauthorised, match="must be by the owners"):
            rulings.rule(trio.contexts[0], made, papers)
    assert refused(trio, 0) == [1, 2]


def test_an_old_decision_neither_replaces_a_newer_one_nor_is_signed_late(trio):
    new, old = decision(trio, BOTH), decision(trio, 0, -10)
    rulings.rule(trio.contexts[0], new, signed(trio, new, ADA, BOB))
    with pytest.raises(Conflict, match="must be after"):
        rulings.rule(trio.contexts[0], old, signed(trio, old, ADA, BOB))
    stale = decision(trio, 0, -4_000)
    with pytest.raises(Unauthorised, match="within 3600 seconds"):
        rulings.rule(trio.contexts[0], stale, signed(trio, stale, ADA, BOB))


def test_an_oracle_that_was_down_for_hours_learns_a_ruling_when_it_is_asked_again(trio):
    made = decision(trio, FIRST)
    papers = signed(trio, made, ADA, BOB)
    for peer in trio.peers[0]:
        if peer.url == "oracle-2":
            peer.fault = Unavailable("down")
    rulings.rule(trio.contexts[0], made, papers)
    trio.clock.sleep(10_000)
    with pytest.raises(Unauthorised, match="within 3600 seconds"):
        rulings.rule(trio.contexts[2], made, papers)
    for peer in trio.peers[0]:
        peer.fault = None
    assert rulings.rule(trio.contexts[0], made, papers).decision == made
    assert refused(trio, 2) == [2]


def test_fewer_oracles_than_the_threshold_rule_nothing(trio):
    for peer in trio.peers[0]:
        peer.fault = Unavailable("away")
    made = decision(trio)
    with pytest.raises(Unavailable, match="1 of 2 oracles agree now"):
        rulings.rule(trio.contexts[0], made, signed(trio, made, ADA, BOB))
    assert refused(trio, 0) == [1, 2]


def test_an_oracle_stores_a_ruling_only_with_true_signatures(trio):
    made = decision(trio)
    papers = signed(trio, made, ADA, BOB)
    first, second = (context.attester for context in trio.contexts[:2])
    context = trio.contexts[2]
    forged = {first.address: second.sign_ruling(made, context.set_id), JUDGE.address: "0x00"}
    rulings.agree(context, made, papers, forged)
    assert context.store.ruling(made) is None
    true = {first.address: first.sign_ruling(made, context.set_id)}
    rulings.agree(context, made, papers, true)
    assert context.store.ruling(made).decision == made


def test_two_owners_do_not_fill_the_oracles_with_rulings(trio):
    for number in range(100, 101 + rulings.MOST_OWNED):
        trio.ledger.register(replace(recording(number), owner=BOB.address))
        made = decision(trio, pair=(1, number))
        if number < 100 + rulings.MOST_OWNED:
            for context in trio.contexts:
                context.store.save_ruling(Ruling(made, OWNERS, (), {}))
    with pytest.raises(Conflict, match="an arbiter may decide"):
        rulings.rule(trio.contexts[0], made, signed(trio, made, ADA, BOB))
    assert rulings.rule(trio.contexts[0], made, signed(trio, made, JUDGE)).by == ARBITER
    again = decision(trio, FIRST, 1, pair=(1, 100))
    assert rulings.rule(trio.contexts[0], again, signed(trio, again, ADA, BOB)).by == OWNERS


def ruled(pair, keep, by):
    return Ruling(Decision(*pair, keep, 5), by, (), {})


def test_what_an_arbiter_found_to_be_the_original_is_not_held_up_by_later_copies():
    copies = alike(1, 9)
    original = [ruled((1, 2), FIRST, ARBITER)]
    assert set(quarantined(copies, original, OWNED)) == {9}
    assert set(quarantined(copies, [ruled((1, 2), FIRST, OWNERS)], OWNED)) == {1, 9}
    assert set(quarantined(copies, [ruled((1, 2), BOTH, ARBITER)], OWNED)) == {1, 9}
    earlier = [ruled((2, 9), SECOND, ARBITER)]
    assert set(quarantined(alike(1, 9), earlier, OWNED)) == {1, 9}


def crowd(number, first):
    return [Copy(number, first + at, 830, 39, 1_000_000, 0) for at in range(MOST_COPIES)]


def test_so_many_copies_that_some_may_be_hidden_hold_a_recording_until_an_arbiter_rules():
    owned = dict.fromkeys(range(1, 1_000), ADA.address)
    assert set(quarantined(crowd(1, 100), [], owned)) == {1}
    assert set(quarantined(crowd(1, 100)[1:], [], owned)) == set()
    original = [ruled((1, 2), FIRST, ARBITER)]
    assert set(quarantined(crowd(1, 100), original, owned)) == set()
    assert set(quarantined(crowd(1, 100), [ruled((1, 2), FIRST, OWNERS)], owned)) == {1}


def test_a_crowded_recording_makes_no_node_silent():
    told = [vars(copy) for number in (1, 2) for copy in crowd(number, 100)]
    assert len(parse_copies(told, "copies")) == 2 * MOST_COPIES
    with pytest.raises(InvalidInput, match="names more than 100 copies of recording 1"):
        parse_copies([*told, vars(alike(1, 900)[0])], "copies")


def test_a_silent_node_is_not_asked_again_at_once(trio):
    now = [0.0]
    copies = AskedCopies(trio.nodes, lambda: now[0])
    assert [each.other for each in copies.ask([1])] == [2]
    for node in trio.nodes:
        node.fault = Unavailable("away")
    assert [each.other for each in copies.ask([1])] == [2]
    now[0] = 6.0
    with pytest.raises(Unavailable, match="no generation node"):
        copies.ask([1])
    trio.nodes[1].fault = None
    with pytest.raises(Unavailable, match="no generation node"):
        copies.ask([1])
    now[0] = 12.0
    assert [each.other for each in copies.ask([1])] == [2]


class SlowNode:
    """A node that answers once it is let go."""

    url = "http://slow"

    def __init__(self):
        self.asked, self.go, self.questions = Event(), Event(), 0

    def copies(self, recordings):
        self.questions += 1
        self.asked.set()
        self.go.wait(30)
        return alike(1, 2)


def test_a_slow_node_holds_up_no_answer_that_is_known_and_is_waited_for_shortly():
    node = SlowNode()
    copies = AskedCopies([node])
    with ThreadPoolExecutor() as pool:
        first = pool.submit(copies.ask, [1])
        node.asked.wait(30)
        with pytest.raises(Unavailable, match="no generation node"):
            pool.submit(copies.ask, [3]).result(timeout=20)
        node.go.set()
        assert [each.other for each in first.result()] == [2]
    assert node.questions == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"recording": 0}, "copies[0].recording"),
        ({"score": 1_001}, "copies[0].score"),
        ({"score": True}, "copies[0].score"),
        ({"speed": 0}, "copies[0].speed"),
        ({"tones": 10_000}, "copies[0].tones"),
        ({"more": 1}, "copies[0]"),
    ],
)
def test_what_a_node_tells_is_checked(changes, field):
    told = {
        "recording": 1, "other": 2, "score": 830, "seconds": 3, "speed": 1_050_000, "tones": -8,
    }  # fmt: skip
    assert parse_copies([told], "copies") == [Copy(1, 2, 830, 3, 1_050_000, -8)]
    with pytest.raises(InvalidInput) as caught:
        parse_copies([told | changes], "copies")
    assert caught.value.field.startswith(field)


def test_a_decision_names_the_lower_id_first():
    value = {"recording": 2, "other": 1, "keep": 3, "time": 1}
    with pytest.raises(InvalidInput, match="the lower id comes first"):
        decision_of(value)
