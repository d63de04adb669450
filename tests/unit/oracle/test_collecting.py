"""Collecting signatures: enough oracles, each counted once and only for its own signature."""

import pytest

from oracle.adapters.signing.attester import KeyAttester
from oracle.domain.errors import Conflict, Inconsistent, Refused, Unavailable
from oracle.domain.generation import Stage
from oracle.orders.acceptance import take
from oracle.pipeline.runner import Pipeline
from oracle.quorum.collecting import collect
from oracle.quorum.proposals import SingleAttestation
from tests.support.samples import ordered, request
from tests.support.trio import key, make_trio


@pytest.fixture
def trio(tmp_path):
    return make_trio(tmp_path)


@pytest.fixture
def known(trio):
    asked = request()
    order, signature = trio.order(asked)
    context = trio.contexts[0]
    generation = take(context, ordered(asked, order, signature)).id
    while context.store.load(generation).stage != Stage.PUBLISHED:
        Pipeline(context).advance(generation)
    return context.store.load(generation)


def collected(trio, known):
    return collect(trio.contexts[0], SingleAttestation(known.proposed()))


def test_exactly_the_threshold_is_collected_in_ascending_order(trio, known):
    signers = list(collected(trio, known))
    assert len(signers) == 2
    assert signers == sorted(signers, key=lambda address: int(address, 16))
    assert trio.contexts[0].attester.address in signers


@pytest.mark.parametrize("down", [0, 1])
def test_a_peer_that_is_down_does_not_stop_the_quorum(trio, known, down):
    trio.peers[0][down].fault = Unavailable("down")
    assert len(collected(trio, known)) == 2


def test_a_peer_that_refuses_does_not_stop_the_quorum(trio, known):
    trio.peers[0][0].fault = Refused("no")
    assert len(collected(trio, known)) == 2


@pytest.mark.parametrize(
    ("faults", "expected"),
    [
        ((Unavailable("a"), Unavailable("b")), Unavailable),
        ((Unavailable("a"), Refused("b")), Unavailable),
        ((Conflict("a"), Inconsistent("b")), Unavailable),
        ((Inconsistent("a"), Refused("b")), Inconsistent),
    ],
)
def test_too_few_signatures_are_unavailable_while_others_may_sign(trio, known, faults, expected):
    for peer, fault in zip(trio.peers[0], faults, strict=True):
        peer.fault = fault
    with pytest.raises(expected, match="1 of 2") as caught:
        collected(trio, known)
    assert "oracle-1" in str(caught.value) and "oracle-2" in str(caught.value)


def forge(trio, known, secret):
    pen = KeyAttester(secret, trio.typed)
    set_id = trio.typed.set_id(trio.terms.oracle_set)
    return pen.address, pen.sign(known.attestation, known.id, set_id)


def test_a_signature_from_outside_the_set_does_not_count(trio, known):
    for peer in trio.peers[0]:
        peer.spoil = forge(trio, known, key("stranger"))
    with pytest.raises(Inconsistent, match="signer"):
        collected(trio, known)


def test_a_signature_with_another_signers_name_does_not_count(trio, known):
    _, signature = forge(trio, known, key("stranger"))
    for peer in trio.peers[0]:
        peer.spoil = (trio.contexts[1].attester.address, signature)
    with pytest.raises(Inconsistent, match="signer"):
        collected(trio, known)


def test_the_oracles_own_signature_counts_once(trio, known):
    for peer in trio.peers[0]:
        peer.context = trio.contexts[0]
    with pytest.raises(Inconsistent, match="1 of 2"):
        collected(trio, known)


def test_a_malformed_signature_does_not_count(trio, known):
    for peer in trio.peers[0]:
        peer.spoil = (trio.contexts[1].attester.address, "0x1234")
    with pytest.raises(Inconsistent, match="64 bytes"):
        collected(trio, known)


def test_two_oracles_that_lead_the_same_order_settle_it_once(trio):
    asked = request()
    order, signature = trio.order(asked)
    ids = {take(trio.contexts[i], ordered(asked, order, signature)).id for i in (0, 1)}
    (generation,) = ids
    pipelines = [Pipeline(trio.contexts[0]), Pipeline(trio.contexts[1])]
    for turn in range(60):
        if turn == 1:
            trio.ledger.mine()  # so that the two date the track differently
        for pipeline in pipelines:
            pipeline.advance(generation)
    stages = [trio.contexts[i].store.load(generation).stage for i in (0, 1)]
    assert stages == [Stage.SETTLED, Stage.SETTLED]
    assert trio.sender.posts == 1


def test_an_unexpected_error_of_a_peer_is_unavailable(trio, known):
    for peer in trio.peers[0]:
        peer.context = None
    with pytest.raises(Unavailable, match="RuntimeError"):
        collected(trio, known)
