"""What one lying oracle of three attempts at orders that honest oracles lead."""

import hashlib
import time
from dataclasses import replace

import pytest

from oracle.domain import canonical
from oracle.domain.attestation import Attestation, Attested
from oracle.domain.audio import read_wave
from oracle.domain.cid import cid_of, decode
from oracle.domain.errors import Inconsistent, Unavailable
from oracle.domain.generation import Stage
from oracle.domain.manifest import Content, to_bytes
from oracle.domain.manifest_reader import parse_manifest
from oracle.domain.proposal import Answer, Proposed
from oracle.domain.reservation import Accepted, Ballot, Reservation
from oracle.orders.acceptance import take
from oracle.pipeline.runner import Pipeline
from oracle.quorum.attestations import attest
from oracle.quorum.leading import kept, leads
from oracle.quorum.reservations import grant
from tests.support.fakes import FakePinner, render
from tests.support.samples import manifest, ordered, request
from tests.support.trio import make_trio

LIAR = 2
"""Its place in the set; oracles 0 and 1 are honest."""


@pytest.fixture
def trio(tmp_path):
    return make_trio(tmp_path)


@pytest.fixture
def name(trio):
    """An order that an app placed at oracle 0."""
    return take(trio.contexts[0], ordered(request(), *trio.order(request()))).id


def lie(trio, answer):
    """The liar answers each request for a reservation so, after the honest oracles."""
    for peers in trio.peers.values():
        for peer in peers:
            if peer.url == f"oracle-{LIAR}":
                peer.reserve = lambda sent, ballot: time.sleep(0.1) or answer(sent, ballot)


def silence(trio, index, fault):
    for peers in trio.peers.values():
        for peer in peers:
            if peer.url == f"oracle-{index}":
                peer.fault = fault


def advance(trio, name, steps=30):
    pipeline = Pipeline(trio.contexts[0])
    for _ in range(steps):
        if pipeline.advance(name).ended:
            break
        trio.clock.sleep(1)
    return trio.contexts[0].store.load(name)


@pytest.mark.parametrize("victim", [0, 1])
def test_a_claim_in_another_oracles_name_hides_no_reservation(trio, name, victim):
    signer = trio.contexts[victim].attester.address
    lie(trio, lambda _, ballot: Answer(signer, Ballot(ballot.round + 1, LIAR), 10**11))
    assert advance(trio, name).stage is Stage.SETTLED


@pytest.mark.parametrize("until", [0, 1, -1])
def test_a_reservation_that_is_over_at_once_ends_no_lease(trio, name, until):
    def grant(sent, ballot):
        attester, order = trio.contexts[LIAR].attester, sent.order
        end = until if until >= 0 else trio.clock.now()
        made = Reservation(name, order.payer, order.nonce, ballot, end)
        signature = attester.sign_reservation(made, trio.contexts[LIAR].set_id)
        return Answer(attester.address, ballot, end, signature)

    lie(trio, grant)
    context = trio.contexts[0]
    led = kept(context, context.store.load(name))
    assert led.until == trio.clock.now() + trio.terms.lease
    assert len(led.reservations) >= trio.terms.oracle_set.threshold
    assert all(each.until >= led.until for each in led.reservations.values())
    assert leads(context, led)
    assert advance(trio, name).stage is Stage.SETTLED


@pytest.mark.parametrize("signer", [1, LIAR])
def test_an_end_that_one_oracle_makes_up_ends_no_order(trio, name, signer):
    address = trio.contexts[signer].attester.address
    far = trio.clock.now()
    lie(trio, lambda *_: Answer(address, Ballot(far, signer), 0, ended="failed"))
    silence(trio, 1, Unavailable("is slow"))
    assert advance(trio, name, steps=3).stage is Stage.ORDERED
    silence(trio, 1, None)
    assert advance(trio, name).stage is Stage.SETTLED


def forged(trio, name, text):
    """An attestation of a pinned text that is not what an honest oracle signs."""
    digest = decode(trio.pinner.pin(text))[1]
    return replace(manifest().attestation(digest), generated_at=trio.clock.now())


def claim(trio, name, made: Attestation):
    """The liar says that it signed this, while the other honest oracle is slow."""

    def answer(sent, ballot):
        attester, above = trio.contexts[LIAR].attester, Ballot(trio.clock.now(), LIAR)
        vote = attester.sign(made, name, trio.contexts[LIAR].set_id)
        return Answer(attester.address, above, 0, accepted=Accepted(above, made), vote=vote)

    def grant(sent, ballot):
        attester, order, end = trio.contexts[LIAR].attester, sent.order, trio.clock.now() + 30
        promise = Reservation(name, order.payer, order.nonce, ballot, end)
        signature = attester.sign_reservation(promise, trio.contexts[LIAR].set_id)
        return replace(answer(sent, ballot), ballot=ballot, until=end, signature=signature)

    lie(trio, grant)
    silence(trio, 1, Unavailable("is slow"))


@pytest.mark.parametrize("text", [b"no manifest", b"{}"])
def test_a_made_up_attestation_without_a_manifest_ends_no_order(trio, name, text):
    claim(trio, name, forged(trio, name, text))
    assert not advance(trio, name, steps=5).ended
    silence(trio, 1, None)
    assert advance(trio, name).stage is Stage.SETTLED


def honest_run(folder):
    """The manifest, the audio and the trace that honest oracles make of the same order."""
    folder.mkdir()
    other = make_trio(folder)
    name = take(other.contexts[0], ordered(request(), *other.order(request()))).id
    pipeline = Pipeline(other.contexts[0])
    while pipeline.advance(name).stage is not Stage.PUBLISHED:
        pass
    files = other.contexts[0].withheld.files[name]
    made = parse_manifest(other.pinner.files[other.contexts[0].store.load(name).manifest])
    return made, files[made.audio.cid], files[made.trace.cid]


def test_a_made_up_attestation_with_a_false_manifest_holds_no_order(trio, name, tmp_path):
    made = replace(honest_run(tmp_path / "other")[0], node=trio.contexts[LIAR].attester.address)
    cid = trio.pinner.pin(to_bytes(made))
    claim(trio, name, replace(made.attestation(decode(cid)[1]), generated_at=trio.clock.now()))
    known = advance(trio, name, steps=5)
    assert (known.stage, known.manifest, known.adopted) == (Stage.PUBLISHED, cid, True)
    silence(trio, 1, None)
    trio.clock.sleep(trio.terms.lease)
    assert advance(trio, name).stage is Stage.SETTLED
    assert trio.ledger.settled[name].manifest != decode(cid)[1]


def proposed(trio, sent, made, sound, ballot):
    """The liar's proposal of a sound that is not of the trace."""
    content = Content(cid_of(sound), hashlib.sha256(sound).hexdigest())
    text = to_bytes(replace(made, audio=content, samples=read_wave(sound).samples_digest()))
    attestation = made.attestation(decode(trio.pinner.pin(text))[1])
    return Proposed(Attested(sent.order, sent.signature, attestation), ballot)


def test_proposals_that_are_refused_leave_nothing_on_the_disk(trio, name, tmp_path):
    """The liar leads, and proposes one file after another as the track."""
    made, _, trace = honest_run(tmp_path / "other")
    honest, sent = trio.contexts[0], trio.contexts[0].store.load(name).ordered()
    liar, shared = trio.peers[0][LIAR - 1], FakePinner()
    shared.pin(trace)
    liar.blocks = shared.block
    for number in (1, 2, 3):
        ballot = Ballot(number, LIAR)
        sound = render({**canonical.loads(trace), "seed": str(number)})
        shared.pin(sound)
        assert grant(honest, sent, ballot).grants
        with pytest.raises(Inconsistent, match="audio: is not what the trace renders to"):
            attest(honest, proposed(trio, sent, made, sound, ballot))
    assert len(set(liar.served)) >= 4
    assert honest.withheld.generations() == {}
