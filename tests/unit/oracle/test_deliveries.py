"""An oracle's signed statement whether it can read a paid track."""

import hashlib
from dataclasses import replace

import pytest

from oracle.domain.cid import cid_of
from oracle.domain.errors import NotFound, Unavailable
from oracle.domain.manifest import Content, to_bytes
from oracle.quorum import deliveries
from oracle.quorum.deliveries import FRESH, Deliveries
from tests.support.samples import manifest, request
from tests.support.trio import make_trio

AUDIO, TRACE = b"the audio", b"the trace"


def content(data):
    return Content(cid_of(data), hashlib.sha256(data).hexdigest())


MADE = manifest(audio=content(AUDIO), trace=content(TRACE))


@pytest.fixture
def trio(tmp_path):
    return make_trio(tmp_path)


@pytest.fixture
def settled(trio):
    order, _ = trio.order(request())
    name = trio.typed.order_hash(order)
    digest = hashlib.sha256(to_bytes(MADE)).digest()
    made = replace(MADE.attestation(digest), price=1, node_fee=0)
    trio.ledger.pay(name, trio.terms.oracle_set, order, made)
    return name


def pin_all(trio):
    for data in (AUDIO, TRACE, to_bytes(MADE)):
        trio.pinner.pin(data)


def stated(trio, name):
    made = Deliveries(trio.contexts[0]).statement(name)
    assert trio.typed.delivery_signer(made.delivery, made.signature) == made.signer
    assert made.signer == trio.contexts[0].attester.address
    assert (made.delivery.order, made.delivery.time) == (name, trio.clock.now())
    assert made.delivery.manifest == trio.ledger.settlement(name).manifest
    return made.delivery.delivered


def test_a_track_is_delivered_when_all_three_files_can_be_read(trio, settled):
    pin_all(trio)
    assert stated(trio, settled)


@pytest.mark.parametrize("missing", [AUDIO, TRACE, to_bytes(MADE)], ids=["audio", "trace", "m"])
def test_a_track_is_not_delivered_when_one_file_is_missing_or_damaged(trio, settled, missing):
    pin_all(trio)
    trio.pinner.files[cid_of(missing)] = missing + b"!"
    assert not stated(trio, settled)
    del trio.pinner.files[cid_of(missing)]
    assert not stated(trio, settled)


def test_a_pinner_that_does_not_answer_delivers_nothing(trio, settled):
    pin_all(trio)
    trio.pinner.fault = Unavailable("silent")
    assert not stated(trio, settled)


def test_nothing_is_stated_about_an_order_that_is_not_paid(trio):
    with pytest.raises(NotFound, match="not settled"):
        Deliveries(trio.contexts[0]).statement("0x" + "11" * 32)


def test_a_statement_is_given_again_for_a_minute(trio, settled):
    made = Deliveries(trio.contexts[0])
    first = made.statement(settled)
    pin_all(trio)
    trio.clock.sleep(FRESH - 1)
    assert made.statement(settled) == first
    trio.clock.sleep(1)
    assert made.statement(settled).delivery.delivered


def test_few_tracks_are_read_at_once(trio, settled, monkeypatch):
    monkeypatch.setattr(deliveries, "MOST_READING", 0)
    with pytest.raises(Unavailable, match="too many"):
        Deliveries(trio.contexts[0]).statement(settled)


def test_few_statements_are_remembered(trio, settled, monkeypatch):
    monkeypatch.setattr(deliveries, "MOST_KNOWN", 1)
    made = Deliveries(trio.contexts[0])
    made.statement(settled)
    order, _ = trio.order(request(), nonce=5)
    name = trio.typed.order_hash(order)
    trio.ledger.pay(name, trio.terms.oracle_set, order,
                    replace(MADE.attestation(b"m" * 32), price=1, node_fee=0))  # fmt: skip
    made.statement(name)
    assert list(made._known) == [name]
