"""Cancelling: only the payer, only before the track is begun, and only when enough agree."""

import itertools
from dataclasses import replace

import pytest

from oracle.domain.errors import Conflict, NotFound, Refused, Unauthorised, Unavailable
from oracle.domain.generation import UNPAID, Stage
from oracle.orders.acceptance import take
from oracle.pipeline.runner import Pipeline
from oracle.pipeline.steps import BEGINS
from oracle.quorum.attestations import attest
from oracle.quorum.cancelling import DETAIL, agree, cancel
from oracle.quorum.leading import kept
from tests.support.samples import ordered, request
from tests.support.trio import key, make_trio

PRICE = 200_000


@pytest.fixture
def trio(tmp_path):
    return make_trio(tmp_path)


def place(trio, *indexes, nonce=0):
    asked = request()
    made = ordered(asked, *trio.order(asked, nonce=nonce))
    (name,) = {take(trio.contexts[index], made).id for index in indexes or (0,)}
    return name


def signed(trio, name, by=None):
    return "0x" + (by or trio.payer).sign(trio.typed.cancel_digest(name)).hex()


def lead(trio, name, index=0):
    context = trio.contexts[index]
    after = kept(context, context.store.load(name))
    context.store.save(after)
    return after


def advance(trio, name, index=0, steps=40, until=None):
    pipeline, context = Pipeline(trio.contexts[index]), trio.contexts[index]
    for _ in range(steps):
        known = pipeline.advance(name)
        if known.ended or known.stage == until:
            break
    return context.store.load(name)


def begin(trio, name, index=0):
    """Advances until a node was asked to make the track, and goes on making it."""
    for node in trio.nodes:
        node.looks = 10**6
    pipeline = Pipeline(trio.contexts[index])
    while not (known := pipeline.advance(name)).made or known.detail == BEGINS:
        pass
    return known


def go_on(trio):
    for node in trio.nodes:
        node.looks = 0


def seats(trio, name):
    order = next(c.store.known(name) for c in trio.contexts if c.store.known(name)).order
    return [context.store.seat(order.payer, order.nonce) for context in trio.contexts]


def shut(trio, *indexes):
    for peers in trio.peers.values():
        for peer in peers:
            if peer.url in [f"oracle-{index}" for index in indexes]:
                peer.fault = Unavailable("down")


def started(trio):
    return sum(node.started for node in trio.nodes)


@pytest.mark.parametrize("reserved", [False, True])
def test_an_order_is_cancelled_before_its_track_is_begun(trio, reserved):
    name = place(trio)
    if reserved:
        lead(trio, name)
    done = cancel(trio.contexts[0], name, signed(trio, name))
    assert (done.stage, done.detail) == (Stage.CANCELLED, DETAIL)
    assert all(seat.cancelled for seat in seats(trio, name))
    assert advance(trio, name).stage == Stage.CANCELLED
    assert (started(trio), trio.sender.posts) == (0, 0)


def test_cancelling_twice_is_cancelling_once(trio):
    name = place(trio)
    first = cancel(trio.contexts[0], name, signed(trio, name))
    assert cancel(trio.contexts[0], name, signed(trio, name)) == first


def test_a_cancelled_order_frees_its_escrow(trio):
    trio.ledger.escrow[trio.payer.address.lower()] = PRICE
    name = place(trio)
    with pytest.raises(Refused, match="escrow"):
        place(trio, nonce=1)
    cancel(trio.contexts[0], name, signed(trio, name))
    assert advance(trio, place(trio, nonce=1)).stage == Stage.SETTLED


def test_a_cancelled_order_is_led_and_signed_by_nobody(trio):
    name = place(trio, 0, 1, 2)
    known = advance(trio, name, until=Stage.CONSENTED)
    cancel(trio.contexts[0], name, signed(trio, name))
    trio.clock.sleep(trio.terms.lease + 10)
    for index in (1, 2):
        assert advance(trio, name, index).stage == Stage.CANCELLED
    assert started(trio) == 0 and known.stage == Stage.CONSENTED


@pytest.mark.parametrize("who", ["thief", "node a", "oracle 0"])
def test_only_the_payer_cancels(trio, who):
    name = place(trio)
    lead(trio, name)
    with pytest.raises(Unauthorised, match="not by the payer"):
        cancel(trio.contexts[0], name, signed(trio, name, key(who)))
    assert not any(seat.cancelled for seat in seats(trio, name))
    assert advance(trio, name).stage == Stage.SETTLED


def test_the_cancellation_of_another_order_cancels_nothing(trio):
    name, other = place(trio, nonce=0), place(trio, nonce=1)
    with pytest.raises(Unauthorised):
        cancel(trio.contexts[0], name, signed(trio, other))
    with pytest.raises(Unauthorised):
        cancel(trio.contexts[0], name, "0x" + "11" * 65)


def test_an_unknown_order_is_not_found(trio):
    with pytest.raises(NotFound):
        cancel(trio.contexts[0], "0x" + "11" * 32, "0x" + "11" * 65)


@pytest.mark.parametrize("stage", [*UNPAID, Stage.SETTLED])
def test_an_ended_order_is_not_cancelled(trio, stage):
    name = place(trio)
    store = trio.contexts[0].store
    store.save(replace(store.load(name), stage=stage))
    if stage is Stage.CANCELLED:
        assert cancel(trio.contexts[0], name, "0x").stage == Stage.CANCELLED
    else:
        with pytest.raises(Conflict, match=f"has ended as {stage}"):
            cancel(trio.contexts[0], name, signed(trio, name))


class Meeting:
    """A node at whose call `method` something else happens first, once."""

    def __init__(self, node, method, act):
        self._node, self._method, self._act = node, method, act
        self.outcome = None

    def __getattr__(self, name):
        if name == self._method and self.outcome is None:
            self.outcome = "happens"
            try:
                self.outcome = self._act()
            except Conflict as error:
                self.outcome = error
        return getattr(self._node, name)


class TestAtTheSameMoment:
    """A cancellation meets the step that has the track begun: one of the two wins, never both."""

    def meet(self, trio, method):
        name = place(trio, 0, 1, 2)
        context = trio.contexts[0]
        met = Meeting(trio.nodes[0], method, lambda: cancel(context, name, signed(trio, name)))
        trio.contexts[0] = replace(context, nodes=[met, trio.nodes[1]])
        return name, met

    def test_before_it_is_saved_that_the_track_will_be_made_nothing_is_made(self, trio):
        name, met = self.meet(trio, "held")
        assert advance(trio, name).stage == Stage.CANCELLED
        assert met.outcome.stage == Stage.CANCELLED and started(trio) == 0

    def test_while_the_node_is_asked_it_is_too_late_and_the_track_is_paid(self, trio):
        name, met = self.meet(trio, "start")
        assert advance(trio, name).stage == Stage.SETTLED
        assert "is being made already" in str(met.outcome) and started(trio) == 1

    def test_once_it_is_saved_it_is_too_late(self, trio):
        name = place(trio, 0, 1, 2)
        pipeline = Pipeline(trio.contexts[0])
        while pipeline.advance(name).detail != BEGINS:
            pass
        assert pipeline.pause(trio.contexts[0].store.load(name)) == 0
        assert trio.contexts[0].store.load(name).made and started(trio) == 0
        with pytest.raises(Conflict, match="is being made already"):
            cancel(trio.contexts[1], name, signed(trio, name))
        assert advance(trio, name).stage == Stage.SETTLED and started(trio) == 1

    def test_a_row_that_was_saved_too_late_does_not_begin(self, trio):
        """The seat was cancelled just before the step saved that the track will be made."""
        name = place(trio, 0, 1, 2)
        pipeline, store = Pipeline(trio.contexts[0]), trio.contexts[0].store
        while pipeline.advance(name).detail != BEGINS:
            pass
        begun = store.load(name)
        store.change_seat(begun.order.payer, 0, lambda seat: replace(
            seat, cancelled=signed(trio, name)))  # fmt: skip
        assert advance(trio, name).stage == Stage.CANCELLED and started(trio) == 0


    def test_a_leader_that_wins_another_round_in_the_step_that_begins_is_not_too_late(self, trio):
        """Its row has the round before, whose lease is over; its seat has the new one."""
        name = place(trio, 0, 1, 2)
        pipeline = Pipeline(trio.contexts[0])
        while pipeline.advance(name).detail != BEGINS:
            pass
        trio.clock.sleep(trio.terms.lease + 1)
        context = trio.contexts[0]
        met = Meeting(trio.nodes[0], "start", lambda: cancel(context, name, signed(trio, name)))
        trio.contexts[0] = replace(context, nodes=[met, trio.nodes[1]])
        assert advance(trio, name).stage == Stage.SETTLED
        assert "is being made already" in str(met.outcome) and started(trio) == 1


class TestTooLate:
    """Once a node makes the track, a cancellation changes nothing, wherever it is asked for."""

    @pytest.mark.parametrize("index", [0, 1, 2])
    def test_a_track_that_is_being_made_is_paid(self, trio, index):
        name = place(trio, 0, 1, 2)
        begin(trio, name)
        for _ in range(3):
            with pytest.raises(Conflict, match="is being made already"):
                cancel(trio.contexts[index], name, signed(trio, name))
        assert not any(seat.cancelled for seat in seats(trio, name))
        go_on(trio)
        assert advance(trio, name).stage == Stage.SETTLED
        assert trio.ledger.escrow[trio.payer.address.lower()] == 10_000_000 - PRICE

    def test_a_signed_order_is_paid(self, trio):
        name = place(trio, 0, 1, 2)
        known = advance(trio, name, until=Stage.PUBLISHED)
        for index in (0, 1):
            attest(trio.contexts[index], known.proposed())
        trio.clock.sleep(trio.terms.lease + 1)
        for index in (0, 1, 2):
            with pytest.raises(Conflict, match="is signed already"):
                cancel(trio.contexts[index], name, signed(trio, name))
        assert advance(trio, name).stage == Stage.SETTLED

    def test_a_follower_does_not_agree_before_the_leader(self, trio):
        name = place(trio, 0, 1)
        begin(trio, name)
        shut(trio, 0)
        with pytest.raises(Unavailable, match="0 of 2 oracles agree"):
            cancel(trio.contexts[1], name, signed(trio, name))
        assert not any(seat.cancelled for seat in seats(trio, name))


class TestAtAFollower:
    def test_the_leader_cancels_it_at_all_oracles(self, trio):
        name = place(trio, 0, 1)
        lead(trio, name)
        assert cancel(trio.contexts[1], name, signed(trio, name)).stage == Stage.CANCELLED
        assert all(seat.cancelled for seat in seats(trio, name))
        stages = [trio.contexts[index].store.load(name).stage for index in (0, 1)]
        assert stages == [Stage.CANCELLED] * 2
        assert cancel(trio.contexts[0], name, signed(trio, name)).stage == Stage.CANCELLED
        assert started(trio) == 0

    def test_a_leader_without_enough_oracles_goes_no_further(self, trio):
        name = place(trio, 0, 1)
        lead(trio, name)
        for peer in trio.peers[0]:
            peer.fault = Unavailable("down")
        with pytest.raises(Unavailable, match="ask again"):
            cancel(trio.contexts[1], name, signed(trio, name))
        assert [bool(seat.cancelled) for seat in seats(trio, name)] == [True, False, False]
        assert not advance(trio, name, steps=3).made
        for peer in trio.peers[0]:
            peer.fault = None
        assert advance(trio, name).stage == Stage.CANCELLED
        assert cancel(trio.contexts[1], name, signed(trio, name)).stage == Stage.CANCELLED

    def test_without_a_leader_enough_oracles_cancel(self, trio):
        name = place(trio, 0, 1)
        lead(trio, name)
        shut(trio, 0)
        trio.clock.sleep(trio.terms.lease + 1)
        assert cancel(trio.contexts[1], name, signed(trio, name)).stage == Stage.CANCELLED
        # The first one comes back, and finds nobody who reserves the order for it.
        for peers in trio.peers.values():
            for peer in peers:
                peer.fault = None
        assert advance(trio, name).stage in UNPAID
        assert started(trio) == 0


class TestOraclesThatBeganTogether:
    """Each has reserved the order for itself alone, so each takes itself for the leader."""

    @pytest.fixture
    def name(self, trio):
        name = place(trio, 0, 1, 2)
        shut(trio, 0, 1, 2)
        for index in (0, 1, 2):
            with pytest.raises(Unavailable, match="1 of 2 oracles reserve it"):
                lead(trio, name, index)
        for peer in itertools.chain(*trio.peers.values()):
            peer.fault = None
        return name

    def test_they_cancel_it_and_do_not_ask_each_other_without_end(self, trio, name):
        asked = count_questions(trio, most=40)
        assert cancel(trio.contexts[0], name, signed(trio, name)).stage == Stage.CANCELLED
        assert all(seat.cancelled for seat in seats(trio, name))
        assert len(asked) <= 12

    def test_the_word_of_one_other_oracle_cancels_nothing(self, trio, name):
        advance(trio, name, index=1, until=Stage.CONSENTED)
        for peer in (*trio.peers[1], trio.peers[0][1]):
            peer.fault = Unavailable("down")
        with pytest.raises(Unavailable, match="1 of 2 oracles agree now; ask again"):
            cancel(trio.contexts[1], name, signed(trio, name))
        with pytest.raises(Unavailable, match="1 of 2 oracles agree now; ask again"):
            cancel(trio.contexts[0], name, signed(trio, name))
        assert not trio.contexts[0].store.load(name).ended


def count_questions(trio, most):
    """The list of cancellations that oracles ask of each other; more than `most` get no answer."""
    asked = []

    def counted(peer, usual):
        def ask(*args):
            asked.append(peer.url)
            if len(asked) > most:
                raise Unavailable("asked too often")
            return usual(*args)

        return ask

    for peer in itertools.chain(*trio.peers.values()):
        peer.cancel = counted(peer, peer.cancel)
    return asked


class TestAgreement:
    def test_too_few_oracles_do_not_cancel(self, trio):
        name = place(trio)
        lead(trio, name)
        shut(trio, 1, 2)
        with pytest.raises(Unavailable, match="1 of 2 oracles agree now; ask again"):
            cancel(trio.contexts[0], name, signed(trio, name))
        known = advance(trio, name, steps=3)
        assert (known.stage, started(trio)) == (Stage.CONSENTED, 0) or not known.ended
        for peers in trio.peers.values():
            for peer in peers:
                peer.fault = None
        assert advance(trio, name).stage == Stage.CANCELLED

    def test_one_oracle_that_is_down_or_lies_does_not_prevent_it(self, trio):
        for nonce, fault in enumerate((Unavailable("down"), Conflict("a lie"), Refused("no"))):
            name = place(trio, nonce=nonce)
            lead(trio, name)
            trio.peers[0][0].fault = fault
            assert cancel(trio.contexts[0], name, signed(trio, name)).stage == Stage.CANCELLED

    def test_an_address_outside_of_the_set_or_twice_does_not_count(self, trio):
        name = place(trio)
        lead(trio, name)
        own = trio.contexts[0].attester.address
        for address in (key("stranger").address, own):
            for peer in trio.peers[0]:
                peer.cancel = lambda *_, address=address: address
            with pytest.raises(Unavailable, match="1 of 2 oracles agree"):
                cancel(trio.contexts[0], name, signed(trio, name))

    def test_an_oracle_that_never_heard_of_the_order_agrees_and_remembers(self, trio):
        name = place(trio)
        made = trio.contexts[0].store.load(name).ordered()
        caller = trio.contexts[0].attester.address
        for _ in range(2):
            agreed = agree(trio.contexts[2], made, signed(trio, name), caller)
            assert agreed == trio.contexts[2].attester.address
        seat = trio.reopened(2).store.seat(made.order.payer, made.order.nonce)
        assert (seat.order, seat.cancelled) == (name, signed(trio, name))

    def test_an_order_that_its_payer_did_not_sign_is_not_cancelled(self, trio):
        name = place(trio)
        made = trio.contexts[0].store.load(name).ordered()
        forged = replace(made, signature="0x" + key("thief").sign(bytes(32)).hex())
        with pytest.raises(Unauthorised):
            agree(trio.contexts[2], forged, signed(trio, name), trio.contexts[0].attester.address)
        assert seats(trio, name)[2] is None
