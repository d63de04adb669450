"""Evidence that nobody delivers: every lie in it is found, by signatures and times alone."""

from dataclasses import replace

import pytest

from oracle.adapters.chain.settlement_calls import SettlementEvidence, signatures_of
from oracle.client.evidence import check, collect
from oracle.domain.delivery import PATIENCE, Delivery
from oracle.domain.errors import Inconsistent, InvalidInput, RefrainError, Refused
from oracle.domain.undelivered import parse_undelivered, undelivered_json
from tests.support.http_script import scripted
from tests.support.samples import NOW
from tests.support.undelivered import ATTESTERS, LATE, SET, TYPED, paid, stated, undelivered


def test_two_refusals_of_three_oracles_are_evidence_and_silence_is_noted():
    found = undelivered()
    assert set(check(found)) == {SET.signers[0], SET.signers[2]}
    assert list(found.silent) == ["http://oracle-1.example"]


def test_the_file_is_read_as_it_was_written():
    assert parse_undelivered(undelivered_json(undelivered())) == undelivered()


ABOUT = paid()
TOO_FEW = {
    "one refusal": (stated(ABOUT, 0),),
    "one refusal twice": (stated(ABOUT, 0), stated(ABOUT, 0, time=LATE + 9)),
    "one that delivers": (stated(ABOUT, 0), stated(ABOUT, 1, delivered=True)),
    "one too early": (stated(ABOUT, 0), stated(ABOUT, 1, time=LATE - 1)),
    "nobody": (),
}


@pytest.mark.parametrize("statements", TOO_FEW.values(), ids=TOO_FEW.keys())
def test_fewer_refusals_than_must_sign_are_no_evidence(statements):
    with pytest.raises(Refused, match="must refuse"):
        check(undelivered(statements=statements))


FORGED = {
    "another answer": {"delivered": True},
    "another time": {"time": LATE + 5},
    "another order": {"order": "0x" + "77" * 32},
    "another manifest": {"manifest": b"x" * 32},
}


@pytest.mark.parametrize("signed", FORGED.values(), ids=FORGED.keys())
def test_a_statement_that_was_not_signed_so_is_refused(signed):
    made = replace(stated(ABOUT, 0), signature=stated_as(signed).signature)
    with pytest.raises(Inconsistent, match=r"statements\[0\]\.signer"):
        check(undelivered(statements=(made, stated(ABOUT, 1))))


def stated_as(signed):
    made = Delivery(ABOUT.generation, ABOUT.attestation.manifest, False, LATE)
    other = replace(made, **signed)
    return replace(stated(ABOUT, 0), signature=ATTESTERS[0].sign_delivery(other))


def test_a_statement_of_another_chain_is_refused():
    elsewhere = replace(ABOUT, chain_id=1)
    with pytest.raises(RefrainError):
        check(undelivered(paid=elsewhere))


def test_an_oracle_outside_of_the_set_is_no_witness():
    smaller = replace(SET, signers=SET.signers[:2])
    about = signed_by(smaller)
    with pytest.raises(Inconsistent, match="not an oracle of the set"):
        check(undelivered(paid=about, statements=(stated(about, 0), stated(about, 2))))


def signed_by(oracle_set):
    set_id = TYPED.set_id(oracle_set)
    made = tuple(a.sign(ABOUT.attestation, ABOUT.generation, set_id) for a in ATTESTERS[:2])
    return replace(ABOUT, oracle_set=oracle_set, signatures=made)


def test_an_attestation_without_its_quorum_is_refused():
    one = ABOUT.signatures[:1]
    for signatures in (one, one * 2, ()):
        with pytest.raises(Inconsistent, match="signatures"):
            check(undelivered(paid=replace(ABOUT, signatures=signatures)))


def test_an_order_that_is_not_the_generation_is_refused():
    order = replace(ABOUT.order, nonce=ABOUT.order.nonce + 1)
    with pytest.raises(Inconsistent, match="generation"):
        check(undelivered(paid=replace(ABOUT, order=order)))


def test_a_batch_counts_when_it_has_the_attestation():
    own = TYPED.attestation_hash(ABOUT.attestation, ABOUT.generation, TYPED.set_id(SET))
    batch = (b"a" * 32, own)
    signatures = tuple(each.sign_batch(batch) for each in ATTESTERS[:2])
    assert len(check(undelivered(paid=replace(ABOUT, batch=batch, signatures=signatures)))) == 2
    without = (b"a" * 32,)
    signatures = tuple(each.sign_batch(without) for each in ATTESTERS[:2])
    with pytest.raises(Inconsistent, match="batch"):
        check(undelivered(paid=replace(ABOUT, batch=without, signatures=signatures)))


@pytest.mark.parametrize("field", ["refrain_undelivered", "chain", "set", "statements", "order"])
def test_a_file_without_a_field_is_refused(field):
    value = undelivered_json(undelivered())
    del value[field]
    with pytest.raises(InvalidInput, match=field):
        parse_undelivered(value)


def answer(index, **changes):
    made = stated(ABOUT, index)
    base = {
        "order": ABOUT.generation, "manifest": "0x" + ABOUT.attestation.manifest.hex(),
        "delivered": False, "time": LATE, "signer": made.signer, "signature": made.signature,
    }  # fmt: skip
    return {**base, **changes}


def test_all_oracles_are_asked_and_silence_and_lies_are_kept_apart():
    with scripted() as one, scripted() as two, scripted() as lying:
        one.says(answer(0))
        two.says(answer(2))
        lying.says(answer(1, order="0x" + "99" * 32))
        urls = [one.url, "http://127.0.0.1:9", two.url, lying.url]
        found = collect(ABOUT, urls, NOW + PATIENCE)
    assert [each.signer for each in found.statements] == [SET.signers[0], SET.signers[2]]
    assert set(found.silent) == {"http://127.0.0.1:9", lying.url}
    assert one.asked[0].path == f"/v1/generations/{ABOUT.generation}/delivery"
    assert len(check(found)) == 2


def test_nobody_is_asked_while_the_oracles_have_time_to_deliver():
    with scripted() as oracle:
        with pytest.raises(Refused, match="the oracles have until"):
            collect(ABOUT, [oracle.url], NOW + PATIENCE - 1)
        assert not oracle.asked


def test_a_contract_among_the_oracles_that_signed_is_named():
    keys = b"".join(bytes.fromhex(each[2:]) for each in ABOUT.signatures)
    contract = bytes(12) + bytes.fromhex("1271" * 10) + (5).to_bytes(32, "big") + b"bytes"
    quorum = {"threshold": 2, "signers": list(SET.signers), "signatures": keys}
    assert signatures_of(SettlementEvidence({}, {}, quorum)) == ABOUT.signatures
    for signed in (contract + keys, keys[:64] + contract, keys + contract):
        with pytest.raises(InvalidInput, match="contract") as found:
            signatures_of(SettlementEvidence({}, {}, {**quorum, "signatures": signed}))
        assert found.value.value.lower() == "0x" + "1271" * 10
