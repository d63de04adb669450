"""Before an oracle signs: a leader that lies in any one field gets no signature."""

import hashlib
from dataclasses import replace

import pytest

from oracle.attesting import attest
from oracle.domain import canonical
from oracle.domain.attribution import encode_entries, vector_of
from oracle.domain.audio import read_wave
from oracle.domain.block import Block
from oracle.domain.cid import cid_of, decode
from oracle.domain.errors import Conflict, NotFound, RefrainError, Unavailable, WrongBytes
from oracle.domain.generation import Stage, seed_of
from oracle.domain.manifest import Content, to_bytes
from oracle.domain.manifest_reader import parse_manifest
from oracle.ordering import take
from oracle.pipeline import Pipeline
from oracle.ports import SetTerms
from oracle.publishing import manifest_of
from tests.samples import NODE, laid, recording, request, wave_of
from tests.trio import key, make_trio


@pytest.fixture
def trio(tmp_path):
    return make_trio(tmp_path)


def published(trio):
    """A generation whose manifest is pinned and that nobody has signed, and that manifest."""
    asked = request()
    order, signature = trio.order(asked)
    world = trio.worlds[0]
    generation = take(world, asked, order, signature, "key", "body").id
    pipeline = Pipeline(world)
    while (known := world.store.load(generation)).stage != Stage.PUBLISHED:
        pipeline.advance(generation)
    return known, parse_manifest(trio.pinner.fetch(known.manifest))


def ask(trio, known, manifest):
    """Pins another manifest and asks the second oracle to sign it."""
    digest = decode(trio.pinner.pin(to_bytes(manifest)))[1]
    return attest(trio.worlds[1], known.order, known.order_signature, manifest.attestation(digest))


def ask_another(trio, manifest):
    """The same of the third oracle, which has not signed anything."""
    digest = decode(trio.pinner.pin(to_bytes(manifest)))[1]
    signature = manifest.order_signature
    return attest(trio.worlds[2], manifest.order, signature, manifest.attestation(digest))


def signer_of(trio, known, signature, attestation):
    set_id = trio.typed.set_id(trio.terms.oracle_set)
    return trio.typed.attestation_signer(attestation, known.id, set_id, signature)


def test_an_honest_attestation_is_signed(trio):
    known, manifest = published(trio)
    signer, signature = ask(trio, known, manifest)
    assert signer == trio.worlds[1].attester.address
    assert signer_of(trio, known, signature, known.attestation) == signer


def content(trio, data):
    return Content(trio.pinner.pin(data), hashlib.sha256(data).hexdigest())


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
    "engine version": (lambda t, m: replace(m, engine=("mosaic", "2")), "manifest.engine"),
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
def test_a_lie_is_found_and_named(trio, lie):
    known, manifest = published(trio)
    spoil, field = LIES[lie]
    with pytest.raises(RefrainError) as caught:
        ask(trio, known, spoil(trio, manifest))
    assert field in str(caught.value)
    assert trio.worlds[1].store.bound(known.id) is None


def swap_audio(trio, manifest, change):
    """Another track of the same length in the place of the one that was made."""
    pcm = bytearray(read_wave(trio.pinner.fetch(manifest.audio.cid)).pcm)
    change(pcm)
    data = wave_of(bytes(pcm))
    samples = read_wave(data).samples_digest()
    return replace(manifest, audio=content(trio, data), samples=samples)


def add(offset, step):
    def change(pcm):
        value = int.from_bytes(pcm[offset : offset + 2], "little", signed=True)
        value += step if value < 0 else -step
        pcm[offset : offset + 2] = value.to_bytes(2, "little", signed=True)

    return change


@pytest.mark.parametrize("offset", [0, 300_000, 5 * 44_100 * 4 - 2])
def test_a_track_that_is_not_the_traces_is_found(trio, offset):
    known, manifest = published(trio)
    with pytest.raises(RefrainError, match="replay"):
        ask(trio, known, swap_audio(trio, manifest, add(offset, 2)))


def test_rounding_by_one_step_is_another_processor_and_no_lie(trio):
    known, manifest = published(trio)
    signer, _ = ask(trio, known, swap_audio(trio, manifest, add(300_000, 1)))
    assert signer == trio.worlds[1].attester.address


def test_the_attestation_must_be_the_manifests(trio):
    known, _ = published(trio)
    changes = [
        {"price": 1}, {"node": NODE}, {"node_fee": 0}, {"generated_at": 5},
        {"entries": encode_entries({1: 1_000_000})},
    ]  # fmt: skip
    for change in changes:
        spoiled = replace(known.attestation, **change)
        with pytest.raises(RefrainError, match="attestation"):
            attest(trio.worlds[1], known.order, known.order_signature, spoiled)


def test_an_order_by_another_key_is_refused(trio):
    known, manifest = published(trio)
    other = "0x" + key("thief").sign(trio.typed.order_digest(known.order)).hex()
    spoiled = replace(manifest, order_signature=other)
    digest = decode(trio.pinner.pin(to_bytes(spoiled)))[1]
    with pytest.raises(RefrainError, match="order_signature"):
        attest(trio.worlds[1], known.order, other, spoiled.attestation(digest))


def test_an_oracle_never_signs_two_attestations_of_an_order(trio):
    known, manifest = published(trio)
    first = ask(trio, known, manifest)
    # An honest one of a later block: nothing is wrong with it but that it is the second.
    second = replace(manifest, block=trio.ledger.mine())
    with pytest.raises(Conflict):
        ask(trio, known, second)
    assert ask(trio, known, manifest) == first


def test_it_is_committed_before_it_signs(trio):
    known, _ = published(trio)

    class NoPen:
        address = trio.worlds[1].attester.address

        def sign(self, *_):
            raise Unavailable("the key does not answer")

    world = replace(trio.worlds[1], attester=NoPen())
    with pytest.raises(Unavailable):
        attest(world, known.order, known.order_signature, known.attestation)
    assert trio.reopened(1).store.bound(known.id) == known.attestation


def test_asked_again_it_answers_without_rendering_again(trio):
    known, manifest = published(trio)
    first = ask(trio, known, manifest)
    for node in trio.nodes:
        node.fault = Unavailable("asleep")
    assert ask(trio, known, manifest) == first


def test_a_block_that_is_not_closed_here_yet_is_waited_for(trio):
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


def test_consent_is_that_of_the_block(trio):
    known, manifest = published(trio)
    trio.ledger.revoke(2)
    with pytest.raises(RefrainError, match="revoked"):
        ask(trio, known, replace(manifest, block=trio.ledger.blocks[-1]))
    assert ask(trio, known, manifest)


def test_a_price_below_a_floor_is_refused(trio):
    trio.ledger.amend(1, floors=(0, 10_000, 0, 0))
    known, manifest = published(trio)
    trio.ledger.amend(1, floors=(0, 40_000, 0, 0))
    # What an owner asks for later concerns later blocks.
    assert ask(trio, known, manifest)
    late = replace(manifest, block=trio.ledger.blocks[-1])
    with pytest.raises(RefrainError, match=r"manifest\.price: should be 224718"):
        ask_another(trio, late)


def test_a_share_above_the_cap_is_refused(trio):
    trio.ledger.register(recording(2, max_share=5_600))
    for node in trio.nodes:
        node.spoil["trace"] = laid(2, 2, 2, 1, 1)
    asked = request(rule="realised")
    order, signature = trio.order(asked)
    loose = trio.worlds[0]
    generation = take(loose, asked, order, signature, "key", "body").id
    pipeline = Pipeline(loose)
    for _ in range(2):
        pipeline.advance(generation)
    known = loose.store.load(generation)
    # A leader that looks the other way publishes it all the same.
    manifest = manifest_of(loose, known, known.block)
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
def test_a_set_that_could_not_settle_it_does_not_sign(trio, terms):
    known, manifest = published(trio)
    trio.ledger.sets[trio.typed.set_id(trio.terms.oracle_set)] = terms
    with pytest.raises(RefrainError, match=r"manifest\.(set|node_fee)"):
        ask(trio, known, manifest)


@pytest.mark.parametrize("part", ["manifest", "audio", "trace"])
def test_what_is_not_pinned_is_not_signed(trio, part):
    known, _ = published(trio)
    del trio.pinner.files[getattr(known, part)]
    with pytest.raises(NotFound):
        attest(trio.worlds[1], known.order, known.order_signature, known.attestation)


def test_a_pinner_that_gives_another_manifest_is_found(trio):
    known, manifest = published(trio)
    # It says the same of all that is signed, so only its own hash tells.
    fewer = {rule: v for rule, v in manifest.vectors.items() if rule != "audible"}
    trio.pinner.files[known.manifest] = to_bytes(replace(manifest, vectors=fewer))
    with pytest.raises(WrongBytes):
        attest(trio.worlds[1], known.order, known.order_signature, known.attestation)
    assert cid_of(trio.pinner.files[known.manifest]) != known.manifest


def test_a_recording_that_conditioned_but_was_not_drawn_must_permit_it_too(trio):
    for node in trio.nodes:
        node.spoil["trace"] = laid(*[1] * 5)
    known, manifest = published(trio)
    assert 2 not in manifest.vectors["realised"]
    trio.ledger.revoke(2)
    with pytest.raises(RefrainError, match="revoked"):
        ask(trio, known, replace(manifest, block=trio.ledger.blocks[-1]))


def with_trace(trio, manifest, **changes):
    """The manifest with another trace, and with the vectors that follow from it."""
    trace = {**canonical.loads(trio.pinner.fetch(manifest.trace.cid)), **changes}
    pinned = content(trio, canonical.dumps(trace))
    vector = vector_of(trace, "realised")
    return replace(with_entries(manifest, vector), trace=pinned)


TRACES = {
    "another file": (
        {"references": [
            {"recording": n, "audio": "f" * 64, "record": "0" * 64, "shift": 0} for n in (1, 2)
        ]}, "registered file"),
    "another length": ({"frames": 5 * 44_100 + 1}, "trace.frames"),
    "another seed": ({"seed": "5"}, "trace.seed"),
    "other edits": (laid(*[1] * 5), "replay"),
    "other draws": ({"draws": [1] * 10}, "trace.edits"),
    "other frames": ({"frames_drawn": [22_050] * 9 + [22_049]}, "trace.frames_drawn"),
}  # fmt: skip


@pytest.mark.parametrize("case", TRACES)
def test_a_trace_of_something_else_is_found(trio, case):
    known, manifest = published(trio)
    changes, reason = TRACES[case]
    with pytest.raises(RefrainError, match=reason):
        ask(trio, known, with_trace(trio, manifest, **changes))


def ordered_anew(trio, manifest, asked, **changes):
    """A manifest of another order that the payer did sign; asks the second oracle to attest it."""
    order, signature = trio.order(asked, **changes)
    generation = trio.typed.order_hash(order)
    made = replace(
        manifest, request=asked, order=order, order_signature=signature, generation=generation
    )
    seeded = with_trace(trio, made, seed=str(seed_of(generation)))
    entries = encode_entries(seeded.vectors[asked.rule])
    digest = decode(trio.pinner.pin(to_bytes(replace(seeded, entries=entries))))[1]
    attestation = replace(seeded, entries=entries).attestation(digest)
    return attest(trio.worlds[1], order, signature, attestation)


def test_a_price_above_what_the_payer_accepts_is_refused(trio):
    _, manifest = published(trio)
    with pytest.raises(RefrainError, match="maxPrice"):
        ordered_anew(trio, manifest, request(), max_price=199_999)


def test_a_vector_that_nobody_can_recompute_is_not_paid_by(trio):
    _, manifest = published(trio)
    with pytest.raises(RefrainError, match="rule"):
        ordered_anew(trio, manifest, request(rule="audible"), rule=2)
