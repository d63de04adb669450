"""Any oracle of the set leads an upgrade: it proves the original from its row, chain or peers."""

from dataclasses import replace

import pytest

from oracle.adapters.database import open_database
from oracle.adapters.store import DatabaseStore
from oracle.domain.errors import NotFound, Refused, Unavailable
from oracle.domain.generation import Stage
from oracle.orders.originals import original_of
from oracle.quorum import receipts
from oracle.quorum.receipts import receipt_of
from tests.support.samples import ordered, request
from tests.support.trio import make_trio
from tests.unit.oracle.test_upgrades import original, place, run  # noqa: F401  (a fixture)


@pytest.fixture
def trio(tmp_path):
    return make_trio(tmp_path)


def found(trio, generation, index=1):
    context = trio.contexts[index]
    return original_of(context.ledger, context.pinner, context.store, generation)


def without_calls(trio):
    """As if every settlement had called the ledger through another contract."""
    trio.ledger.receipts.clear()


@pytest.mark.parametrize("index", [0, 1, 2])
def test_every_oracle_of_the_set_leads_an_upgrade(trio, original, index):  # noqa: F811
    done = run(trio, place(trio, original, index=index).id, index)
    assert (done.stage, done.price, done.original) == (Stage.SETTLED, 150_000, original.id)
    assert trio.ledger.settled[done.id].manifest == original.attestation.manifest


def test_an_oracle_that_never_saw_the_original_knows_it_from_chain_and_manifest(
    trio, original  # noqa: F811
):
    new = DatabaseStore(open_database(trio.folder / "new.sqlite"))
    trio.contexts[2] = replace(trio.contexts[2], store=new)
    there = found(trio, original.id, 2)
    own = found(trio, original.id, 0)
    for name in ("request", "order", "order_signature", "attestation", "manifest", "vectors",
                 "audio", "trace", "payee", "price"):  # fmt: skip
        assert getattr(there, name) == getattr(own, name), name


def test_the_signatures_come_from_the_settling_transaction(trio, original):  # noqa: F811
    upgrade = replace(original, original=original.id)
    proof = receipt_of(trio.contexts[2], upgrade)
    assert proof == trio.ledger.receipts[original.id]
    assert proof.signatures == original.signatures


def test_without_a_call_the_oracles_that_signed_sign_again_without_new_checks(
    trio, original  # noqa: F811
):
    without_calls(trio)
    for node in trio.nodes:
        node.fault = Unavailable("no check is needed")
    trio.ledger.mine(10_000)
    proof = receipt_of(trio.contexts[2], replace(original, original=original.id))
    assert len(proof.signatures) == 2 and proof.batch == ()
    made, set_id = original.attestation, trio.typed.set_id(trio.terms.oracle_set)
    for signer, each in proof.signatures.items():
        assert trio.typed.attestation_signer(made, original.id, set_id, each) == signer


def test_an_upgrade_settles_with_signatures_that_were_given_again(trio, original):  # noqa: F811
    without_calls(trio)
    done = run(trio, place(trio, original, index=2).id, 2)
    assert done.stage == Stage.SETTLED


def test_fewer_than_the_threshold_do_not_prove_the_original(trio, original, monkeypatch):  # noqa: F811
    monkeypatch.setattr(receipts, "PATIENCE", 1.0)
    without_calls(trio)
    trio.ledger.mine(10_000)
    for peer in trio.peers[2]:
        peer.fault = Unavailable("down")
    with pytest.raises(Unavailable, match="is proven by 1 of 2"):
        receipt_of(trio.contexts[2], replace(original, original=original.id))


def test_a_signature_that_is_not_of_the_set_does_not_count(trio, original, monkeypatch):  # noqa: F811
    monkeypatch.setattr(receipts, "PATIENCE", 1.0)
    without_calls(trio)
    trio.ledger.mine(10_000)
    for peer in trio.peers[2]:
        peer.spoil = (trio.contexts[0].attester.address, "0x" + "11" * 64)
    with pytest.raises(Unavailable, match="is proven by"):
        receipt_of(trio.contexts[2], replace(original, original=original.id))


def test_a_settlement_that_is_not_final_is_not_upgraded(trio, original):  # noqa: F811
    trio.ledger.finalized_above, trio.ledger.final_depth = 0, 50
    with pytest.raises(Refused, match="not settled finally"):
        found(trio, original.id, 2)


def test_an_unknown_generation_is_not_found(trio):
    with pytest.raises(NotFound, match="is not known"):
        found(trio, "0x" + "11" * 32)


def test_an_order_in_work_is_not_settled(trio):
    order, signature = trio.order(request())
    from oracle.orders.acceptance import take

    taken = take(trio.contexts[1], ordered(request(), order, signature))
    with pytest.raises(Refused, match="is not settled"):
        found(trio, taken.id, 1)


def test_a_row_that_ended_unpaid_here_gives_way_to_the_chain(trio, original):  # noqa: F811
    store = trio.contexts[0].store
    store.save(replace(original, stage=Stage.FAILED, attestation=None, signatures={}))
    assert found(trio, original.id, 0).attestation == original.attestation


def test_a_manifest_that_cannot_be_read_only_delays(trio, original):  # noqa: F811
    del trio.pinner.files[original.manifest]
    with pytest.raises(Unavailable, match="cannot be read now"):
        found(trio, original.id, 2)


def test_an_upgrade_is_not_upgraded_again(trio, original):  # noqa: F811
    done = run(trio, place(trio, original).id)
    with pytest.raises(Refused, match="is an upgrade itself"):
        found(trio, done.id, 2)
