"""The quorum: enough oracles, each one counted once and only for its own signature."""

import pytest

from oracle.adapters.signing.attester import KeyAttester
from oracle.domain.errors import Conflict, Inconsistent, Refused, Unavailable
from oracle.domain.generation import Stage
from oracle.motions import Alone
from oracle.ordering import take
from oracle.pipeline import Pipeline
from oracle.quorum import collect
from tests.samples import request
from tests.trio import key, make_trio


@pytest.fixture
def trio(tmp_path):
    return make_trio(tmp_path)


@pytest.fixture
def known(trio):
    asked = request()
    order, signature = trio.order(asked)
    world = trio.worlds[0]
    generation = take(world, asked, order, signature, "key", "body").id
    while world.store.load(generation).stage != Stage.PUBLISHED:
        Pipeline(world).advance(generation)
    return world.store.load(generation)


def gather(trio, known):
    return collect(trio.worlds[0], Alone(known.attested()))


def test_exactly_the_threshold_is_gathered_in_ascending_order(trio, known):
    signers = list(gather(trio, known))
    assert len(signers) == 2
    assert signers == sorted(signers, key=lambda address: int(address, 16))
    assert trio.worlds[0].attester.address in signers


@pytest.mark.parametrize("down", [0, 1])
def test_one_peer_that_is_down_stops_nothing(trio, known, down):
    trio.peers[0][down].fault = Unavailable("down")
    assert len(gather(trio, known)) == 2


def test_one_peer_that_refuses_stops_nothing(trio, known):
    trio.peers[0][0].fault = Refused("no")
    assert len(gather(trio, known)) == 2


@pytest.mark.parametrize(
    ("faults", "expected"),
    [
        ((Unavailable("a"), Unavailable("b")), Unavailable),
        ((Unavailable("a"), Refused("b")), Unavailable),
        ((Conflict("a"), Inconsistent("b")), Unavailable),
        ((Inconsistent("a"), Refused("b")), Inconsistent),
    ],
)
def test_too_few_is_waited_for_only_while_somebody_may_yet_sign(trio, known, faults, expected):
    for peer, fault in zip(trio.peers[0], faults, strict=True):
        peer.fault = fault
    with pytest.raises(expected, match="1 of 2") as caught:
        gather(trio, known)
    assert "oracle-1" in str(caught.value) and "oracle-2" in str(caught.value)


def forge(trio, known, secret):
    pen = KeyAttester(secret, trio.typed)
    set_id = trio.typed.set_id(trio.terms.oracle_set)
    return pen.address, pen.sign(known.attestation, known.id, set_id)


def test_a_signature_from_outside_the_set_does_not_count(trio, known):
    for peer in trio.peers[0]:
        peer.spoil = forge(trio, known, key("stranger"))
    with pytest.raises(Inconsistent, match="signer"):
        gather(trio, known)


def test_a_signature_in_anothers_name_does_not_count(trio, known):
    _, signature = forge(trio, known, key("stranger"))
    for peer in trio.peers[0]:
        peer.spoil = (trio.worlds[1].attester.address, signature)
    with pytest.raises(Inconsistent, match="signer"):
        gather(trio, known)


def test_our_own_signature_counts_once(trio, known):
    for peer in trio.peers[0]:
        peer.world = trio.worlds[0]
    with pytest.raises(Inconsistent, match="1 of 2"):
        gather(trio, known)


def test_a_signature_of_no_shape_does_not_count(trio, known):
    for peer in trio.peers[0]:
        peer.spoil = (trio.worlds[1].attester.address, "0x1234")
    with pytest.raises(Inconsistent, match="64 bytes"):
        gather(trio, known)


def test_two_oracles_that_lead_the_same_order_settle_it_once(trio):
    asked = request()
    order, signature = trio.order(asked)
    ids = {take(trio.worlds[i], asked, order, signature, "key", "body").id for i in (0, 1)}
    (generation,) = ids
    pipelines = [Pipeline(trio.worlds[0]), Pipeline(trio.worlds[1])]
    for turn in range(60):
        if turn == 1:
            trio.ledger.mine()  # so that the two date the track differently
        for pipeline in pipelines:
            pipeline.advance(generation)
    stages = [trio.worlds[i].store.load(generation).stage for i in (0, 1)]
    assert stages == [Stage.SETTLED, Stage.SETTLED]
    assert trio.sender.posts == 1


def test_a_peer_that_breaks_in_a_way_nobody_foresaw_is_waited_for(trio, known):
    for peer in trio.peers[0]:
        peer.world = None
    with pytest.raises(Unavailable, match="RuntimeError"):
        gather(trio, known)
