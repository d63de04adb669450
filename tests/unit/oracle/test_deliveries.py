"""An oracle's signed statement whether it can read a paid track."""

import hashlib
from dataclasses import replace

import pytest

from oracle.domain.cid import cid_of
from oracle.domain.errors import NotFound, Unavailable
from oracle.domain.manifest import Content, to_bytes
from oracle.quorum import deliveries
from oracle.quorum.deliveries import FRESH, MOST_READING, MOST_READING_EACH, Deliveries
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
    made = Deliveries(trio.contexts[0]).statement(name, "me")
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
        Deliveries(trio.contexts[0]).statement("0x" + "11" * 32, "me")


def test_a_statement_is_given_again_for_a_minute(trio, settled):
    made = Deliveries(trio.contexts[0])
    first = made.statement(settled, "me")
    pin_all(trio)
    trio.clock.sleep(FRESH - 1)
    assert made.statement(settled, "me") == first
    trio.clock.sleep(1)
    assert made.statement(settled, "me").delivery.delivered


class SlowPinner:
    """A pinner at whose every read something else happens first."""

    def __init__(self, pinner, act):
        self._pinner, self._act = pinner, act

    def block(self, cid):
        self._act()
        return self._pinner.block(cid)


def while_reading(trio, asks):
    """Deliveries that make these statements while the ones before are still being read."""
    waiting = list(asks)
    said = []

    def act():
        while waiting:
            name, caller = waiting.pop(0)
            try:
                said.append(made.statement(name, caller).delivery.order)
            except Unavailable as error:
                said.append(error.detail)

    made = Deliveries(replace(trio.contexts[0], pinner=SlowPinner(trio.pinner, act)))
    return made, said


def also_settled(trio, count):
    """More settled orders, of other tracks."""
    names = []
    for nonce in range(1, count + 1):
        order, _ = trio.order(request(), nonce=nonce)
        names.append(trio.typed.order_hash(order))
        made = replace(MADE.attestation(bytes([nonce]) * 32), price=1, node_fee=0)
        trio.ledger.pay(names[-1], trio.terms.oracle_set, order, made)
    return names


def test_one_caller_does_not_keep_the_others_waiting(trio, settled):
    names = also_settled(trio, MOST_READING_EACH + 1)
    made, said = while_reading(trio, [
        *((name, "stranger") for name in names[:MOST_READING_EACH]), (names[-1], "payer"),
    ])  # fmt: skip
    made.statement(settled, "stranger")
    refused = "too many tracks are being read for you now"
    assert said == [refused, names[-1], *reversed(names[: MOST_READING_EACH - 1])]


def test_few_tracks_are_read_at_once(trio, settled):
    names = also_settled(trio, MOST_READING)
    made, said = while_reading(trio, [(name, f"caller {name}") for name in names])
    made.statement(settled, "the first")
    assert said == ["too many tracks are being read now", *reversed(names[:-1])]


def test_a_track_is_read_once_at_a_time(trio, settled):
    made, said = while_reading(trio, [(settled, "another one")])
    made.statement(settled, "the first")
    assert said == ["is being read already; ask again"]
    assert made.statement(settled, "another one").delivery.order == settled


def test_no_place_is_taken_for_an_order_that_is_not_paid(trio, settled):
    made, said = while_reading(trio, [])
    for _ in range(MOST_READING + 1):
        with pytest.raises(NotFound, match="not settled"):
            made.statement("0x" + "11" * 32, "stranger")
    assert made.statement(settled, "stranger").delivery.order == settled and not said


def test_few_statements_are_remembered(trio, settled, monkeypatch):
    monkeypatch.setattr(deliveries, "MOST_KNOWN", 1)
    made = Deliveries(trio.contexts[0])
    made.statement(settled, "me")
    order, _ = trio.order(request(), nonce=5)
    name = trio.typed.order_hash(order)
    trio.ledger.pay(name, trio.terms.oracle_set, order,
                    replace(MADE.attestation(b"m" * 32), price=1, node_fee=0))  # fmt: skip
    made.statement(name, "me")
    assert list(made._known) == [name]
