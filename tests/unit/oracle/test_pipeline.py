"""The pipeline: from an order to divided money, despite crashes and silent services."""

from dataclasses import replace

import pytest

from oracle.domain.attribution import decode_entries
from oracle.domain.cid import decode, raw_cid
from oracle.domain.errors import Busy, Unavailable
from oracle.domain.generation import Stage
from oracle.domain.manifest import to_bytes
from oracle.domain.manifest_reader import parse_manifest
from oracle.orders.acceptance import take
from oracle.pipeline.causes import ENDS, WAITS
from oracle.pipeline.runner import (
    LONGEST_PAUSE,
    MONEY_MAY_MOVE,
    MOST_POLLS,
    NEVER_GIVEN_UP,
    PATIENCE,
    STEPS,
    Pipeline,
)
from oracle.pipeline.steps import BEGINS
from tests.support.fakes import FakeNode
from tests.support.samples import laid, ordered, recording, request, wave
from tests.support.trio import key, make_trio

MADE = [
    "ordered", "consented", "generated", "published", "signed", "posted", "confirmed",
    "settled",
]  # fmt: skip
WALKED = (*STEPS, Stage.CONFIRMED, Stage.SETTLED)
"""Stages with a step: the last two release the files and watch the settlement."""

POINTS = [f"{when}:{stage}" for stage in WALKED for when in ("before", "after")]


@pytest.fixture
def trio(tmp_path):
    return make_trio(tmp_path)


def place(trio, index=0, asked=None, **changes):
    """Places an order at one oracle; returns the generation's id."""
    asked = asked or request()
    order, signature = trio.order(asked, **changes)
    return take(trio.contexts[index], ordered(asked, order, signature)).id


def walk(context, generation, steps=60):
    """Advances to the end, or for this many steps; returns the stages on the way."""
    pipeline, stages = Pipeline(context), ["ordered"]
    for _ in range(steps):
        after = pipeline.advance(generation)
        if after.stage != stages[-1]:
            stages.append(str(after.stage))
        if after.ended:
            break
    return stages


def test_an_order_is_settled_stage_by_stage(trio):
    generation = place(trio)
    assert walk(trio.contexts[0], generation) == MADE
    known = trio.contexts[0].store.load(generation)
    settlement = trio.ledger.settled[generation]
    assert known.transaction == settlement.transaction
    assert known.settled_block == settlement.block
    assert sum(settlement.amounts) == 200_000 - 20_000 - 2_000


def test_the_manifest_states_the_payment(trio):
    generation = place(trio)
    walk(trio.contexts[0], generation)
    settlement = trio.ledger.settled[generation]
    manifest = parse_manifest(trio.pinner.fetch(raw_cid(settlement.manifest)))
    assert manifest.generation == generation
    assert manifest.price == settlement.price
    assert tuple(decode_entries(manifest.entries)) == settlement.recordings
    assert set(manifest.vectors) == {"realised", "declared", "audible", "shapley"}
    assert {manifest.audio.cid, manifest.trace.cid} <= trio.pinner.files.keys()


def test_an_order_may_pay_by_loudness(trio):
    for node in trio.nodes:
        node.spoil["trace"] = {"audible": [0, 1, 3]}
    generation = place(trio, asked=request(rule="audible"), rule=2)
    walk(trio.contexts[0], generation)
    manifest = parse_manifest(trio.pinner.fetch(raw_cid(trio.ledger.settled[generation].manifest)))
    assert decode_entries(manifest.entries) == {1: 250_000, 2: 750_000}


def test_the_ordered_rule_divides_the_money(trio):
    references = [{"recording": 1, "weight": 700_000}, {"recording": 2, "weight": 300_000}]
    asked = request(rule="declared", references=references)
    generation = place(trio, asked=asked, rule=1)
    walk(trio.contexts[0], generation)
    manifest = parse_manifest(trio.pinner.fetch(raw_cid(trio.ledger.settled[generation].manifest)))
    assert decode_entries(manifest.entries) == {1: 700_000, 2: 300_000}
    assert manifest.vectors["realised"] != manifest.vectors["declared"]


class Death(BaseException):
    """The process ends here without cleanup."""


class DieAt:
    def __init__(self, point, times=1):
        self.point, self.times = point, times

    def __call__(self, point):
        if point == self.point:
            self.times -= 1
            if self.times == 0:
                raise Death


def advance_until_death(pipeline, generation):
    while not pipeline.advance(generation).final:
        pass


@pytest.mark.parametrize("point", POINTS)
def test_a_crash_at_any_point_pays_exactly_once(trio, point):
    for node in trio.nodes:
        node.looks = 2
    generation = place(trio)
    with pytest.raises(Death):
        advance_until_death(Pipeline(trio.contexts[0], DieAt(point)), generation)
    again = trio.reopened()
    assert again.store.unfinished() == [generation]
    walk(again, generation)
    assert again.store.load(generation).stage == Stage.SETTLED
    assert trio.sender.posts == len(trio.ledger.settled) == 1
    assert trio.ledger.escrow[trio.payer.address.lower()] == 10_000_000 - 200_000


def test_repeated_crashes_pay_exactly_once(trio):
    generation = place(trio)
    # After a crash between posting and its save, the chain already shows the settlement.
    for point in [point for point in POINTS if not point.endswith(":posted")]:
        with pytest.raises(Death):
            advance_until_death(Pipeline(trio.reopened(), DieAt(point)), generation)
    walk(trio.reopened(), generation)
    assert trio.sender.posts == len(trio.ledger.settled) == 1


@pytest.mark.parametrize("stage", STEPS)
def test_a_step_that_runs_twice_has_the_same_result(trio, stage):
    generation, context = place(trio), trio.contexts[0]
    pipeline = Pipeline(context)
    while (known := context.store.load(generation)).stage != stage:
        pipeline.advance(generation)
    STEPS[stage](context, known)
    walk(context, generation)
    assert context.store.load(generation).stage == Stage.SETTLED
    assert trio.sender.posts == 1


def test_a_final_generation_does_not_change(trio):
    generation, pipeline = place(trio), Pipeline(trio.contexts[0])
    walk(trio.contexts[0], generation)
    done = pipeline.advance(generation)
    assert (done.stage, done.final) == (Stage.SETTLED, True)
    for part in (trio.ledger, trio.pinner, trio.sender):
        part.fault = Unavailable("nobody asks it")
    assert pipeline.advance(generation) == done


def test_a_lost_database_row_finds_its_settlement_on_the_chain(trio):
    first = place(trio)
    walk(trio.contexts[0], first)
    # The same order at an oracle that does not know it.
    trio.ledger.used.clear()
    other = place(trio, index=1)
    assert other == first
    assert walk(trio.contexts[1], other) == ["ordered", "confirmed", "settled"]
    assert trio.sender.posts == 1
    mine, theirs = (context.store.load(first) for context in trio.contexts[:2])
    assert (theirs.audio, theirs.trace, theirs.manifest) == (mine.audio, mine.trace, mine.manifest)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda t: t.ledger.revoke(2), "revoked"),
        (lambda t: t.ledger.register(recording(1, uses=1)), "unpermitted"),
        (lambda t: t.ledger.register(recording(1, consent_until=2)), "expired"),
        (lambda t: t.ledger.register(recording(1, consent_from=2**32 - 2)), "not_yet"),
        (lambda t: t.ledger.register(recording(2, max_share=5_000)), "share"),
        (lambda t: t.ledger.versions.pop(1), "unknown"),
        (lambda t: t.ledger.mine(seconds=7_200), "deadline"),
    ],
)
def test_a_request_that_is_no_longer_permitted_is_refused(trio, spoil, reason):
    generation = place(trio)
    spoil(trio)
    assert walk(trio.contexts[0], generation) == ["ordered", "refused"]
    assert reason in trio.contexts[0].store.load(generation).detail
    assert not any(node.started for node in trio.nodes)


def test_a_revocation_before_the_track_is_begun_refuses_it(trio):
    generation, pipeline = place(trio), Pipeline(trio.contexts[0])
    assert pipeline.advance(generation).stage == Stage.CONSENTED
    trio.ledger.revoke(2)
    assert walk(trio.contexts[0], generation)[-1] == "refused"
    assert not any(node.started for node in trio.nodes)


def test_a_revocation_after_the_track_is_begun_changes_nothing(trio):
    generation = place(trio)
    begin(trio, generation)
    trio.ledger.revoke(2)
    assert walk(trio.contexts[0], generation)[-1] == "settled"


def begin(trio, generation):
    """Advances until a node was asked to make the track."""
    pipeline = Pipeline(trio.contexts[0])
    while not (known := pipeline.advance(generation)).made or known.detail == BEGINS:
        pass


def test_a_late_track_gets_a_new_block_and_a_new_consent_check(trio):
    generation = place(trio)
    begin(trio, generation)
    read = trio.contexts[0].store.load(generation).block
    trio.ledger.mine(seconds=600)
    walk(trio.contexts[0], generation)
    known = trio.contexts[0].store.load(generation)
    assert known.stage == Stage.SETTLED
    assert known.block.number > read.number


def test_a_late_track_is_refused_when_consent_has_ended(trio):
    generation = place(trio)
    begin(trio, generation)
    trio.ledger.revoke(1)
    trio.ledger.mine(seconds=600)
    assert walk(trio.contexts[0], generation)[-1] == "refused"


def test_the_price_is_that_of_the_attested_block(trio):
    known = place(trio, max_price=300_000)
    trio.ledger.amend(1, floors=(0, 40_000, 0, 0))
    walk(trio.contexts[0], known)
    done = trio.contexts[0].store.load(known)
    assert (done.stage, done.price) == (Stage.SETTLED, 224_718)
    assert trio.ledger.settled[known].price == 224_718


def test_a_floor_above_max_price_is_refused_with_its_recording(trio):
    known = place(trio, max_price=200_000)
    trio.ledger.amend(2, floors=(0, 40_000, 0, 0))
    walk(trio.contexts[0], known)
    done = trio.contexts[0].store.load(known)
    assert done.stage == Stage.REFUSED
    assert "is above 200000 by the floor 40000 of recording 2 (found 224718)" in done.detail


@pytest.mark.parametrize("obstacle", ["paused", "cap"])
def test_settlement_waits_for_a_pause_and_a_cap(trio, obstacle):
    known, _ = reach_stage(trio, Stage.SIGNED)
    node = trio.contexts[0].store.load(known).payee.lower()
    trio.ledger.stopped = obstacle == "paused"
    trio.ledger.spent[node] = 10**9 if obstacle == "cap" else 0
    for _ in range(PATIENCE + 5):
        waiting = Pipeline(trio.contexts[0]).advance(known)
    assert waiting.stage == Stage.SIGNED and obstacle in waiting.detail
    trio.ledger.stopped, trio.ledger.spent[node] = False, 0
    assert walk(trio.contexts[0], known)[-1] == Stage.SETTLED


def test_a_track_above_a_share_limit_fails_before_signing(trio):
    trio.ledger.register(recording(2, max_share=5_600))
    trio.nodes[0].spoil["trace"] = laid(2, 2, 2, 1, 1)
    trio.nodes[1].spoil["trace"] = laid(2, 2, 2, 1, 1)
    generation = place(trio)
    assert walk(trio.contexts[0], generation)[-1] == "failed"
    assert "share" in trio.contexts[0].store.load(generation).detail
    order = trio.contexts[0].store.load(generation).order
    seats = [context.store.seat(order.payer, order.nonce) for context in trio.contexts]
    assert all(seat.accepted is None for seat in seats)


WRONG = [
    ({"audio": b"RIFF"}, "audio"),
    ({"audio": wave([0, 0] * 44_100)}, "trace.frames"),
    ({"trace": {"seed": "5"}}, "trace.seed"),
    ({"trace": {"prior": [0, 400_000, 600_000]}}, "trace.prior"),
    ({"trace": {"frames": 7}}, "trace.frames"),
    ({"trace": {"references": [
        {"recording": n, "audio": "f" * 64, "record": "0" * 64, "shift": 0} for n in (1, 2)
    ]}}, "trace.references"),
    ({"vectors": None}, "vectors.realised"),
    ({"vectors": {"realised": [{"recording": 1, "weight": 1_000_000}]}}, "vectors.realised"),
    ({"vectors": {"fair": [{"recording": 1, "weight": 1_000_000}]}}, "vectors"),
    ({"vectors": {"shapley": [{"recording": 9, "weight": 1_000_000}]}}, "vectors.shapley"),
    ({"check": wave([0, 0] * 5 * 44_100)}, "audio"),
    ({"check": wave([0, 0])}, "length"),
]  # fmt: skip


@pytest.mark.parametrize(("spoil", "field"), WRONG)
def test_false_data_of_a_node_ends_the_generation(trio, caplog, spoil, field):
    for node in trio.nodes:
        node.spoil = spoil
    generation = place(trio)
    assert walk(trio.contexts[0], generation)[-1] == "failed"
    assert generation in caplog.text and field in caplog.text
    assert trio.contexts[0].store.load(generation).detail in ENDS.values()
    assert not trio.ledger.settled


def test_a_chain_that_lost_a_registration_ends_the_generation(trio):
    generation, pipeline = place(trio), Pipeline(trio.contexts[0])
    pipeline.advance(generation)
    trio.ledger.versions.pop(2)
    assert "is not registered" in pipeline.advance(generation).detail


def test_a_failed_job_ends_the_generation_and_the_log_has_its_error(trio, caplog):
    trio.nodes[0].error = "recording 2 is not in the vault"
    generation = place(trio)
    assert walk(trio.contexts[0], generation)[-1] == "failed"
    assert "not in the vault" in caplog.text
    assert trio.contexts[0].store.load(generation).detail == "the track could not be made"


def test_a_node_that_is_down_is_skipped(trio):
    generation = place(trio)
    # Two nodes of different payees must hold the references while the first one is down.
    trio.nodes.append(FakeNode("node-c", key("node c").address))
    trio.ledger.nodes.add(trio.nodes[2].payee().lower())
    trio.nodes[0].fault = Unavailable("down")
    begin(trio, generation)
    after = Pipeline(trio.contexts[0]).advance(generation)
    assert (after.stage, after.node, after.payee) == (
        Stage.GENERATED, "node-b", trio.nodes[1].payee()
    )  # fmt: skip


class Unwilling(FakeNode):
    """A node that answers and takes no job, as one whose clock is ahead of the reservations."""

    def start(self, generation, job):
        raise Unavailable("reservations[0].until: is over")


@pytest.mark.parametrize("unwilling, stage", [(1, Stage.GENERATED), (2, Stage.CONSENTED)])
def test_a_node_that_takes_no_job_does_not_keep_the_order(trio, unwilling, stage):
    for index, node in enumerate(trio.nodes[:unwilling]):
        trio.nodes[index] = Unwilling(node.url, node.payee())
    generation = place(trio)
    walk(trio.contexts[0], generation, steps=4)
    after = trio.contexts[0].store.load(generation)
    assert after.stage == stage
    if stage is Stage.GENERATED:
        assert (after.node, after.payee) == ("node-b", trio.nodes[1].payee())


def test_a_node_that_the_ledger_does_not_allow_is_skipped(trio):
    trio.ledger.nodes.remove(trio.nodes[0].payee().lower())
    generation = place(trio)
    walk(trio.contexts[0], generation, steps=2)
    assert trio.contexts[0].store.load(generation).node == "node-b"


def test_a_node_that_lost_the_job_gets_it_again(trio):
    trio.nodes[0].looks = 3
    generation, pipeline = place(trio), Pipeline(trio.contexts[0])
    for _ in range(3):
        pipeline.advance(generation)
    trio.nodes[0].jobs.clear()
    assert walk(trio.contexts[0], generation)[-1] == "settled"
    assert trio.nodes[0].started == 2


def test_the_maker_of_a_track_never_checks_it(trio, caplog):
    generation, _ = reach_stage(trio, Stage.PUBLISHED)
    trio.nodes[1].fault = Unavailable("down")
    walk(trio.contexts[0], generation)
    known = trio.contexts[0].store.load(generation)
    assert known.stage == Stage.PUBLISHED
    assert "maker" in caplog.text and WAITS[Stage.PUBLISHED] in known.detail
    assert not known.signatures and not trio.ledger.settled
    trio.nodes[1].fault = None
    assert walk(trio.contexts[0], generation)[-1] == "settled"


def test_a_track_that_one_node_only_could_check_is_not_made(trio):
    generation = place(trio)
    trio.nodes[1].missing = {2}
    for _ in range(5):
        waiting = Pipeline(trio.contexts[0]).advance(generation)
    assert waiting.stage == Stage.CONSENTED
    assert not any(node.started for node in trio.nodes)


def test_an_unfinished_track_has_its_progress(trio):
    trio.nodes[0].looks = 4
    generation, pipeline = place(trio), Pipeline(trio.contexts[0])
    pipeline.advance(generation)
    details = [pipeline.advance(generation).detail for _ in range(5)][1:]
    assert details == [f"running, {part} % made" for part in (0, 25, 50, 75)]
    assert pipeline.pause(trio.contexts[0].store.load(generation)) == 0.25


@pytest.mark.long
def test_a_track_that_never_ends_fails(trio):
    trio.nodes[0].looks = 10**9
    generation = place(trio)
    walk(trio.contexts[0], generation, steps=MOST_POLLS + 3)
    assert "given up" in trio.contexts[0].store.load(generation).detail


SHUT = {
    Stage.ORDERED: lambda t: [t.ledger],
    Stage.CONSENTED: lambda t: t.nodes,
    Stage.GENERATED: lambda t: [t.pinner],
    Stage.PUBLISHED: lambda t: t.peers[0],
    Stage.SIGNED: lambda t: [t.sender],
    Stage.POSTED: lambda t: [t.sender],
}


def reach_stage(trio, stage):
    """A generation at a stage; at POSTED its settlement is in a block that is not closed yet."""
    generation, pipeline = place(trio), Pipeline(trio.contexts[0])
    trio.ledger.confirmations = 1 if stage == Stage.POSTED else 0
    while trio.contexts[0].store.load(generation).stage != stage:
        pipeline.advance(generation)
    return generation, pipeline


@pytest.mark.parametrize("stage", STEPS)
def test_a_silent_service_is_asked_again_at_the_same_stage(trio, caplog, stage):
    generation, pipeline = reach_stage(trio, stage)
    for part in SHUT[stage](trio):
        part.fault = Unavailable("is asleep")
    waits = []
    for _ in range(9):
        after = pipeline.advance(generation)
        assert after.stage == stage
        assert after.detail == f"trying again: {WAITS[stage]}"
        waits.append(pipeline.pause(after))
    causes = [line for line in caplog.messages if "is asleep" in line]
    assert len(causes) == 1 and generation in causes[0], "the log has the cause once"
    assert waits == sorted(waits)
    assert waits[-1] == (5.0 if stage in MONEY_MAY_MOVE else 30.0)
    for part in SHUT[stage](trio):
        part.fault = None
    trio.ledger.mine()
    assert walk(trio.contexts[0], generation)[-1] == "settled"


@pytest.mark.parametrize("stage", STEPS)
def test_only_stages_before_signing_time_out(trio, caplog, stage):
    generation, pipeline = reach_stage(trio, stage)
    for part in SHUT[stage](trio):
        part.fault = Unavailable("is gone")
    for _ in range(PATIENCE + 5):
        after = pipeline.advance(generation)
    assert after.stage == (stage if stage in NEVER_GIVEN_UP else Stage.FAILED)
    assert "is gone" in caplog.text and "is gone" not in after.detail
    assert WAITS[stage] in after.detail
    kept = after.detail if after.ended else None
    assert kept in (None, pipeline.advance(generation).detail), "the reason of the end stays"


def test_a_full_disk_loses_nothing(trio):
    generation = place(trio)

    class FullStore:
        def __init__(self, store):
            self._store = store

        def __getattr__(self, name):
            return getattr(self._store, name)

        def exchange(self, _before, _after):
            raise Unavailable("the disk is full")

    full = replace(trio.contexts[0], store=FullStore(trio.contexts[0].store))
    for _ in range(3):
        with pytest.raises(Unavailable):
            Pipeline(full).advance(generation)
    assert walk(trio.contexts[0], generation) == MADE
    assert trio.sender.posts == 1


def test_a_settlement_of_another_track_is_delivered_and_not_ours(trio):
    generation, pipeline = reach_stage(trio, Stage.POSTED)
    ours = trio.contexts[0].store.load(generation)
    other = replace(parse_manifest(trio.pinner.fetch(ours.manifest)), price=ours.price - 1)
    cid = trio.pinner.pin(to_bytes(other))
    settled = trio.ledger.settled[generation]
    trio.ledger.settled[generation] = replace(settled, manifest=decode(cid)[1])
    trio.ledger.mine()
    after = pipeline.advance(generation)
    assert (after.stage, after.manifest, after.audio) == (Stage.CONFIRMED, cid, "")
    assert (after.attestation, after.signatures) == (None, {})
    assert pipeline.advance(generation).stage == Stage.SETTLED


def test_a_settlement_with_another_division_is_delivered_and_reported(trio, caplog):
    generation, pipeline = reach_stage(trio, Stage.POSTED)
    settled = trio.ledger.settled[generation]
    trio.ledger.settled[generation] = replace(
        settled, amounts=(settled.amounts[0] - 2, settled.amounts[1] + 2)
    )
    trio.ledger.mine()
    assert pipeline.advance(generation).stage == Stage.CONFIRMED
    (alarm,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert "settlement: should be" in alarm.message and generation in alarm.message
    assert pipeline.advance(generation).stage == Stage.SETTLED


@pytest.mark.parametrize(("asked", "kept"), [(40.0, 40.0), (0.0, 1.0), (9_000.0, LONGEST_PAUSE)])
def test_a_service_that_asks_for_a_pause_gets_it(trio, asked, kept):
    generation = place(trio)
    trio.ledger.fault = Busy("the chain asks for a pause", after=asked)
    pipeline = Pipeline(trio.contexts[0])
    after = pipeline.advance(generation)
    assert after.stage == Stage.ORDERED and pipeline.pause(after) == kept
    trio.ledger.fault = None
    assert walk(trio.contexts[0], generation)[-1] == "settled"
