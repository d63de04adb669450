"""Who may read withheld blocks: only an oracle with a part in the generation, before it is paid."""

import logging
from dataclasses import replace

import pytest

from oracle.domain.cid import cid_of
from oracle.domain.errors import InvalidInput, NotFound
from oracle.domain.generation import Generation, Stage
from oracle.domain.reservation import Accepted, Ballot
from oracle.domain.seat import Seat
from oracle.quorum.sharing import shared_block
from tests.support.samples import manifest, request
from tests.support.trio import make_trio

DATA = b"a withheld track"


@pytest.fixture
def trio(tmp_path):
    return make_trio(tmp_path)


def seated(trio, leader, accepted=None):
    """Oracle 0 with an order whose ballot `leader` leads, and a withheld file; its id."""
    context, (order, signature) = trio.contexts[0], trio.order(request())
    name = trio.typed.order_hash(order)
    ballot = Ballot(1, leader)
    held = Accepted(ballot, manifest().attestation(b"m" * 32)) if accepted else None
    made = Generation(name, request(), order, signature, 1, taken=False)
    context.store.reserve(made, lambda _seat, _open: Seat(name, ballot, 0, 0, accepted=held))
    context.withheld.put(name, DATA)
    return name


def signer(trio, index):
    return trio.contexts[index].attester.address


def may_read(trio, reader, name):
    try:
        return shared_block(trio.contexts[0], reader, name, cid_of(DATA)) == DATA
    except NotFound:
        return False


def test_the_leader_of_the_promised_ballot_reads_and_no_other(trio):
    name = seated(trio, leader=1)
    assert [may_read(trio, signer(trio, index), name) for index in range(3)] == [False, True, False]


def test_a_leader_shares_with_the_others_once_it_has_proposed(trio):
    name = seated(trio, leader=0, accepted=False)
    assert not may_read(trio, signer(trio, 1), name)


def test_a_leader_that_has_proposed_shares_with_all_of_the_set(trio):
    name = seated(trio, leader=0, accepted=True)
    assert all(may_read(trio, signer(trio, index), name) for index in (1, 2))


def test_a_co_signer_shares_with_its_leader_only(trio):
    name = seated(trio, leader=2, accepted=True)
    assert [may_read(trio, signer(trio, index), name) for index in (1, 2)] == [False, True]


def test_a_nonce_that_went_to_another_order_shares_nothing_of_the_first(trio):
    name = seated(trio, leader=1)
    order = trio.contexts[0].store.load(name).order
    other = "0x" + "99" * 32
    trio.contexts[0].store.change_seat(
        order.payer, order.nonce, lambda _seat: Seat(other, Ballot(9, 1), 0, 0)
    )
    assert not may_read(trio, signer(trio, 1), name)


def test_an_unknown_generation_shares_nothing_though_files_exist(trio):
    name = "0x" + "77" * 32
    trio.contexts[0].withheld.put(name, DATA)
    assert not any(may_read(trio, signer(trio, index), name) for index in range(3))


@pytest.mark.parametrize("stage", [Stage.CONFIRMED, Stage.SETTLED])
def test_every_oracle_of_the_set_reads_what_is_paid_also_after_the_own_copy_is_gone(trio, stage):
    name, context = seated(trio, leader=1), trio.contexts[0]
    context.store.save(replace(context.store.load(name), stage=stage))
    assert all(may_read(trio, signer(trio, index), name) for index in range(3))
    context.withheld.drop(name)
    assert not may_read(trio, signer(trio, 2), name)
    context.pinner.pin(DATA)
    assert may_read(trio, signer(trio, 2), name)


@pytest.mark.parametrize("stage", [s for s in Stage if s not in (Stage.CONFIRMED, Stage.SETTLED)])
def test_no_other_stage_counts_as_paid(trio, stage):
    name, context = seated(trio, leader=1), trio.contexts[0]
    context.store.save(replace(context.store.load(name), stage=stage))
    assert not may_read(trio, signer(trio, 2), name)


def test_a_refusal_and_a_missing_block_are_told_in_the_same_words(trio):
    name, context = seated(trio, leader=1), trio.contexts[0]
    said = set()
    for reader, cid in ((signer(trio, 2), cid_of(DATA)), (signer(trio, 1), cid_of(b"absent"))):
        with pytest.raises(NotFound) as caught:
            shared_block(context, reader, name, cid)
        said.add(caught.value.detail)
    assert len(said) == 1


def test_each_read_and_each_refusal_is_logged_with_who_and_what(trio, caplog):
    name = seated(trio, leader=1)
    with caplog.at_level(logging.INFO, logger="oracle.quorum.sharing"):
        may_read(trio, signer(trio, 1), name)
        may_read(trio, signer(trio, 2), name)
    read, refused = (record.getMessage() for record in caplog.records)
    for said, reader in ((read, signer(trio, 1)), (refused, signer(trio, 2))):
        assert reader in said and name in said and cid_of(DATA) in said
    assert "may not" in refused and "may not" not in read


@pytest.mark.parametrize(("name", "cid"), [("../x", cid_of(DATA)), ("0x" + "11" * 32, "../x")])
def test_only_ids_and_cids_are_looked_up(trio, name, cid):
    with pytest.raises(InvalidInput):
        shared_block(trio.contexts[0], signer(trio, 1), name, cid)
