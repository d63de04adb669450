"""Posting batches: one transaction, each settlement found by its order, none lost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from oracle.adapters.signing import signatures as forms
from oracle.domain.attestation import Attested, SettlementReceipt
from oracle.domain.batch import MOST
from oracle.domain.errors import Inconsistent, Unavailable
from oracle.domain.money import divide
from tests.integration.outbox_fixture import CONFIRMATIONS, sender
from tests.support.chain_world import ESCROW, PRICE, copied_world

ROUNDS = 2 * CONFIRMATIONS + 4


@pytest.fixture
def world(tmp_path):
    """A chain whose blocks are mined on command."""
    with copied_world(tmp_path) as made:
        made.chain.rpc("evm_setAutomine", False)
        yield made


@pytest.fixture
def cases(world):
    return [world.case(nonce) for nonce in range(3)]


def post(world, made, cases):
    members = [Attested(case.order, case.order_signature, case.attestation) for case in cases]
    return made.post_batch(ids(cases), members, world.sign_batch(cases))


def ids(cases):
    return tuple(case.generation for case in cases)


def outcome(made, cases, which):
    return made.outcome(cases[which].generation, ids(cases))


def finish(world, made, cases, which):
    for _ in range(ROUNDS):
        world.chain.mine()
        if settlement := outcome(made, cases, which):
            return settlement
    raise AssertionError("not settled")


def elsewhere(world, case):
    """A settlement by another sender, mined and closed."""
    world.chain.rpc("evm_setAutomine", True)
    world.settle(case)
    world.chain.rpc("evm_setAutomine", False)
    world.chain.mine(CONFIRMATIONS)


def test_one_transaction_settles_all_and_each_is_reported(world, cases, tmp_path):
    made = sender(world, tmp_path / "oracle.sqlite")
    transaction = post(world, made, cases)
    world.chain.mine(CONFIRMATIONS)
    assert outcome(made, cases, 0) is None
    found = [finish(world, made, cases, which) for which in range(3)]
    assert {each.transaction for each in found} == {transaction}
    assert [each.order for each in found] == list(ids(cases))
    royalty = PRICE * 85 // 100
    assert {each.amounts for each in found} == {divide(royalty, [600_000, 400_000])}
    assert world.ledger().account(world.address("payer")).escrow == ESCROW - 3 * PRICE


def test_a_repeated_post_sends_nothing_new(world, cases, tmp_path):
    database = tmp_path / "oracle.sqlite"
    first = post(world, sender(world, database), cases)
    assert post(world, sender(world, database), cases) == first
    world.chain.mine()
    again = sender(world, database)
    assert post(world, again, cases) == first
    finish(world, again, cases, 2)
    assert post(world, again, cases) == first
    assert world.rpc.count(world.address("sender")) == 1


def test_a_generation_settled_before_keeps_its_settlement(world, cases, tmp_path):
    made = sender(world, tmp_path / "oracle.sqlite")
    elsewhere(world, cases[1])
    transaction = post(world, made, cases)
    found = [finish(world, made, cases, which) for which in range(3)]
    assert [each.transaction == transaction for each in found] == [True, False, True]
    assert world.ledger().account(world.address("payer")).escrow == ESCROW - 3 * PRICE


def test_a_skipped_generation_is_reported_when_that_is_final(world, cases, tmp_path):
    made = sender(world, tmp_path / "oracle.sqlite")
    # Another order takes the nonce that the second one needs.
    request = bytes(31) + b"\x01"
    other = world.sign(replace(cases[1].order, request=request), cases[1].attestation)
    elsewhere(world, other)
    post(world, made, cases)
    world.chain.mine()
    assert outcome(made, cases, 1) is None
    assert finish(world, made, cases, 0)
    with pytest.raises(Inconsistent, match=r"mined in block \d+: the ledger skipped it"):
        outcome(made, cases, 1)
    assert outcome(made, cases, 2)


def test_a_batch_that_settles_nothing_is_not_sent(world, cases, tmp_path):
    made = sender(world, tmp_path / "oracle.sqlite")
    for case in cases:
        elsewhere(world, case)
    with pytest.raises(Inconsistent, match="no generation left to settle"):
        post(world, made, cases)
    assert world.rpc.count(world.address("sender")) == 0


def test_a_batch_waits_while_settlement_is_paused(world, cases, tmp_path):
    made = sender(world, tmp_path / "oracle.sqlite")
    world.chain.rpc("evm_setAutomine", True)
    world.transact("guardian", "pause")
    with pytest.raises(Unavailable, match="paused"):
        post(world, made, cases)
    assert world.rpc.count(world.address("sender")) == 0


def test_a_refused_batch_has_the_ledgers_error(world, cases, tmp_path):
    made = sender(world, tmp_path / "oracle.sqlite")
    members = [Attested(case.order, case.order_signature, case.attestation) for case in cases]
    alone = {signer: cases[0].signatures[signer] for signer in cases[0].signatures}
    with pytest.raises(Inconsistent, match="refuses to settle: "):
        made.post_batch(ids(cases), members, alone)


def test_the_largest_batch_fits_into_a_transaction(world, tmp_path):
    made = sender(world, tmp_path / "oracle.sqlite")
    cases = [world.case(nonce, {0: 1, 1: 2, 2: 3, 3: 999_994}) for nonce in range(MOST)]
    post(world, made, cases)
    assert finish(world, made, cases, MOST - 1)
    assert world.ledger().account(world.address("payer")).escrow == ESCROW - MOST * PRICE


def test_a_generation_of_a_batch_is_upgraded_with_all_hashes(world, tmp_path):
    made = sender(world, tmp_path / "oracle.sqlite")
    plain = [world.case(nonce) for nonce in range(2)]
    cases = [world.sign(replace(c.order, tier=0, use=1), c.attestation) for c in plain]
    post(world, made, cases)
    finish(world, made, cases, 1)
    named = bytes.fromhex(cases[1].generation[2:])
    order = replace(cases[1].order, nonce=5, request=named, tier=1, use=5)
    price = replace(cases[1].attestation, price=PRICE // 2, node_fee=0)
    higher = world.sign(order, price)
    set_id = world.typed.set_id(world.oracle_set)
    hashes = [world.typed.attestation_hash(c.attestation, c.generation, set_id) for c in cases]
    before = SettlementReceipt(
        cases[1].order, cases[1].attestation, world.oracle_set, world.sign_batch(cases),
        tuple(hashes),
    )  # fmt: skip
    signed = (higher.generation, order, higher.order_signature, price, higher.signatures)
    with pytest.raises(Inconsistent, match="refuses to settle"):
        made.post(*signed, replace(before, batch=tuple(hashes[:1])))
    made.post(*signed, before)
    for _ in range(ROUNDS):
        world.chain.mine()
    assert made.outcome(higher.generation).price == PRICE // 2


def test_order_signatures_are_posted_in_64_bytes(world, cases):
    long = forms.from_hex(cases[0].order_signature)
    assert forms.expand(forms.compact(long)) == long
