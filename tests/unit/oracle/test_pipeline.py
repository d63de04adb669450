"""The flow: from an order to money divided, whatever stops answering or dies on the way."""

from dataclasses import replace

import pytest

from oracle.domain.attribution import decode_entries
from oracle.domain.cid import raw_cid
from oracle.domain.errors import Unavailable
from oracle.domain.generation import Stage
from oracle.domain.manifest_reader import parse_manifest
from oracle.ordering import take
from oracle.pipeline import LONGEST_WAIT, MONEY_MAY_MOVE, PATIENCE, STEPS, Pipeline
from tests.samples import laid, recording, request, wave
from tests.trio import make_trio

MADE = [
    "ordered", "consented", "generated", "published", "signed", "posted", "settled",
]  # fmt: skip
POINTS = [f"{when}:{stage}" for stage in STEPS for when in ("before", "after")]


@pytest.fixture
def trio(tmp_path):
    return make_trio(tmp_path)


def place(trio, index=0, asked=None, **changes):
    """Takes an order at one oracle and gives the generation's id."""
    asked = asked or request()
    order, signature = trio.order(asked, **changes)
    return take(trio.worlds[index], asked, order, signature, "key", "body").id


def walk(world, generation, steps=60):
    """Advances until the end or for so many steps; the stages that were passed through."""
    pipeline, stages = Pipeline(world), ["ordered"]
    for _ in range(steps):
        after = pipeline.advance(generation)
        if after.stage != stages[-1]:
            stages.append(str(after.stage))
        if after.ended:
            break
    return stages


def test_an_order_is_settled_stage_by_stage(trio):
    generation = place(trio)
    assert walk(trio.worlds[0], generation) == MADE
    known = trio.worlds[0].store.load(generation)
    settlement = trio.ledger.settled[generation]
    assert known.transaction == settlement.transaction
    assert known.settled_block == settlement.block
    assert sum(settlement.amounts) == 200_000 - 20_000 - 2_000


def test_the_manifest_says_what_was_paid(trio):
    generation = place(trio)
    walk(trio.worlds[0], generation)
    settlement = trio.ledger.settled[generation]
    manifest = parse_manifest(trio.pinner.fetch(raw_cid(settlement.manifest)))
    assert manifest.generation == generation
    assert manifest.price == settlement.price
    assert tuple(decode_entries(manifest.entries)) == settlement.recordings
    assert set(manifest.vectors) == {"realised", "declared", "audible"}
    assert {manifest.audio.cid, manifest.trace.cid} <= trio.pinner.files.keys()


def test_payment_follows_the_rule_that_was_ordered(trio):
    references = [{"recording": 1, "weight": 700_000}, {"recording": 2, "weight": 300_000}]
    asked = request(rule="declared", references=references)
    generation = place(trio, asked=asked, rule=1)
    walk(trio.worlds[0], generation)
    manifest = parse_manifest(trio.pinner.fetch(raw_cid(trio.ledger.settled[generation].manifest)))
    assert decode_entries(manifest.entries) == {1: 700_000, 2: 300_000}
    assert manifest.vectors["realised"] != manifest.vectors["declared"]


class Death(BaseException):
    """The process ends here; nothing in it may tidy up."""


class DieAt:
    def __init__(self, point, times=1):
        self.point, self.times = point, times

    def __call__(self, point):
        if point == self.point:
            self.times -= 1
            if self.times == 0:
                raise Death


def advance_until_death(pipeline, generation):
    while not pipeline.advance(generation).ended:
        pass


@pytest.mark.parametrize("point", POINTS)
def test_dying_anywhere_pays_exactly_once(trio, point):
    for node in trio.nodes:
        node.looks = 2
    generation = place(trio)
    with pytest.raises(Death):
        advance_until_death(Pipeline(trio.worlds[0], DieAt(point)), generation)
    again = trio.reopened()
    assert again.store.unfinished() == [generation]
    walk(again, generation)
    assert again.store.load(generation).stage == Stage.SETTLED
    assert trio.sender.posts == len(trio.ledger.settled) == 1
    assert trio.ledger.escrow[trio.payer.address.lower()] == 10_000_000 - 200_000


def test_dying_again_and_again_pays_exactly_once(trio):
    generation = place(trio)
    for point in POINTS:
        with pytest.raises(Death):
            advance_until_death(Pipeline(trio.reopened(), DieAt(point)), generation)
    walk(trio.reopened(), generation)
    assert trio.sender.posts == len(trio.ledger.settled) == 1


@pytest.mark.parametrize("stage", STEPS)
def test_a_step_run_twice_is_as_good_as_once(trio, stage):
    generation, world = place(trio), trio.worlds[0]
    pipeline = Pipeline(world)
    while (known := world.store.load(generation)).stage != stage:
        pipeline.advance(generation)
    STEPS[stage](world, known)
    walk(world, generation)
    assert world.store.load(generation).stage == Stage.SETTLED
    assert trio.sender.posts == 1


def test_an_ended_generation_stays_as_it_is(trio):
    generation = place(trio)
    walk(trio.worlds[0], generation)
    before = trio.worlds[0].store.load(generation)
    assert Pipeline(trio.worlds[0]).advance(generation) == before


def test_a_lost_database_row_finds_its_settlement_on_the_chain(trio):
    first = place(trio)
    walk(trio.worlds[0], first)
    # The same order taken by an oracle that knows nothing of it.
    trio.ledger.used.clear()
    other = place(trio, index=1)
    assert other == first
    assert walk(trio.worlds[1], other) == ["ordered", "settled"]
    assert trio.sender.posts == 1


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
def test_what_is_no_longer_permitted_is_refused_and_not_made(trio, spoil, reason):
    generation = place(trio)
    spoil(trio)
    assert walk(trio.worlds[0], generation) == ["ordered", "refused"]
    assert reason in trio.worlds[0].store.load(generation).detail
    assert not any(node.started for node in trio.nodes)


def test_a_revocation_after_the_block_that_was_read_changes_nothing(trio):
    generation, pipeline = place(trio), Pipeline(trio.worlds[0])
    pipeline.advance(generation)
    trio.ledger.revoke(2)
    assert walk(trio.worlds[0], generation)[-1] == "settled"


def test_a_track_that_took_long_is_dated_anew_and_consent_asked_again(trio):
    generation, pipeline = place(trio), Pipeline(trio.worlds[0])
    read = pipeline.advance(generation).block
    pipeline.advance(generation)
    trio.ledger.mine(seconds=600)
    walk(trio.worlds[0], generation)
    known = trio.worlds[0].store.load(generation)
    assert known.stage == Stage.SETTLED
    assert known.block.number > read.number


def test_a_track_that_took_long_is_refused_when_consent_went_meanwhile(trio):
    generation, pipeline = place(trio), Pipeline(trio.worlds[0])
    pipeline.advance(generation)
    pipeline.advance(generation)
    trio.ledger.revoke(1)
    trio.ledger.mine(seconds=600)
    assert walk(trio.worlds[0], generation)[-1] == "refused"


def test_the_price_is_that_of_the_block_that_is_attested(trio):
    known = place(trio, max_price=300_000)
    trio.ledger.amend(1, floors=(0, 40_000, 0, 0))
    walk(trio.worlds[0], known)
    done = trio.worlds[0].store.load(known)
    assert (done.stage, done.price) == (Stage.SETTLED, 224_718)
    assert trio.ledger.settled[known].price == 224_718


def test_a_floor_above_what_the_order_allows_is_refused_by_name(trio):
    known = place(trio, max_price=200_000)
    trio.ledger.amend(2, floors=(0, 40_000, 0, 0))
    walk(trio.worlds[0], known)
    done = trio.worlds[0].store.load(known)
    assert done.stage == Stage.REFUSED
    assert done.detail == "price: is above 200000: recording 2 asks 40000 a second (found 224718)"


@pytest.mark.parametrize("obstacle", ["paused", "cap"])
def test_a_pause_and_a_cap_are_waited_for(trio, obstacle):
    known = place(trio)
    walk(trio.worlds[0], known, MADE.index("signed"))
    node = trio.worlds[0].store.load(known).payee.lower()
    trio.ledger.stopped = obstacle == "paused"
    trio.ledger.spent[node] = 10**9 if obstacle == "cap" else 0
    for _ in range(PATIENCE + 5):
        waiting = Pipeline(trio.worlds[0]).advance(known)
    assert waiting.stage == Stage.SIGNED and obstacle in waiting.detail
    trio.ledger.stopped, trio.ledger.spent[node] = False, 0
    assert walk(trio.worlds[0], known)[-1] == Stage.SETTLED


def test_a_track_with_too_much_of_someone_fails_before_anything_is_signed(trio):
    trio.ledger.register(recording(2, max_share=5_600))
    trio.nodes[0].spoil["trace"] = laid(2, 2, 2, 1, 1)
    trio.nodes[1].spoil["trace"] = laid(2, 2, 2, 1, 1)
    generation = place(trio)
    assert walk(trio.worlds[0], generation)[-1] == "failed"
    assert "share" in trio.worlds[0].store.load(generation).detail
    assert all(world.store.bound(generation) is None for world in trio.worlds)


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
    ({"replay": wave([0, 0] * 5 * 44_100)}, "replay"),
    ({"replay": wave([0, 0])}, "length"),
]  # fmt: skip


@pytest.mark.parametrize(("spoil", "field"), WRONG)
def test_what_a_node_makes_up_ends_the_generation(trio, spoil, field):
    for node in trio.nodes:
        node.spoil = spoil
    generation = place(trio)
    assert walk(trio.worlds[0], generation)[-1] == "failed"
    assert field in trio.worlds[0].store.load(generation).detail
    assert not trio.ledger.settled


def test_a_chain_that_lost_a_registration_ends_the_generation(trio):
    generation, pipeline = place(trio), Pipeline(trio.worlds[0])
    pipeline.advance(generation)
    trio.ledger.versions.pop(2)
    assert "registration" in pipeline.advance(generation).detail


def test_what_a_node_cannot_make_ends_the_generation_with_its_words(trio):
    trio.nodes[0].error = "recording 2 is not in the vault"
    generation = place(trio)
    assert walk(trio.worlds[0], generation)[-1] == "failed"
    assert "not in the vault" in trio.worlds[0].store.load(generation).detail


def test_a_node_that_is_down_is_passed_over(trio):
    trio.nodes[0].fault = Unavailable("down")
    generation = place(trio)
    Pipeline(trio.worlds[0]).advance(generation)
    after = Pipeline(trio.worlds[0]).advance(generation)
    assert (after.stage, after.node, after.payee) == (
        Stage.GENERATED, "node-b", trio.nodes[1].payee()
    )  # fmt: skip


def test_a_node_that_the_ledger_does_not_pay_is_passed_over(trio):
    trio.ledger.nodes.remove(trio.nodes[0].payee().lower())
    generation = place(trio)
    walk(trio.worlds[0], generation, steps=2)
    assert trio.worlds[0].store.load(generation).node == "node-b"


def test_a_node_that_forgot_the_job_is_told_again(trio):
    trio.nodes[0].looks = 3
    generation, pipeline = place(trio), Pipeline(trio.worlds[0])
    for _ in range(3):
        pipeline.advance(generation)
    trio.nodes[0].jobs.clear()
    assert walk(trio.worlds[0], generation)[-1] == "settled"
    assert trio.nodes[0].started == 2


def test_a_replay_is_never_asked_of_the_maker(trio):
    trio.nodes[1].fault = Unavailable("down")
    generation = place(trio)
    walk(trio.worlds[0], generation)
    known = trio.worlds[0].store.load(generation)
    assert known.stage == Stage.FAILED
    assert "maker" in known.detail


def test_a_track_under_way_says_how_far_it_is(trio):
    trio.nodes[0].looks = 4
    generation, pipeline = place(trio), Pipeline(trio.worlds[0])
    pipeline.advance(generation)
    details = [pipeline.advance(generation).detail for _ in range(4)]
    assert details == [f"running, {part} % made" for part in (0, 25, 50, 75)]
    assert pipeline.pause(trio.worlds[0].store.load(generation)) == 0.25


def test_a_track_that_never_comes_is_given_up(trio):
    trio.nodes[0].looks = 10**9
    generation = place(trio)
    walk(trio.worlds[0], generation, steps=LONGEST_WAIT + 3)
    assert "given up" in trio.worlds[0].store.load(generation).detail


SHUT = {
    Stage.ORDERED: lambda t: [t.ledger],
    Stage.CONSENTED: lambda t: t.nodes,
    Stage.GENERATED: lambda t: [t.pinner],
    Stage.PUBLISHED: lambda t: t.peers[0],
    Stage.SIGNED: lambda t: [t.sender],
    Stage.POSTED: lambda t: [t.sender],
}


def reach_stage(trio, stage):
    generation, pipeline = place(trio), Pipeline(trio.worlds[0])
    while trio.worlds[0].store.load(generation).stage != stage:
        pipeline.advance(generation)
    return generation, pipeline


@pytest.mark.parametrize("stage", STEPS)
def test_what_does_not_answer_is_asked_again_and_the_stage_kept(trio, stage):
    generation, pipeline = reach_stage(trio, stage)
    for part in SHUT[stage](trio):
        part.fault = Unavailable("is asleep")
    waits = []
    for _ in range(9):
        after = pipeline.advance(generation)
        assert after.stage == stage
        assert "is asleep" in after.detail
        waits.append(pipeline.pause(after))
    assert waits == sorted(waits)
    assert waits[-1] == (5.0 if stage in MONEY_MAY_MOVE else 30.0)
    for part in SHUT[stage](trio):
        part.fault = None
    assert walk(trio.worlds[0], generation)[-1] == "settled"


@pytest.mark.parametrize("stage", STEPS)
def test_patience_ends_except_where_money_may_have_moved(trio, stage):
    generation, pipeline = reach_stage(trio, stage)
    for part in SHUT[stage](trio):
        part.fault = Unavailable("is gone")
    for _ in range(PATIENCE + 5):
        after = pipeline.advance(generation)
    assert after.stage == (stage if stage in MONEY_MAY_MOVE else Stage.FAILED)
    assert "is gone" in after.detail


def test_a_full_disk_loses_nothing(trio):
    generation = place(trio)

    class FullStore:
        def __init__(self, store):
            self._store = store

        def __getattr__(self, name):
            return getattr(self._store, name)

        def save(self, _generation):
            raise Unavailable("the disk is full")

    full = replace(trio.worlds[0], store=FullStore(trio.worlds[0].store))
    for _ in range(3):
        with pytest.raises(Unavailable):
            Pipeline(full).advance(generation)
    assert walk(trio.worlds[0], generation) == MADE
    assert trio.sender.posts == 1


def test_another_oracles_settlement_of_the_same_order_is_an_end(trio):
    generation, pipeline = reach_stage(trio, Stage.POSTED)
    settled = trio.ledger.settled[generation]
    trio.ledger.settled[generation] = replace(settled, manifest=b"\x01" * 32)
    after = pipeline.advance(generation)
    assert after.stage == Stage.SETTLED
    assert "0x" + "01" * 32 in after.detail


def test_a_settlement_that_divides_otherwise_is_called_inconsistent(trio):
    generation, pipeline = reach_stage(trio, Stage.POSTED)
    settled = trio.ledger.settled[generation]
    trio.ledger.settled[generation] = replace(
        settled, amounts=(settled.amounts[0] - 2, settled.amounts[1] + 2)
    )
    after = pipeline.advance(generation)
    assert after.stage == Stage.FAILED
    assert "settlement" in after.detail
