"""A settlement brought to court with nothing but the transaction that settled it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from oracle.client.court import Court
from oracle.domain.attestation import Attested
from oracle.domain.errors import Inconsistent, InvalidInput, NotFound
from tests.integration.outbox_fixture import sender
from tests.support.chain_world import ESCROW, PRICE, copied_world


@pytest.fixture
def world(tmp_path):
    with copied_world(tmp_path) as made:
        yield made


def court(world, role):
    return Court(world.wallet(role), world.deployment)


def challenged(world, transaction, generation=""):
    """The case that a stranger made of what a transaction settled."""
    made = court(world, "stranger")
    token = world.artifacts.contract("TestDollar", world.deployment.token)
    world.wallet("stranger").transact(token, "mint", world.address("stranger"), made.bond())
    evidence = made.settled_by(transaction, generation)
    made.challenge(evidence, b"\x07" * 32)
    return evidence


def kinds(world, role):
    return [row.kind for row in world.ledger().statement(world.address(role))]


def test_what_was_settled_is_read_from_its_transaction(world):
    case = world.case()
    found = court(world, "stranger").settled_by(world.settle(case))
    assert found.order["payer"] == case.order.payer
    assert found.attestation["entries"] == case.attestation.entries
    assert found.quorum["threshold"] == 2 and found.quorum["signers"] == list(
        world.oracle_set.signers
    )


def test_a_settlement_that_is_reversed_is_paid_back(world):
    evidence = challenged(world, world.settle(world.case()))
    assert world.ledger().account(world.address("payer")).escrow == ESCROW - PRICE
    court(world, "arbiter").rule(evidence, reversed_=True)
    assert world.ledger().account(world.address("payer")).escrow == ESCROW
    for role in ("mara", "jonas", "holder"):
        assert kinds(world, role) == ["credited", "frozen", "reversed"]
    world.pass_windows()
    assert world.artist("stranger").withdraw([1, 3]) == 0


def test_a_settlement_that_stands_is_paid_out(world):
    evidence = challenged(world, world.settle(world.case()))
    court(world, "arbiter").rule(evidence, reversed_=False)
    assert world.artist("stranger").withdraw([1, 3]) == PRICE * 85 // 100
    assert kinds(world, "mara") == ["credited", "frozen", "released", "withdrawn"]


def test_an_upgrade_is_its_own_settlement(world):
    case = world.case()
    original = world.sign(replace(case.order, tier=0, use=1), case.attestation)
    world.settle(original)
    order = replace(case.order, nonce=1, request=bytes.fromhex(original.generation[2:]))
    made = world.sign(order, replace(case.attestation, price=PRICE // 2, node_fee=0))
    transaction = world.upgrade(made, original)
    found = court(world, "stranger").settled_by(transaction)
    assert (found.order["nonce"], found.attestation["price"]) == (1, PRICE // 2)
    court(world, "arbiter").rule(challenged(world, transaction), reversed_=True)
    assert world.ledger().account(world.address("payer")).escrow == ESCROW - PRICE


def test_one_of_a_batch_is_brought_by_itself(world):
    cases = [world.case(nonce) for nonce in range(3)]
    transaction = settled_together(world, cases)
    for case in cases:
        found = court(world, "stranger").settled_by(transaction, case.generation)
        assert found.order["nonce"] == case.order.nonce and len(found.batch) == 3
        assert found.attestation["manifest"] == case.attestation.manifest
    evidence = challenged(world, transaction, cases[1].generation)
    court(world, "arbiter").rule(evidence, reversed_=True)
    assert world.ledger().account(world.address("payer")).escrow == ESCROW - 2 * PRICE
    for given in ("", "0x" + "11" * 32):
        with pytest.raises(InvalidInput, match="not of this batch"):
            court(world, "stranger").settled_by(transaction, given)


def settled_together(world, cases):
    members = [Attested(case.order, case.order_signature, case.attestation) for case in cases]
    made = sender(world, world.folder / "oracle.sqlite")
    ids = [case.generation for case in cases]
    return made.post_batch(ids, members, world.sign_batch(cases))


def test_what_cannot_be_done_is_told(world):
    stranger = court(world, "stranger")
    with pytest.raises(NotFound):
        stranger.settled_by("0x" + "11" * 32)
    with pytest.raises(InvalidInput, match="settles nothing"):
        stranger.settled_by(world.artist("mara").revoke(2).hash)
    evidence = challenged(world, world.settle(world.case()))
    with pytest.raises(Inconsistent, match="AccessManagedUnauthorized"):
        stranger.rule(evidence, reversed_=True)


def test_the_ledger_gives_the_receipt_of_what_was_settled_alone_or_together(world):
    alone, *cases = [world.case(nonce) for nonce in range(3)]
    ledger = world.ledger()
    assert ledger.receipt(alone.generation) is None
    world.settle(alone)
    found = ledger.receipt(alone.generation)
    assert (found.order, found.attestation) == (alone.order, alone.attestation)
    assert (found.oracle_set, found.signatures, found.batch) == (
        world.oracle_set, alone.signatures, (),
    )  # fmt: skip
    settled_together(world, cases)
    for case in cases:
        found = ledger.receipt(case.generation)
        assert found.attestation == case.attestation and len(found.batch) == 2
        assert found.signatures == world.sign_batch(cases)


def test_a_receipt_of_the_ledger_proves_an_upgrade(world):
    case = world.case()
    original = world.sign(replace(case.order, tier=0, use=1), case.attestation)
    world.settle(original)
    receipt = world.ledger().receipt(original.generation)
    order = replace(case.order, nonce=1, request=bytes.fromhex(original.generation[2:]))
    made = world.sign(order, replace(case.attestation, price=PRICE // 2, node_fee=0))
    proven = replace(original, signatures=dict(receipt.signatures))
    world.upgrade(made, proven)
    assert world.ledger().receipt(made.generation).order == order
