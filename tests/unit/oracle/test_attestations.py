"""Checks before signing: an attestation with a lie in any one field is not signed."""

import hashlib
from dataclasses import replace

import pytest

from oracle.domain import canonical
from oracle.domain.attestation import Attested
from oracle.domain.attribution import encode_entries, vector_of
from oracle.domain.audio import read_wave
from oracle.domain.block import Block
from oracle.domain.cid import cid_of, decode
from oracle.domain.errors import (
    Conflict,
    Inconsistent,
    InvalidInput,
    NotFound,
    RefrainError,
    Unavailable,
    WrongBytes,
)
from oracle.domain.generation import Stage, seed_of
from oracle.domain.manifest import Content, to_bytes
from oracle.domain.manifest_reader import parse_manifest
from oracle.domain.proposal import Proposed
from oracle.domain.reservation import Ballot
from oracle.domain.seat import Seat, accepting
from oracle.orders.acceptance import take
from oracle.pipeline.runner import Pipeline
from oracle.ports import SetTerms
from oracle.quorum.attestations import attest
from oracle.tracks.manifests import manifest_of
from tests.support.samples import NODE, NOW, laid, ordered, recording, request, wave_of
from tests.support.trio import key, make_trio


@pytest.fixture
def trio(tmp_path):
    return make_trio(tmp_path)


def published(trio):
    """A generation that its leader proposes: its manifest is pinned, its files are withheld."""
    asked = request()
    order, signature = trio.order(asked)
    context = trio.contexts[0]
    generation = take(context, ordered(asked, order, signature)).id
    pipeline = Pipeline(context)
    while (known := context.store.load(generation)).stage != Stage.PUBLISHED:
        pipeline.advance(generation)
    attest(context, known.proposed())
    return known, parse_manifest(trio.pinner.fetch(known.manifest))


def propose(known, attestation, ballot=None):
    """The leader's proposal of an attestation of an order."""
    member = Attested(known.order, known.order_signature, attestation)
    return Proposed(member, ballot or known.ballot)


def pinned(trio, manifest):
    """Pins another manifest; returns the attestation that follows from it."""
    return manifest.attestation(decode(trio.pinner.pin(to_bytes(manifest)))[1])


def ask(trio, known, manifest, index=1, ballot=None):
    """Pins another manifest and asks the second oracle, or another one, to sign it."""
    return attest(trio.contexts[index], propose(known, pinned(trio, manifest), ballot))


def accepted_at(trio, known, index=1):
    """The attestation that an oracle has accepted, if any."""
    seat = trio.contexts[index].store.seat(known.order.payer, known.order.nonce)
    return seat.accepted and seat.accepted.attestation


def signer_of(trio, known, signature, attestation):
    set_id = trio.typed.set_id(trio.terms.oracle_set)
    return trio.typed.attestation_signer(attestation, known.id, set_id, signature)


def test_an_honest_attestation_is_signed(trio):
    known, manifest = published(trio)
    signer, signature = ask(trio, known, manifest)
    assert signer == trio.contexts[1].attester.address
    assert signer_of(trio, known, signature, known.attestation) == signer


def content(trio, manifest, data):
    """A file that the leader withholds for the manifest's generation."""
    cid = trio.contexts[0].withheld.put(manifest.generation, data)
    return Content(cid, hashlib.sha256(data).hexdigest())


def withheld(trio, manifest, cid):
    return trio.contexts[0].withheld.fetch(manifest.generation, cid)


def with_entries(manifest, vector):
    vectors = {**manifest.vectors, "realised": vector}
    return replace(manifest, vectors=vectors, entries=encode_entries(vector))


def shift_source(manifest, **changes):
    first, *others = manifest.references
    return replace(manifest, references=(replace(first, **changes), *others))


LIES = {
    "chain": (lambda t, m: replace(m, chain_id=1), "chain.id"),
    "ledger": (lambda t, m: replace(m, ledger=NODE), "chain.ledger"),
    "generation": (lambda t, m: replace(m, generation="0x" + "00" * 32), "generation"),
    "order": (lambda t, m: replace(m, order=replace(m.order, max_price=2**200)), "manifest.order"),
    "signature": (lambda t, m: replace(m, order_signature="0x" + "01" * 65), "order_signature"),
    "block hash": (
        lambda t, m: replace(m, block=replace(m.block, hash="0x" + "00" * 32)), "manifest.block"),
    "block time": (
        lambda t, m: replace(m, block=replace(m.block, timestamp=m.block.timestamp - 1)),
        "manifest.block"),
    "older block": (
        lambda t, m: replace(m, block=replace(t.ledger.blocks[1], number=2)), "manifest.block"),
    "before registration": (lambda t, m: replace(m, block=t.ledger.blocks[1]), "unknown"),
    "price": (lambda t, m: replace(m, price=m.price + 1), "manifest.price"),
    "lower price": (lambda t, m: replace(m, price=m.price - 1), "manifest.price"),
    "node fee": (lambda t, m: replace(m, node_fee=m.node_fee + 1), "node_fee"),
    "node": (lambda t, m: replace(m, node=t.payer.address), "manifest.node"),
    "set": (
        lambda t, m: replace(m, oracle_set=replace(m.oracle_set, threshold=1)), "manifest.set"),
    "weights": (lambda t, m: with_entries(m, {1: 999_999, 2: 1}), "vectors.realised"),
    "someone else's weight": (lambda t, m: with_entries(m, {3: 1_000_000}), "vectors.realised"),
    "declared": (
        lambda t, m: replace(m, vectors={**m.vectors, "declared": {1: 1_000_000}}),
        "vectors.declared"),
    "engine version": (lambda t, m: replace(m, engine=("mosaic", "1")), "manifest.engine"),
    "source audio": (lambda t, m: shift_source(m, audio="0" * 64), "manifest.references"),
    "source metadata": (
        lambda t, m: shift_source(m, metadata="0x" + "00" * 32), "manifest.references"),
    "audio hash": (
        lambda t, m: replace(m, audio=replace(m.audio, sha256="0" * 64)), "manifest.audio.sha256"),
    "audio file": (
        lambda t, m: replace(m, audio=replace(m.audio, cid=m.trace.cid)), "manifest.audio.sha256"),
    "frames": (lambda t, m: replace(m, frames=m.frames + 1), "manifest.audio.frames"),
    "samples": (lambda t, m: replace(m, samples="0" * 64), "manifest.audio.samples"),
    "trace hash": (
        lambda t, m: replace(m, trace=replace(m.trace, sha256="0" * 64)), "manifest.trace.sha256"),
}  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_is_refused_with_its_field(trio, lie):
    known, manifest = published(trio)
    spoil, field = LIES[lie]
    with pytest.raises(RefrainError) as caught:
        ask(trio, known, spoil(trio, manifest))
    assert field in str(caught.value)
    assert accepted_at(trio, known) is None


def swap_audio(trio, manifest, change):
    """Replaces the track by another one of the same length."""
    pcm = bytearray(read_wave(withheld(trio, manifest, manifest.audio.cid)).pcm)
    change(pcm)
    data = wave_of(bytes(pcm))
    samples = read_wave(data).samples_digest()
    return replace(manifest, audio=content(trio, manifest, data), samples=samples)


def add(offset, step):
    def change(pcm):
        value = int.from_bytes(pcm[offset : offset + 2], "little", signed=True)
        value += step if value < 0 else -step
        pcm[offset : offset + 2] = value.to_bytes(2, "little", signed=True)

    return change


@pytest.mark.parametrize("offset", [0, 300_000, 5 * 44_100 * 4 - 2])
def test_a_track_that_does_not_follow_from_the_trace_is_refused(trio, offset):
    known, manifest = published(trio)
    with pytest.raises(RefrainError, match="audio"):
        ask(trio, known, swap_audio(trio, manifest, add(offset, 2)))


def test_a_difference_of_one_step_is_accepted(trio):
    known, manifest = published(trio)
    signer, _ = ask(trio, known, swap_audio(trio, manifest, add(300_000, 1)))
    assert signer == trio.contexts[1].attester.address


def test_a_node_that_lies_does_not_check_its_own_track_under_another_nodes_name(trio):
    """The leader names the honest node's payee, so that the lying node is the one that checks."""
    known, manifest = published(trio)
    forged = replace(swap_audio(trio, manifest, add(0, 9)), node=trio.nodes[1].payee())
    trio.nodes[0].spoil = {"check": withheld(trio, forged, forged.audio.cid)}
    with pytest.raises(Inconsistent, match="audio"):
        ask(trio, known, forged)


@pytest.mark.parametrize("index, count", [(0, 1), (1, 2)])
def test_an_oracle_that_had_the_track_made_asks_one_node_and_another_one_two(trio, index, count):
    asked = []
    nodes = [Asked(node, asked) for node in trio.nodes]
    trio.contexts[index] = replace(trio.contexts[index], nodes=nodes)
    known, _ = published(trio)  # the leader, oracle 0, has signed it
    attest(trio.contexts[index], known.proposed())
    assert asked == ["node-b", "node-a"][:count]


class Asked:
    """A node that notes who was asked for a check."""

    def __init__(self, node, asked):
        self._node, self._asked = node, asked

    def __getattr__(self, name):
        if name == "check":
            self._asked.append(self._node.url)
        return getattr(self._node, name)


def test_the_attestation_must_follow_from_the_manifest(trio):
    known, _ = published(trio)
    changes = [
        {"price": 1}, {"node": NODE}, {"node_fee": 0}, {"generated_at": 5},
        {"entries": encode_entries({1: 1_000_000})},
    ]  # fmt: skip
    for change in changes:
        spoiled = replace(known.attestation, **change)
        with pytest.raises(RefrainError, match="attestation"):
            attest(trio.contexts[1], propose(known, spoiled))


def test_an_order_by_another_key_is_refused(trio):
    known, manifest = published(trio)
    other = "0x" + key("thief").sign(trio.typed.order_digest(known.order)).hex()
    attestation = pinned(trio, replace(manifest, order_signature=other))
    with pytest.raises(RefrainError, match="order_signature"):
        attest(trio.contexts[1], propose(replace(known, order_signature=other), attestation))


def test_an_oracle_never_signs_two_attestations_under_one_ballot(trio):
    known, manifest = published(trio)
    first = ask(trio, known, manifest)
    # An honest attestation of a later block: its only fault is that it is the second one.
    second = replace(manifest, block=trio.ledger.mine())
    with pytest.raises(Conflict, match="another signed attestation under this ballot"):
        ask(trio, known, second)
    assert ask(trio, known, manifest) == first
    assert accepted_at(trio, known) == known.attestation


def test_only_a_higher_ballot_replaces_a_signed_attestation(trio):
    known, manifest = published(trio)
    first = ask(trio, known, manifest, ballot=Ballot(2, 0))
    second = replace(manifest, block=trio.ledger.mine())
    for lower in (Ballot(1, 0), Ballot(1, 2)):
        with pytest.raises(Conflict, match="below the promised ballot"):
            ask(trio, known, second, ballot=lower)
    assert ask(trio, known, manifest, ballot=Ballot(2, 0)) == first
    assert ask(trio, known, second, ballot=Ballot(2, 1)) != first
    assert accepted_at(trio, known) == pinned(trio, second)
    with pytest.raises(Conflict, match="below the promised ballot"):
        ask(trio, known, manifest, ballot=Ballot(2, 0))


def test_nothing_is_signed_under_a_round_that_oracles_cannot_have_come_to(trio):
    known, manifest = published(trio)
    with pytest.raises(InvalidInput, match="too far ahead"):
        ask(trio, known, manifest, ballot=Ballot(2**32, 0))
    assert accepted_at(trio, known) is None


def test_an_order_without_a_reservation_is_not_signed(trio):
    known, _ = published(trio)
    other, signature = trio.order(request(), nonce=5)
    proposed = Proposed(Attested(other, signature, known.attestation), known.ballot)
    with pytest.raises(Conflict, match="is not reserved"):
        attest(trio.contexts[1], proposed)


def test_the_oracle_commits_before_it_signs(trio):
    known, _ = published(trio)

    class NoPen:
        address = trio.contexts[1].attester.address

        def sign(self, *_):
            raise Unavailable("the key does not answer")

    context = replace(trio.contexts[1], attester=NoPen())
    with pytest.raises(Unavailable, match="the key does not answer"):
        attest(context, known.proposed())
    seat = trio.reopened(1).store.seat(known.order.payer, known.order.nonce)
    assert seat.accepted.attestation == known.attestation


def test_an_oracle_that_signed_holds_its_own_copies(trio):
    known, manifest = published(trio)
    own = trio.contexts[1].withheld
    files = (manifest.audio.cid, manifest.trace.cid)
    assert not any(own.holds(known.id, cid) for cid in files)
    ask(trio, known, manifest)
    for cid in files:
        assert own.fetch(known.id, cid) == withheld(trio, manifest, cid)
        assert not trio.pinner.pinned(cid)


def test_a_second_request_is_answered_without_another_check(trio):
    known, manifest = published(trio)
    first = ask(trio, known, manifest)
    for node in trio.nodes:
        node.fault = Unavailable("asleep")
    assert ask(trio, known, manifest) == first


def test_a_block_that_is_not_closed_yet_is_unavailable(trio):
    known, manifest = published(trio)
    later = Block(len(trio.ledger.blocks), "0x" + "00" * 32, manifest.block.timestamp + 12)
    with pytest.raises(Unavailable, match="not closed"):
        ask(trio, known, replace(manifest, block=later))


def test_an_old_block_is_refused(trio):
    known, manifest = published(trio)
    trio.ledger.mine(seconds=901)
    with pytest.raises(RefrainError, match="seconds old"):
        ask(trio, known, manifest)


def test_a_block_after_the_deadline_is_refused(trio):
    known, manifest = published(trio)
    late = trio.ledger.mine(seconds=3_700)
    with pytest.raises(RefrainError, match="deadline"):
        ask(trio, known, replace(manifest, block=late))


def test_consent_is_checked_at_the_block(trio):
    known, manifest = published(trio)
    trio.ledger.revoke(2)
    with pytest.raises(RefrainError, match="revoked"):
        ask(trio, known, replace(manifest, block=trio.ledger.blocks[-1]))
    assert ask(trio, known, manifest)


def test_a_price_below_a_floor_is_refused(trio):
    trio.ledger.amend(1, floors=(0, 10_000, 0, 0))
    known, manifest = published(trio)
    trio.ledger.amend(1, floors=(0, 40_000, 0, 0))
    # A floor that an owner sets later applies to later blocks.
    assert ask(trio, known, manifest)
    late = replace(manifest, block=trio.ledger.blocks[-1])
    with pytest.raises(RefrainError, match=r"manifest\.price: should be 224718"):
        ask(trio, known, late, index=2)


def test_a_share_above_the_cap_is_refused(trio):
    trio.ledger.register(recording(2, max_share=5_600))
    for node in trio.nodes:
        node.spoil["trace"] = laid(2, 2, 2, 1, 1)
    asked = request(rule="realised")
    order, signature = trio.order(asked)
    loose = trio.contexts[0]
    generation = take(loose, ordered(asked, order, signature)).id
    pipeline = Pipeline(loose)
    while (known := pipeline.advance(generation)).stage != Stage.GENERATED:
        pass
    # A leader that skips this check publishes the manifest, and accepts it itself.
    manifest = manifest_of(loose.ledger, loose.withheld, loose.terms, known, known.block)
    made = pinned(trio, manifest)
    loose.store.change_seat(
        order.payer, order.nonce, lambda seat: accepting(seat, generation, known.ballot, made)
    )
    with pytest.raises(RefrainError, match="share"):
        ask(trio, known, manifest)


@pytest.mark.parametrize(
    "terms",
    [
        SetTerms(False, 100, 2_000, 2**32, 10**9),
        SetTerms(True, 100, 2_000, 5, 10**9),
        SetTerms(True, 100, 999, 2**32, 10**9),
    ],
)
def test_a_set_that_cannot_settle_does_not_sign(trio, terms):
    known, manifest = published(trio)
    trio.ledger.sets[trio.terms.oracle_set] = terms
    with pytest.raises(RefrainError, match=r"manifest\.(set|node_fee)"):
        ask(trio, known, manifest)


def test_an_attestation_without_its_manifest_is_not_signed(trio):
    known, _ = published(trio)
    del trio.pinner.files[known.manifest]
    with pytest.raises(NotFound):
        attest(trio.contexts[1], known.proposed())


@pytest.mark.parametrize("part", ["audio", "trace"])
def test_an_attestation_whose_files_no_oracle_sends_is_not_signed(trio, part):
    known, _ = published(trio)
    del trio.contexts[0].withheld.files[known.id][getattr(known, part)]
    with pytest.raises(Unavailable, match="no other oracle sends"):
        attest(trio.contexts[1], known.proposed())
    assert accepted_at(trio, known) is None


def test_a_pinner_that_returns_another_manifest_is_refused(trio):
    known, manifest = published(trio)
    # All signed fields are equal, so only the hash of the manifest differs.
    fewer = {rule: v for rule, v in manifest.vectors.items() if rule != "shapley"}
    trio.pinner.files[known.manifest] = to_bytes(replace(manifest, vectors=fewer))
    with pytest.raises(WrongBytes):
        attest(trio.contexts[1], known.proposed())
    assert cid_of(trio.pinner.files[known.manifest]) != known.manifest


def test_a_reference_without_frames_in_the_track_must_permit_the_use_too(trio):
    for node in trio.nodes:
        node.spoil["trace"] = laid(*[1] * 5)
    known, manifest = published(trio)
    assert 2 not in manifest.vectors["realised"]
    trio.ledger.revoke(2)
    with pytest.raises(RefrainError, match="revoked"):
        ask(trio, known, replace(manifest, block=trio.ledger.blocks[-1]))


def with_trace(trio, manifest, **changes):
    """The manifest with another trace and the vectors of that trace."""
    first = canonical.loads(withheld(trio, manifest, manifest.trace.cid))
    trace = {**first, **changes}
    vector = vector_of(trace, "realised")
    other = content(trio, manifest, canonical.dumps(trace))
    return replace(with_entries(manifest, vector), trace=other)


TRACES = {
    "another file": (
        {"references": [
            {"recording": n, "audio": "f" * 64, "record": "0" * 64, "shift": 0} for n in (1, 2)
        ]}, "registered file"),
    "another length": ({"frames": 5 * 44_100 + 1}, "trace.frames"),
    "another seed": ({"seed": "5"}, "trace.seed"),
    "other edits": (laid(*[1] * 5), "composing"),
    "other draws": ({"draws": [1] * 10}, "trace.edits"),
    "other frames": ({"frames_drawn": [22_050] * 9 + [22_049]}, "trace.frames_drawn"),
}  # fmt: skip


@pytest.mark.parametrize("case", TRACES)
def test_a_trace_of_another_generation_is_refused(trio, case):
    known, manifest = published(trio)
    changes, reason = TRACES[case]
    with pytest.raises(RefrainError, match=reason):
        ask(trio, known, with_trace(trio, manifest, **changes))


def ordered_anew(trio, asked, **changes):
    """Asks the second oracle to attest the same track for another order of the payer.

    The seat is written directly, because an oracle that checks orders would not have reserved it.
    """
    known, manifest = published(trio)
    order, signature = trio.order(asked, nonce=1, **changes)
    generation = trio.typed.order_hash(order)
    seat = Seat(generation, Ballot(1, 0), NOW, NOW + 30)
    trio.contexts[1].store.change_seat(order.payer, order.nonce, lambda _: seat)
    made = replace(
        manifest, request=asked, order=order, order_signature=signature, generation=generation
    )
    first = canonical.loads(withheld(trio, manifest, manifest.trace.cid))
    trio.contexts[0].withheld.put(generation, canonical.dumps(first))
    seeded = with_trace(trio, made, seed=str(seed_of(generation)))
    entries = encode_entries(seeded.vectors[asked.rule])
    attestation = pinned(trio, replace(seeded, entries=entries))
    proposed = Proposed(Attested(order, signature, attestation), known.ballot)
    return attest(trio.contexts[1], proposed)


def test_a_price_above_max_price_is_refused(trio):
    with pytest.raises(RefrainError, match="maxPrice"):
        ordered_anew(trio, request(), max_price=199_999)


def test_a_rule_that_is_not_payable_is_refused(trio):
    with pytest.raises(RefrainError, match="rule"):
        ordered_anew(trio, request(rule="shapley"), rule=4)
