"""Everything that decides about one order, read together: the same values as read one by one."""

from __future__ import annotations

import pytest

from oracle.domain.attestation import OracleSet
from oracle.domain.ledger_views import NodeStanding
from tests.support.chain_world import PRICE, chain_world

IDS = [1, 3, 99]


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    with chain_world(tmp_path_factory.mktemp("songs")) as made:
        made.settle(made.case(nonce=4))
        made.artist("mara").revoke(2)
        made.chain.mine(3)
        yield made


def standing(world, ledger, **more):
    nodes = [world.address("node"), world.address("stranger")]
    asked = (world.address("payer"), [3, 4, 5], nodes, world.oracle_set, IDS)
    return ledger.standing(*asked, **more)


def test_every_value_is_the_one_of_its_own_method(world):
    ledger, payer = world.ledger(2), world.address("payer")
    found = standing(world, ledger)
    assert found.newest.number == world.chain.height()
    assert found.block == ledger.closed_block()
    assert found.account == ledger.account(payer)
    assert found.used == {4} == {n for n in (3, 4, 5) if ledger.nonce_used(payer, n)}
    assert found.terms == ledger.set_terms(world.oracle_set) and not found.paused
    assert found.nodes == {
        world.address("node"): NodeStanding(True, PRICE),
        world.address("stranger"): NodeStanding(False, 0),
    }
    assert found.recordings == ledger.recordings_at(IDS, found.block.number)


def test_the_recordings_are_those_of_the_asked_block(world):
    ledger = world.ledger()
    newest = standing(world, ledger).block
    before = ledger.block_at(newest.number - 4)
    assert standing(world, ledger, block=before).block == before
    asked = (world.address("payer"), [], [], world.oracle_set, [2])
    assert ledger.standing(*asked).recordings[2].revoked_at
    assert not ledger.standing(*asked, block=before).recordings[2].revoked_at


def test_strangers_have_nothing(world):
    nobody, unknown = world.address("stranger"), OracleSet(1, (world.address("stranger"),))
    found = world.ledger().standing(nobody, [0], [], unknown, [99])
    assert found.account.escrow == 0 and found.used == frozenset() and found.recordings == {}
    assert not found.terms.active and found.nodes == {}
