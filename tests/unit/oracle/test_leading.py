"""Leading an order: who leads, who takes over, and what a lying oracle can change: nothing."""

import threading
from dataclasses import replace

import pytest

from oracle.adapters.signing.attester import KeyAttester
from oracle.domain.errors import Conflict, Refused, Unavailable
from oracle.domain.generation import Stage
from oracle.domain.proposal import Answer
from oracle.domain.reservation import LONGEST_LEASE, Accepted, Ballot, Reservation
from oracle.orders.acceptance import take
from oracle.pipeline.runner import Pipeline
from oracle.quorum import leading, reservations
from oracle.quorum.attestations import attest
from oracle.quorum.leading import FOLLOWS, kept, leads
from tests.support.fakes import FakeClock
from tests.support.samples import manifest, ordered, request
from tests.support.trio import key, make_trio

PRICE = 200_000


@pytest.fixture
def trio(tmp_path):
    return make_trio(tmp_path)


def place(trio, *indexes, nonce=0, prompt="warm, slow", **changes):
    """Places one order at some oracles; returns the generation's id."""
    asked = request(prompt=prompt)
    made = ordered(asked, *trio.order(asked, nonce=nonce, **changes))
    (name,) = {take(trio.contexts[index], made).id for index in indexes or (0,)}
    return name


def lead(trio, name, index=0):
    """The generation after an oracle tried to lead it; saved as the pipeline does."""
    context = trio.contexts[index]
    after = kept(context, context.store.load(name))
    context.store.save(after)
    return after


def does_lead(trio, name, index=0):
    context = trio.contexts[index]
    return leads(context, context.store.load(name))


def advance(trio, name, index=0, steps=40, until=None):
    """Advances at one oracle, without the others, until a stage or the end."""
    pipeline, context = Pipeline(trio.contexts[index]), trio.contexts[index]
    for _ in range(steps):
        known = pipeline.advance(name)
        if known.ended or known.stage == until:
            break
    return context.store.load(name)


def pass_lease(trio, more=0):
    trio.clock.sleep(trio.terms.lease + 1 + more)


def shut(trio, *indexes, fault=None):
    """No other oracle reaches these ones, until they are opened again."""
    for peers in trio.peers.values():
        for peer in peers:
            if peer.url in [f"oracle-{index}" for index in indexes]:
                peer.fault = fault or Unavailable("down")


def reopen(trio):
    for peers in trio.peers.values():
        for peer in peers:
            peer.fault = None


def seat_of(trio, name, index=0):
    return leading.seat_of(trio.contexts[index], trio.contexts[index].store.load(name))


def started(trio):
    return sum(node.started for node in trio.nodes)


class TestWhoLeads:
    def test_the_reservations_of_enough_oracles_lead(self, trio):
        name = place(trio)
        led = lead(trio, name)
        assert (led.ballot, led.until) == (Ballot(1, 0), trio.clock.now() + trio.terms.lease)
        assert does_lead(trio, name) and not does_lead_at_others(trio, name)
        assert len(led.reservations) >= 2
        set_id = trio.typed.set_id(trio.terms.oracle_set)
        for signer, made in led.reservations.items():
            promise = Reservation(name, led.order.payer, 0, led.ballot, made.until)
            assert trio.typed.reservation_signer(promise, set_id, made.signature) == signer

    def test_a_lease_is_renewed_before_half_of_it_is_left(self, trio):
        name = place(trio)
        first, half = lead(trio, name), trio.terms.lease // 2
        trio.clock.sleep(half - 1)
        assert lead(trio, name) == first
        trio.clock.sleep(1)
        again = lead(trio, name)
        assert (again.ballot, again.until) == (first.ballot, first.until + half)

    def test_a_second_oracle_with_the_same_order_follows(self, trio):
        name = place(trio, 0, 1)
        lead(trio, name)
        assert lead(trio, name, 1).detail == FOLLOWS
        follower = advance(trio, name, 1)
        assert (follower.stage, follower.detail) == (Stage.ORDERED, FOLLOWS)
        assert started(trio) == 0
        assert advance(trio, name).stage == Stage.SETTLED
        assert advance(trio, name, 1).stage == Stage.SETTLED
        assert (started(trio), trio.sender.posts) == (1, 1)

    def test_an_oracle_that_was_only_asked_follows_and_delivers(self, trio):
        name = place(trio)
        assert advance(trio, name).stage == Stage.SETTLED
        for index in (1, 2):
            known = advance(trio, name, index)
            assert (known.stage, known.taken) == (Stage.SETTLED, False)
        assert trio.sender.posts == 1

    def test_one_order_at_three_oracles_at_once_has_one_leader(self, trio, monkeypatch):
        """All three reserve at themselves before any of them asks another one."""
        name, own, together = place(trio, 0, 1, 2), reservations.grant, threading.Barrier(3)

        def grant(context, sent, ballot):
            answer = own(context, sent, ballot)
            if ballot == Ballot(1, context.index):
                together.wait(20)
            return answer

        monkeypatch.setattr(reservations, "grant", grant)
        run_together(lambda index: lead(trio, name, index))
        monkeypatch.undo()
        for _ in range(3):
            assert sum(does_lead(trio, name, index) for index in range(3)) <= 1
            if any(does_lead(trio, name, index) for index in range(3)):
                break
            trio.clock.sleep(2)
            for index in range(3):
                lead(trio, name, index)
        assert sum(does_lead(trio, name, index) for index in range(3)) == 1

    def test_one_order_at_three_oracles_is_made_and_paid_once(self, trio):
        name = place(trio, 0, 1, 2)
        pipelines = [Pipeline(context) for context in trio.contexts]
        for _ in range(100):
            run_together(lambda index: pipelines[index].advance(name))
            trio.clock.sleep(1)
            if all(context.store.load(name).ended for context in trio.contexts):
                break
        stages = [context.store.load(name).stage for context in trio.contexts]
        assert stages == [Stage.SETTLED] * 3
        assert (started(trio), trio.sender.posts) == (1, 1)
        assert trio.ledger.escrow[trio.payer.address.lower()] == 10_000_000 - PRICE

    def test_two_of_three_down_lead_nothing(self, trio):
        name = place(trio)
        shut(trio, 1, 2)
        with pytest.raises(Unavailable, match="1 of 2 oracles reserve it"):
            lead(trio, name)
        known = advance(trio, name, steps=5)
        assert (known.stage, started(trio)) == (Stage.ORDERED, 0)
        reopen(trio)
        assert advance(trio, name).stage == Stage.SETTLED

    def test_one_of_three_down_does_not_matter(self, trio):
        name = place(trio)
        shut(trio, 2)
        assert advance(trio, name).stage == Stage.SETTLED

    def test_a_restarted_leader_leads_on(self, trio):
        name = place(trio)
        lead(trio, name)
        again = trio.reopened()
        assert leads(again, again.store.load(name))

    def test_a_leader_that_lost_its_save_takes_a_higher_round_at_once(self, trio):
        """It reserved, and died before it saved that it leads."""
        name = place(trio)
        kept(trio.contexts[0], trio.contexts[0].store.load(name))
        assert not does_lead(trio, name)
        led = lead(trio, name)
        assert led.ballot == Ballot(2, 0) and does_lead(trio, name)

    def test_nobody_leads_for_longer_than_the_longest_lease(self, trio):
        name, start = place(trio), trio.clock.now()
        led = lead(trio, name)
        while led.detail != FOLLOWS and trio.clock.now() < start + 2 * LONGEST_LEASE:
            assert not does_lead(trio, name) or led.until <= start + LONGEST_LEASE
            trio.clock.sleep(10)
            led = follow(trio, name)
            if trio.clock.now() > start + LONGEST_LEASE:
                break
        assert not does_lead(trio, name)
        taken = lead(trio, name, 1)
        assert does_lead(trio, name, 1), taken.detail
        assert taken.ballot > led.ballot

    def test_the_oracles_take_over_in_turn(self, trio):
        name = place(trio)
        lead(trio, name)
        trio.clock.sleep(trio.terms.lease)
        assert lead(trio, name, 1).detail == lead(trio, name, 2).detail == FOLLOWS
        trio.clock.sleep(1)
        assert lead(trio, name, 2).detail == FOLLOWS
        assert lead(trio, name, 1).ballot == Ballot(1, 1)

    def test_the_last_in_turn_takes_over_when_the_others_are_down(self, trio):
        name = place(trio, 0, 1, 2)
        lead(trio, name)
        shut(trio, 0)
        pass_lease(trio, more=leading.STAGGER)
        assert lead(trio, name, 2).ballot == Ballot(1, 2) and does_lead(trio, name, 2)


def does_lead_at_others(trio, name):
    rows = [trio.contexts[index].store.known(name) for index in (1, 2)]
    return any(row and leads(trio.contexts[1 + i], row) for i, row in enumerate(rows))


def follow(trio, name, index=0):
    """As `lead`; at an error the row stays as it is."""
    try:
        return lead(trio, name, index)
    except (Unavailable, Refused):
        return trio.contexts[index].store.load(name)


def run_together(work):
    """Does the work of all three oracles at the same time."""
    threads = [threading.Thread(target=work, args=(index,)) for index in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)


class TestTakingOver:
    @pytest.mark.parametrize("stage", [Stage.ORDERED, Stage.CONSENTED, Stage.GENERATED])
    def test_an_order_goes_on_elsewhere_when_its_leader_dies_before_signing(self, trio, stage):
        name = place(trio)
        advance(trio, name, until=stage)
        lead(trio, name)
        shut(trio, 0)
        pass_lease(trio)
        assert advance(trio, name, 1).stage == Stage.SETTLED
        reopen(trio)
        assert advance(trio, name).stage == Stage.SETTLED
        assert trio.sender.posts == 1

    @pytest.mark.parametrize(
        ("signed_at", "down"),
        [((0, 1), ()), ((0, 2), ()), ((0, 1, 2), ()), ((0,), (2,)), ((0, 2), (0,))],
    )
    def test_what_enough_oracles_may_have_signed_is_proposed_again(self, trio, signed_at, down):
        name = place(trio)
        known = advance(trio, name, until=Stage.PUBLISHED)
        for index in signed_at:
            attest(trio.contexts[index], known.proposed())
        shut(trio, *down)
        trio.ledger.mine(seconds=60)
        pass_lease(trio)
        taken = lead(trio, name, 1)
        assert (taken.stage, taken.ballot) == (Stage.PUBLISHED, Ballot(1, 1))
        assert (taken.attestation, taken.manifest) == (known.attestation, known.manifest)
        assert (taken.audio, taken.trace, taken.price) == (known.audio, known.trace, known.price)
        assert advance(trio, name, 1).stage == Stage.SETTLED
        assert trio.ledger.settled[name].manifest == known.attestation.manifest
        assert started(trio) == 1

    def test_what_one_oracle_signed_alone_may_be_replaced(self, trio):
        """All oracles answer, and two did not sign it, so it can never get enough signatures."""
        name = place(trio)
        known = advance(trio, name, until=Stage.PUBLISHED)
        attest(trio.contexts[0], known.proposed())
        trio.ledger.mine(seconds=60)
        pass_lease(trio)
        taken = advance(trio, name, 1, until=Stage.PUBLISHED)
        assert taken.attestation != known.attestation
        for index in (1, 2):
            with pytest.raises(Conflict, match="below the promised ballot"):
                attest(trio.contexts[index], known.proposed())
        assert advance(trio, name, 1).stage == Stage.SETTLED
        assert advance(trio, name, 0).stage == Stage.SETTLED
        assert trio.sender.posts == 1

    def test_the_attestation_of_the_highest_ballot_is_proposed_again(self, trio):
        name = place(trio, 0, 1)
        first = advance(trio, name, until=Stage.PUBLISHED)
        attest(trio.contexts[0], first.proposed())
        # The first oracle is cut off; the second one makes another attestation, at a later block.
        shut(trio, 0)
        trio.ledger.mine(seconds=60)
        pass_lease(trio)
        second = advance(trio, name, 1, until=Stage.PUBLISHED)
        assert second.attestation != first.attestation
        attest(trio.contexts[1], second.proposed())
        # Now the second one is cut off, and the first one leads again, with what it signed itself.
        reopen(trio)
        shut(trio, 2)
        pass_lease(trio, more=10)
        again = lead(trio, name)
        assert again.ballot > second.ballot > first.ballot
        assert again.attestation == second.attestation
        assert advance(trio, name).stage == Stage.SETTLED
        assert trio.ledger.settled[name].manifest == second.attestation.manifest
        assert trio.sender.posts == 1

    def test_an_attestation_that_can_settle_no_more_is_not_proposed_again(self, trio):
        trio.ledger.lag = 600
        name = place(trio)
        known = advance(trio, name, until=Stage.PUBLISHED)
        attest(trio.contexts[0], known.proposed())
        trio.ledger.mine(seconds=601)
        pass_lease(trio)
        taken = lead(trio, name, 1)
        assert does_lead(trio, name, 1)
        assert (taken.stage, taken.attestation) == (Stage.ORDERED, None)

    def test_a_leader_that_comes_back_late_signs_and_posts_nothing_else(self, trio):
        name = place(trio)
        known = advance(trio, name, until=Stage.PUBLISHED)
        pass_lease(trio)
        assert advance(trio, name, 1).stage == Stage.SETTLED
        with pytest.raises(Conflict, match="below the promised ballot"):
            attest(trio.contexts[0], known.proposed())
        assert advance(trio, name).stage == Stage.SETTLED
        assert trio.sender.posts == 1

    def test_signatures_that_are_complete_are_posted_without_a_lease(self, trio):
        name = place(trio)
        advance(trio, name, until=Stage.SIGNED)
        shut(trio, 1, 2)
        pass_lease(trio)
        assert advance(trio, name).stage == Stage.SETTLED

    def test_the_second_leader_dies_too(self, trio):
        name = place(trio)
        known = advance(trio, name, until=Stage.PUBLISHED)
        for index in (0, 1):
            attest(trio.contexts[index], known.proposed())
        for index in (1, 2):
            pass_lease(trio, more=10)
            assert lead(trio, name, index).attestation == known.attestation
        assert advance(trio, name, 2).stage == Stage.SETTLED


def answers(trio, index, made):
    """Every other oracle gets this answer from one oracle, or what `made` makes of the true one."""
    for peers in trio.peers.values():
        for peer in peers:
            if peer.url == f"oracle-{index}":
                honest = peer.reserve
                peer.reserve = lambda o, b, honest=honest: made(o, b, honest)


def forged_grant(trio, ballot, name, by, until=10**12, claimed=None):
    """A reservation that a key signs, perhaps under another oracle's name."""
    pen = KeyAttester(by, trio.typed)
    promise = Reservation(name, trio.payer.address, 0, ballot, until)
    signature = pen.sign_reservation(promise, trio.typed.set_id(trio.terms.oracle_set))
    return Answer(claimed or pen.address, ballot, until, signature)


def secret_of(trio, index):
    keys = {each.address: each for each in (key(f"oracle {i}") for i in range(3))}
    return keys[trio.terms.oracle_set.signers[index]]


class TestLies:
    """One oracle lies. It never makes another one lead, end, adopt or give up an order."""

    @pytest.fixture
    def name(self, trio):
        return place(trio)

    def refused(self, trio, name):
        """With the third oracle down, the lie of the second one does not make the first lead."""
        shut(trio, 2)
        before = trio.contexts[0].store.load(name)
        with pytest.raises(Unavailable, match="1 of 2 oracles reserve it"):
            lead(trio, name)
        assert trio.contexts[0].store.load(name) == before
        reopen(trio)
        lead(trio, name)
        assert does_lead(trio, name)

    def test_a_signature_of_another_key(self, trio, name):
        second = trio.contexts[1].attester.address
        answers(trio, 1, lambda o, b, _: forged_grant(
            trio, b, name, key("stranger"), claimed=second))  # fmt: skip
        self.refused(trio, name)

    def test_an_oracle_outside_of_the_set(self, trio, name):
        answers(trio, 1, lambda o, b, _: forged_grant(trio, b, name, key("stranger")))
        self.refused(trio, name)

    def test_the_asking_oracles_own_reservation_counts_once(self, trio, name):
        answers(trio, 1, lambda o, b, _: forged_grant(trio, b, name, secret_of(trio, 0)))
        self.refused(trio, name)

    def test_a_longer_lease_than_the_signed_one(self, trio, name):
        answers(trio, 1, lambda o, b, own: replace(own(o, b), until=10**11))
        self.refused(trio, name)

    def test_a_reservation_of_another_ballot(self, trio, name):
        answers(trio, 1, lambda o, b, _: forged_grant(
            trio, Ballot(b.round + 5, 0), name, secret_of(trio, 1)))  # fmt: skip
        self.refused(trio, name)

    def test_a_reservation_of_another_order(self, trio, name):
        answers(trio, 1, lambda o, b, _: forged_grant(
            trio, b, "0x" + "77" * 32, secret_of(trio, 1)))  # fmt: skip
        self.refused(trio, name)

    def test_a_malformed_signature(self, trio, name):
        second = trio.contexts[1].attester.address
        answers(trio, 1, lambda o, b, _: Answer(second, b, 10**11, "0x1234"))
        self.refused(trio, name)

    def test_an_attestation_that_its_signer_did_not_sign(self, trio, name):
        made = replace(manifest().attestation(b"m" * 32), generated_at=trio.clock.now())
        accepted = Accepted(Ballot(99, 2), made)
        for vote in ("", "0x12", "0x" + "11" * 65):
            answers(trio, 1, lambda o, b, own, vote=vote: replace(
                own(o, b), accepted=accepted, vote=vote))  # fmt: skip
        led = lead(trio, name)
        assert does_lead(trio, name)
        assert (led.stage, led.attestation) == (Stage.ORDERED, None)

    def test_an_attestation_that_only_the_liar_signed(self, trio, name):
        """The others answer too, so it cannot have enough signatures."""
        made = replace(manifest().attestation(b"m" * 32), generated_at=trio.clock.now())
        set_id = trio.typed.set_id(trio.terms.oracle_set)
        vote = trio.contexts[1].attester.sign(made, name, set_id)
        answers(trio, 1, lambda o, b, own: replace(
            own(o, b), accepted=Accepted(Ballot(99, 2), made), vote=vote))  # fmt: skip
        assert advance(trio, name).stage == Stage.SETTLED
        assert trio.ledger.settled[name].manifest != made.manifest

    def test_a_lie_does_not_hide_an_attestation_with_enough_signatures(self, trio, name):
        known = advance(trio, name, until=Stage.PUBLISHED)
        for index in (0, 1):
            attest(trio.contexts[index], known.proposed())
        other = replace(known.attestation, manifest=b"m" * 32)
        set_id = trio.typed.set_id(trio.terms.oracle_set)
        vote = trio.contexts[0].attester.sign(other, name, set_id)
        answers(trio, 0, lambda o, b, own: replace(
            own(o, b), accepted=Accepted(Ballot(99, 2), other), vote=vote))  # fmt: skip
        pass_lease(trio, more=10)
        taken = lead(trio, name, 2)
        assert taken.attestation == known.attestation
        assert advance(trio, name, 2).stage == Stage.SETTLED

    @pytest.mark.parametrize("stage", ["failed", "refused", "cancelled", "expired", "settled"])
    def test_an_end_told_by_an_oracle_that_did_not_lead(self, trio, name, stage):
        second = trio.contexts[1].attester.address
        answers(trio, 1, lambda o, b, _: Answer(second, Ballot(7, 2), 0, ended=stage))
        shut(trio, 2)
        follow(trio, name)
        assert trio.contexts[0].store.load(name).stage == Stage.ORDERED
        reopen(trio)
        assert advance(trio, name).stage == Stage.SETTLED

    @pytest.mark.parametrize("until", [0, 10**11])
    @pytest.mark.parametrize("round", [2**16, 2**32])
    def test_a_far_round_and_a_long_lease(self, trio, name, round, until):
        second = trio.contexts[1].attester.address
        answers(trio, 1, lambda o, b, _: Answer(second, Ballot(round, 1), until))
        shut(trio, 2)
        for _ in range(3):
            follow(trio, name)
            trio.clock.sleep(2)
        reopen(trio)
        assert advance(trio, name).stage == Stage.SETTLED

    def test_a_refusal_of_one_oracle(self, trio, name):
        answers(trio, 1, fail(Refused("no")))
        assert advance(trio, name).stage == Stage.SETTLED

    def test_a_bug_of_one_oracle(self, trio, name):
        answers(trio, 1, fail(ZeroDivisionError()))
        assert advance(trio, name).stage == Stage.SETTLED


def fail(error):
    def answer(*_):
        raise error

    return answer


class TestMoney:
    """The escrow covers an order and the payer's open orders before it, over enough oracles."""

    def fund(self, trio, amount):
        trio.ledger.escrow[trio.payer.address.lower()] = amount

    def test_the_lower_nonce_comes_first(self, trio):
        self.fund(trio, PRICE)
        first, second = place(trio, 0, nonce=0), place(trio, 1, nonce=1)
        # Each oracle knows of its own order only, and reserves it at itself.
        shut(trio, 2)
        known = follow(trio, second, 1)
        assert known.stage == Stage.ORDERED and not does_lead(trio, second, 1)
        follow(trio, first, 0)
        pass_lease(trio, more=10)
        reopen(trio)
        assert advance(trio, first, 0).stage == Stage.SETTLED
        assert advance(trio, second, 1).stage == Stage.REFUSED
        assert (started(trio), trio.sender.posts) == (1, 1)

    def test_the_open_orders_of_all_answers_count_together(self, trio):
        """Each of the others knows of one other order, and finds escrow enough for two."""
        self.fund(trio, 2 * PRICE)
        place(trio, 1, nonce=0, max_price=PRICE)
        place(trio, 2, nonce=1, max_price=PRICE)
        third = place(trio, 0, nonce=2)
        with pytest.raises(Refused, match="must cover 200000 and 400000 of unfinished orders"):
            lead(trio, third)
        assert advance(trio, third).stage == Stage.REFUSED and started(trio) == 0

    def test_an_oracle_that_hides_an_open_order_hides_it_alone(self, trio):
        self.fund(trio, 2 * PRICE)
        place(trio, 1, 2, nonce=0, max_price=PRICE)
        place(trio, 0, nonce=1, max_price=PRICE)
        third = place(trio, 0, nonce=2)
        answers(trio, 1, lambda o, b, own: replace(own(o, b), open=()))
        with pytest.raises(Refused, match="must cover 200000 and 400000 of unfinished orders"):
            lead(trio, third)

    @pytest.mark.parametrize("lie", ["another payer", "no signature", "a used nonce", "a later"])
    def test_an_open_order_is_believed_with_its_payers_signature_only(self, trio, lie):
        self.fund(trio, PRICE)
        name, asked = place(trio, 0, nonce=5), request()
        order, signature = trio.order(asked, nonce=4, max_price=10 * PRICE)
        if lie == "another payer":
            order = replace(order, payer=key("another payer").address)
            digest = trio.typed.order_digest(order)
            signature = "0x" + key("another payer").sign(digest).hex()
        if lie == "no signature":
            signature = "0x" + "11" * 65
        if lie == "a used nonce":
            trio.ledger.used[trio.payer.address.lower()] = {4}
        if lie == "a later":
            order, signature = trio.order(asked, nonce=6)
        answers(trio, 1, lambda o, b, own: replace(own(o, b), open=((order, signature),)))
        lead(trio, name)
        assert does_lead(trio, name)

    def test_a_true_open_order_stops_a_later_one(self, trio):
        self.fund(trio, PRICE)
        name, asked = place(trio, 0, nonce=5), request()
        signed = trio.order(asked, nonce=4)
        answers(trio, 1, lambda o, b, own: replace(own(o, b), open=(signed,)))
        with pytest.raises(Refused, match="escrow"):
            lead(trio, name)

    def test_another_order_gets_the_nonce_of_one_that_failed(self, trio):
        first = place(trio, 0)
        lead(trio, first)
        context = trio.contexts[0]
        for each in trio.contexts:
            each.store.save(replace(each.store.load(first), stage=Stage.FAILED))
        pass_lease(trio)
        second = place(trio, 0, prompt="another one")
        done = advance(trio, second)
        assert done.stage == Stage.SETTLED, done.detail
        assert context.store.load(first).stage == Stage.FAILED


def test_an_oracle_whose_clock_is_ahead_leaves_its_orders_to_the_others(trio, caplog):
    """The others' leases are over for it when they come, and it would renew them for ever."""
    name = place(trio)
    ahead = FakeClock(trio.clock.now() + trio.terms.lease + 1)
    trio.contexts[0] = replace(trio.contexts[0], clock=ahead)
    assert (lead(trio, name).detail, does_lead(trio, name)) == (FOLLOWS, False)
    assert "ahead of the others" in caplog.text
    for _ in range(3):
        ahead.sleep(trio.terms.lease - 1)
        assert lead(trio, name).detail == FOLLOWS
    assert seat_of(trio, name, 1).ballot == Ballot(1, 0)
    trio.clock.sleep(trio.terms.lease + 10)
    assert advance(trio, name, 1).stage == Stage.SETTLED


def test_an_order_that_another_oracle_leads_is_not_refused_by_one_that_it_never_asked(trio):
    """Its own seat names itself, and the escrow is gone when it tries again (seed 2014)."""
    name = place(trio, 0, 1)
    shut(trio, 1, 2)
    with pytest.raises(Unavailable):
        lead(trio, name)
    reopen(trio)
    shut(trio, 0)
    assert does_lead_after(trio, name, 1)
    reopen(trio)
    assert lead(trio, name).detail == FOLLOWS
    trio.ledger.escrow[trio.payer.address.lower()] = 0
    pass_lease(trio, more=20)
    assert lead(trio, name).detail == FOLLOWS


def does_lead_after(trio, name, index):
    lead(trio, name, index)
    return does_lead(trio, name, index)


def test_one_of_four_that_hides_its_signature_replaces_no_attestation(tmp_path):
    """Three of four signed. Of those, the leader's successor hears one that lies and one other."""
    trio = make_trio(tmp_path, size=4, threshold=3)
    name = place(trio)
    known = advance(trio, name, until=Stage.PUBLISHED)
    for index in (0, 1, 2):
        attest(trio.contexts[index], known.proposed())
    answers(trio, 2, lambda o, b, own: replace(own(o, b), accepted=None, vote=""))
    shut(trio, 0)
    pass_lease(trio, more=10)
    assert lead(trio, name, 3).attestation == known.attestation
