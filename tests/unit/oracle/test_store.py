"""The store: what was saved reads back the same, and nothing is promised twice."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from oracle.adapters.database import open_database, writing
from oracle.adapters.store import DatabaseStore
from oracle.domain.attestation import Attestation
from oracle.domain.block import Block
from oracle.domain.errors import Conflict, Inconsistent, NotFound, Refused
from oracle.domain.generation import Generation, Stage
from tests.samples import NODE, NOW, PAYER, order_for, request

ATTESTATION = Attestation(5, NODE, 1, NOW, b"\x00\x00\x00\x01\x00\x0f\x42\x40", bytes(32))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "oracle.sqlite"


@pytest.fixture
def store(path):
    return DatabaseStore(open_database(path))


def generation(number=1, **changes):
    order = order_for(request(), nonce=number)
    base = Generation(f"0x{number:064x}", request(), order, "0x" + "02" * 65, 200_000)
    return replace(base, **changes)


def take(store, made, key=None, body="body", check=lambda held: None):
    return store.take(made, key or made.id, body, check)


FULL = generation(
    stage=Stage.POSTED, detail="ü", block=Block(7, "0x" + "01" * 32, NOW), node="http://a",
    payee=NODE, audio="bafka", trace="bafkt", manifest="bafkm",
    vectors={"realised": {1: 1_000_000}, "declared": {1: 400_000, 2: 600_000}},
    attestation=ATTESTATION, signatures={PAYER: "0x" + "03" * 65}, transaction="0x" + "04" * 32,
    settled_block=9,
)  # fmt: skip


@pytest.mark.parametrize("made", [generation(), FULL])
def test_a_generation_reads_back_as_it_was_saved(store, path, made):
    take(store, generation())
    store.save(made)
    assert DatabaseStore(open_database(path)).load(made.id) == made


def test_an_unknown_generation_is_not_found(store):
    with pytest.raises(NotFound):
        store.load("0x" + "00" * 32)


def test_what_is_unfinished_comes_oldest_first(store):
    for number in (3, 1, 2):
        take(store, generation(number))
    store.save(generation(1, stage=Stage.FAILED))
    assert store.unfinished() == [generation(3).id, generation(2).id]


def test_a_nonce_beyond_sixty_four_bits_is_kept(store):
    big = generation(order=order_for(request(), nonce=2**256 - 1), price=2**200)
    take(store, big)
    held = store.reservations(PAYER)
    assert (held.nonces, held.amount) == (frozenset({2**256 - 1}), 2**200)


def test_what_a_payer_has_under_way_is_reserved(store):
    for number in (1, 4):
        take(store, generation(number))
    take(store, generation(9, order=order_for(request(), payer=NODE, nonce=9)))
    held = store.reservations(PAYER.lower())
    assert (held.nonces, held.newest, held.amount, held.waiting) == (
        frozenset({1, 4}), 4, 400_000, 3,
    )  # fmt: skip
    store.save(generation(4, stage=Stage.SETTLED))
    held = store.reservations(PAYER)
    assert (held.nonces, held.newest, held.amount, held.waiting) == (frozenset({1}), 1, 200_000, 2)


def test_nothing_is_kept_of_what_the_check_refuses(store):
    def refuse(_held):
        raise Refused("no")

    with pytest.raises(Refused):
        take(store, generation(), check=refuse)
    assert store.unfinished() == []
    assert take(store, generation()).stage == Stage.ORDERED


def test_an_order_already_taken_is_not_checked_again(store):
    def never(_held):
        raise RuntimeError

    take(store, generation(), key="a")
    store.save(FULL)
    assert take(store, generation(), key="b", check=never) == FULL
    assert store.recall(PAYER, "b", "body") == FULL


def test_a_key_remembers_its_body(store):
    take(store, generation(), key="a", body="one")
    assert store.recall(PAYER.lower(), "a", "one") == generation()
    assert store.recall(PAYER, "unused", "one") is None
    for attempt in (store.recall, lambda p, k, b: take(store, generation(2), k, b)):
        with pytest.raises(Conflict):
            attempt(PAYER, "a", "two")


def test_several_are_saved_together_or_not_at_all(store):
    for number in (1, 2):
        take(store, generation(number))
    signed = [generation(number, stage=Stage.SIGNED, batch=("a", "b")) for number in (1, 2)]
    with pytest.raises(Exception, match="attribute"):
        store.save_all([signed[0], None])
    assert store.load(generation(1).id) == generation(1)
    store.save_all(signed)
    assert [store.load(generation(number).id) for number in (1, 2)] == signed


def test_an_oracle_binds_itself_once(store, path):
    assert store.bound("0xa") is None
    store.bind("0xa", ATTESTATION)
    store.bind("0xa", ATTESTATION)
    again = DatabaseStore(open_database(path))
    assert again.bound("0xa") == ATTESTATION
    for change in ({"price": 6}, {"manifest": b"\x01" * 32}, {"generated_at": 0}):
        with pytest.raises(Conflict):
            again.bind("0xa", replace(ATTESTATION, **change))
    again.bind("0xb", replace(ATTESTATION, price=6))


@pytest.mark.parametrize(
    "body", ["", "{", "{}", '{"id":"x"}', FULL.detail, '{"id":1,"price":"x"}', "null"]
)
def test_a_damaged_record_is_told(store, path, body):
    take(store, generation())
    with writing(open_database(path)) as connection:
        connection.execute(text("UPDATE generations SET body = :body"), {"body": body})
    with pytest.raises((Inconsistent, NotFound)):
        store.load(generation().id)
