"""Readiness: what is not fit for a generation is named, and a part that hangs counts as failed."""

import threading
from dataclasses import replace

import pytest

from oracle.domain.errors import Unavailable
from oracle.domain.ledger_views import SetTerms
from oracle.readiness import OK, QUIET, SKEW, Readiness
from tests.support.samples import recording
from tests.support.trio import make_trio

LONG = 60.0
"""Seconds: no busy machine makes a test fail."""


@pytest.fixture
def context(tmp_path):
    return make_trio(tmp_path).contexts[0]


def silent():
    raise Unavailable("asleep")


def readiness(context, **peers):
    return Readiness(context, peers or {"one": lambda: None}, LONG)


def refused(context, said, **peers):
    with pytest.raises(Unavailable) as caught:
        readiness(context, **peers).require()
    assert said in str(caught.value)


def at(context, seconds):
    """The oracle's clock, that many seconds after the newest block."""
    context.clock._now = context.ledger.blocks[-1].timestamp + seconds


def test_every_part_has_a_state(context):
    parts = Readiness(context, {"http://one": lambda: None}, LONG).parts()
    assert parts == dict.fromkeys(
        ["chain", "finality", "oracle set", "gas", "pinner", "store", "clock", "node node-a",
         "node node-b", "peer http://one"], OK,
    )  # fmt: skip
    assert readiness(context).require() == readiness(context).parts()


def test_a_part_that_hangs_does_not_delay_the_answer(context):
    gate = threading.Event()
    try:
        readiness = Readiness(context, {"slow": gate.wait}, patience=0.1)
        assert "no answer" in readiness.parts()["peer slow"]
    finally:
        gate.set()


def test_many_callers_share_one_probe(context):
    asked = []
    found = readiness(context, one=lambda: asked.append(1))
    answers = [found.parts() for _ in range(20)]
    assert len(asked) < 20
    assert all(answer == answers[0] for answer in answers)


class TestShown:
    """What anybody reads of it: which part does not work, without URLs and words of services."""

    def test_ready(self, context):
        shown = Readiness(context, {"http://10.0.0.8": lambda: None}, LONG).shown()
        assert shown == dict.fromkeys(
            ["chain", "finality", "oracle set", "gas", "pinner", "store", "clock", "node 1",
             "node 2", "peer 1"], OK,
        )  # fmt: skip

    def test_no_url_and_no_cause_is_shown(self, context, caplog):
        context.nodes[1].fault = Unavailable("did not answer", field="http://10.0.0.7:8090")
        context.ledger.stopped = True
        peers = {"http://10.0.0.8": silent, "http://10.0.0.9": lambda: None}
        found = Readiness(context, peers, LONG)
        with pytest.raises(Unavailable) as caught:
            found.shown()
        assert caught.value.public
        assert caught.value.detail == (
            "not ready: oracle set: the guardian has paused settlement on the ledger; "
            "node 2: does not work; peer 1: does not work"
        )
        assert "10.0.0.7" in str(found.parts())
        assert "http://10.0.0.7:8090: did not answer" in caplog.text

    def test_a_node_is_named_by_its_number(self, context):
        context.nodes[1]._payee = context.nodes[0].payee().lower()
        with pytest.raises(Unavailable, match="node 2: is paid to the same address as node 1"):
            readiness(context).shown()


class TestChain:
    @pytest.mark.parametrize(
        ("each", "age", "ready"),
        [(1, QUIET, True), (1, QUIET + 1, False), (12, 36, True), (12, 37, False)],
    )
    def test_a_regular_chain_must_make_blocks(self, context, each, age, ready):
        context.ledger.block_seconds = each
        at(context, age)
        if ready:
            readiness(context).require()
        else:
            refused(context, f"chain: no new block for {age} s, after block ")

    def test_a_chain_that_mines_on_demand_may_be_quiet(self, context):
        context.ledger.block_seconds = 0
        at(context, 10_000)
        readiness(context).require()

    def test_a_final_block_that_was_undone_is_named(self, context):
        context.ledger.undone = "a reorganisation of 70 blocks undid block 5, which was final"
        refused(context, "finality: finality: a reorganisation of 70 blocks undid block 5")

    def test_a_pause_and_an_inactive_set_are_named(self, context):
        context.ledger.stopped = True
        refused(context, "oracle set: the guardian has paused settlement")
        context.ledger.stopped = False
        context.ledger.sets[context.terms.oracle_set] = SetTerms(False, 0, 0, 0, 0)
        refused(context, "oracle set: the ledger does not accept the set's signatures")


class TestClock:
    @pytest.mark.parametrize("skew", [SKEW + 1, -SKEW - 1, 4_000])
    def test_a_clock_that_most_oracles_contradict_is_named(self, context, skew):
        at(context, 5)
        now = context.clock.now()
        refused(
            context, f"clock: differs by {abs(skew)} s from most of the other oracles",
            one=lambda: now + skew, two=lambda: now + skew, three=lambda: now,
        )  # fmt: skip

    def test_one_oracle_with_a_wrong_clock_does_not_matter(self, context):
        at(context, 5)
        now = context.clock.now()
        readiness(context, one=lambda: now + SKEW, two=lambda: now - 9_000).require()

    def test_oracles_that_show_no_date_do_not_count(self, context):
        now = context.clock.now()
        refused(context, "clock: ", one=lambda: None, two=lambda: now + 31, three=silent)

    def test_a_clock_behind_the_blocks_of_a_regular_chain_is_named(self, context):
        context.ledger.block_seconds = 12
        at(context, -SKEW)
        readiness(context).require()
        at(context, -SKEW - 1)
        refused(context, f"clock: is {SKEW + 1} s behind the newest block")

    def test_a_development_chain_may_be_ahead_of_the_clock(self, context):
        at(context, -2_000_000)
        readiness(context).require()


class TestParts:
    def test_an_empty_sender_is_named(self, context):
        context.sender.fault = Unavailable("has too little ether for gas", field="0x12", value=3)
        refused(context, "gas: 0x12: has too little ether for gas (found 3)")

    def test_a_store_that_cannot_write_is_named(self, context):
        with context.store._engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA query_only=ON")
            connection.commit()
        refused(context, "store: the database does not answer: attempt to write a readonly")

    def test_a_pinner_that_fails_is_named(self, context):
        context.pinner.fault = Unavailable("no disk")
        refused(context, "pinner: no disk")

    def test_too_few_peers_are_named(self, context):
        refused(context, "peer one: asleep; peer two: asleep", one=silent, two=silent)
        readiness(context, one=silent, two=lambda: None).require()


class TestNodes:
    def test_one_node_is_not_enough(self, context):
        context.nodes[0].fault = Unavailable("asleep")
        refused(context, "node node-a: asleep")

    def test_two_nodes_with_one_payee_are_one(self, context):
        context.nodes[1]._payee = context.nodes[0].payee().lower()
        refused(context, "node node-b: is paid to the same address as node node-a")

    def test_a_node_without_the_repertoire_is_named(self, context):
        count = context.ledger.recording_count()
        context.nodes[1].missing = set(range(1, count + 1))
        refused(context, f"node node-b: holds none of {count} recordings that other nodes hold")

    def test_a_node_may_lack_what_others_hold(self, context):
        context.nodes[1].missing = {1}
        readiness(context).require()

    def test_nodes_of_an_empty_catalogue_are_ready(self, context):
        context.ledger.versions.clear()
        readiness(context).require()

    @pytest.mark.parametrize("count", [1, 49, 50, 51, 99, 100, 12_345])
    def test_few_recordings_are_asked_for_and_always_the_newest(self, context, count):
        context.ledger.versions = {count: [(0, replace(recording(1), id=count))]}
        asked = []
        context.nodes[0].held = lambda ids: asked.append(list(ids)) or dict.fromkeys(ids, 0)
        readiness(context).require()
        (ids,) = asked
        assert ids[0] == count and len(ids) <= 50 and len(set(ids)) == len(ids)
        assert min(ids) >= 1 and min(ids) <= max(1, count // 4)
