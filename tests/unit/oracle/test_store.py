"""The store: saved generations are read unchanged, and no order is accepted or attested twice."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from oracle.adapters.database import open_database, writing
from oracle.adapters.generations import KEPT_ENDED
from oracle.adapters.store import DatabaseStore
from oracle.domain.attestation import Attestation
from oracle.domain.block import Block
from oracle.domain.errors import Conflict, Inconsistent, NotFound, Refused
from oracle.domain.generation import Generation, Stage
from oracle.domain.reservation import Accepted, Ballot
from oracle.domain.seat import Seat
from tests.support.fakes import FakeClock
from tests.support.samples import NODE, NOW, PAYER, PROMPT, SALT, order_for, request

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


def take(store, made, check=lambda held: None):
    return store.take(made, check)


FULL = generation(
    stage=Stage.POSTED, detail="ü", block=Block(7, "0x" + "01" * 32, NOW), node="http://a",
    payee=NODE, audio="bafka", trace="bafkt", manifest="bafkm",
    vectors={"realised": {1: 1_000_000}, "declared": {1: 400_000, 2: 600_000}},
    attestation=ATTESTATION, signatures={PAYER: "0x" + "03" * 65}, transaction="0x" + "04" * 32,
    settled_block=9, prompt=PROMPT, salt=SALT,
)  # fmt: skip


@pytest.mark.parametrize("made", [generation(), FULL])
def test_a_saved_generation_is_read_unchanged(store, path, made):
    take(store, generation())
    store.save(made)
    assert DatabaseStore(open_database(path)).load(made.id) == made


def test_an_unknown_generation_is_not_found(store):
    with pytest.raises(NotFound):
        store.load("0x" + "00" * 32)


def test_unfinished_generations_are_listed_oldest_first(store):
    for number in (3, 1, 2):
        take(store, generation(number))
    # One that ended is looked at until the chain cannot change that any more.
    store.save(generation(1, stage=Stage.FAILED))
    assert store.unfinished() == [generation(n).id for n in (3, 1, 2)]
    store.save(generation(1, stage=Stage.FAILED, final=True))
    assert store.unfinished() == [generation(3).id, generation(2).id]


def test_an_order_that_ended_unpaid_is_looked_at_until_it_can_no_longer_be_paid(store):
    take(store, generation(1))
    store.save(generation(1, stage=Stage.FAILED))
    assert store.unfinished() == [generation(1).id]


def test_a_nonce_above_64_bits_is_kept(store):
    big = generation(order=order_for(request(), nonce=2**256 - 1), price=2**200)
    take(store, big)
    (held,) = store.reservations(PAYER).open
    assert (held.nonce, held.price) == (2**256 - 1, 2**200)


def test_unfinished_orders_of_a_payer_are_reserved(store):
    for number in (1, 4):
        take(store, generation(number))
    take(store, generation(9, order=order_for(request(), payer=NODE, nonce=9)))
    held = store.reservations(PAYER.lower())
    assert [(each.nonce, each.price) for each in held.open] == [(1, 200_000), (4, 200_000)]
    assert (held.waiting, held.unpaid) == (3, 0)
    store.save(generation(4, stage=Stage.SETTLED))
    held = store.reservations(PAYER)
    assert [(each.nonce, each.price) for each in held.open] == [(1, 200_000)]
    assert (held.waiting, held.unpaid) == (2, 0)


def test_an_order_of_another_oracle_reserves_while_its_seat_binds(store):
    for number, taken in ((1, True), (2, False), (3, False)):
        take(store, generation(number, taken=taken))
    bound = Seat(generation(2).id, Ballot(1, 1), NOW, NOW + 30)
    store.change_seat(PAYER, 2, lambda before: bound)
    held = store.reservations(PAYER)
    assert [each.nonce for each in held.counted(NOW + 30, 0)] == [1, 2]
    assert [each.nonce for each in held.counted(NOW + 31, 0)] == [1]
    for now in (NOW, NOW + 31):
        orders = [each for each in store.open_orders(PAYER) if each.counts(now, 0)]
        assert [each.order.nonce for each in orders] == [e.nonce for e in held.counted(now, 0)]


def test_seconds_that_were_made_count_until_they_are_paid(store):
    for number in (1, 2, 3):
        take(store, generation(number))
    store.save(generation(1, stage=Stage.GENERATED, made=True))
    store.save(generation(2, stage=Stage.FAILED, made=True))
    store.save(generation(3, stage=Stage.PUBLISHED, made=True, original="0x" + "01" * 32))
    assert store.reservations(PAYER).unpaid == 10
    assert store.reservations(NODE).unpaid == 0
    store.save(generation(1, stage=Stage.CONFIRMED, made=True))
    assert store.reservations(PAYER).unpaid == 5
    store.save(generation(1, stage=Stage.POSTED, made=True))
    assert store.reservations(PAYER).unpaid == 10


def test_rows_that_ended_unpaid_are_forgotten_after_a_time(path):
    clock = FakeClock(NOW)
    store = DatabaseStore(open_database(path), clock)
    for number in range(1, 6):
        take(store, generation(number))
    ends = (Stage.FAILED, Stage.REFUSED, Stage.EXPIRED, Stage.CANCELLED, Stage.SETTLED)
    for number, stage in enumerate(ends, start=1):
        store.save(generation(number, stage=stage))
    assert store.prune(NOW) == 0
    assert store.prune(NOW + 1) == 4
    assert [store.known(generation(n).id) is None for n in range(1, 6)] == [True] * 4 + [False]


def test_a_payers_ended_rows_do_not_grow_without_bound(store):
    for number in range(1, KEPT_ENDED + 21):
        take(store, generation(number))
        made = number == 3
        store.save(generation(number, stage=Stage.CANCELLED, made=made))
    known = [n for n in range(1, KEPT_ENDED + 21) if store.known(generation(n).id)]
    assert known == [3, *range(21, KEPT_ENDED + 21)]


def test_a_file_of_an_older_version_gets_its_columns(path):
    """The columns and indexes that acceptance reads are filled from the stages."""
    store = DatabaseStore(open_database(path))
    for number, stage in ((1, Stage.ORDERED), (2, Stage.FAILED), (3, Stage.SETTLED)):
        take(store, generation(number))
        store.save(generation(number, stage=stage))
    with writing(open_database(path)) as connection:
        rows = connection.execute(text("SELECT name FROM sqlite_master WHERE sql LIKE '%WHERE%'"))
        for index in [row.name for row in rows]:
            connection.execute(text(f"DROP INDEX {index}"))
        for column in ("open", "watched", "unpaid", "taken", "ended"):
            connection.execute(text(f"ALTER TABLE generations DROP COLUMN {column}"))
    again = DatabaseStore(open_database(path))
    assert again.unfinished() == [generation(1).id]
    assert [each.id for each in again.reservations(PAYER).open] == [generation(1).id]
    assert again.prune(2**40) == 1 and again.known(generation(2).id) is None
    with writing(open_database(path)) as connection:
        plan = connection.execute(text("EXPLAIN QUERY PLAN SELECT 1 FROM generations WHERE open=1"))
        assert "open_orders" in str(plan.all())


def test_an_order_that_the_check_refuses_is_not_saved(store):
    def refuse(_held):
        raise Refused("no")

    with pytest.raises(Refused):
        take(store, generation(), check=refuse)
    assert store.unfinished() == []
    assert take(store, generation()).stage == Stage.ORDERED


def test_a_saved_order_is_not_checked_again(store):
    def never(_held):
        raise RuntimeError

    assert store.known(FULL.id) is None
    take(store, generation())
    store.save(FULL)
    assert take(store, generation(), check=never) == FULL == store.known(FULL.id)


def test_a_database_with_the_keys_of_an_older_version_opens(store, path):
    take(store, generation())
    with writing(open_database(path)) as connection:
        connection.execute(text(
            "CREATE TABLE idempotency (payer TEXT, key TEXT, body TEXT NOT NULL, generation TEXT "
            "NOT NULL, PRIMARY KEY (payer, key), FOREIGN KEY(generation) REFERENCES "
            "generations (id))"
        ))  # fmt: skip
        row = {"id": generation().id}
        connection.execute(text("INSERT INTO idempotency VALUES ('a', 'b', 'c', :id)"), row)
    engine = open_database(path)
    assert DatabaseStore(engine).load(generation().id) == generation()
    with writing(engine) as connection:
        connection.execute(text("DELETE FROM generations"))


def test_several_generations_are_saved_together_or_not_at_all(store):
    for number in (1, 2):
        take(store, generation(number))
    signed = [generation(number, stage=Stage.SIGNED, batch=("a", "b")) for number in (1, 2)]
    with pytest.raises(Exception, match="attribute"):
        store.save_all([signed[0], None])
    assert store.load(generation(1).id) == generation(1)
    store.save_all(signed)
    assert [store.load(generation(number).id) for number in (1, 2)] == signed


def test_a_seat_is_kept_and_a_rule_that_refuses_changes_nothing(store, path):
    made = Seat("0xa", Ballot(1, 0), NOW, NOW + 30, Accepted(Ballot(1, 0), ATTESTATION))
    assert store.seat(PAYER, 5) is None
    assert store.change_seat(PAYER, 5, lambda before: made) == made
    again = DatabaseStore(open_database(path))
    assert again.seat(PAYER.lower(), 5) == made

    def refuse(before):
        assert before == made
        raise Conflict("no")

    with pytest.raises(Conflict):
        again.change_seat(PAYER, 5, refuse)
    assert (again.seat(PAYER, 5), again.seat(PAYER, 6)) == (made, None)


@pytest.mark.parametrize(
    "body", ["", "{", "{}", '{"id":"x"}', FULL.detail, '{"id":1,"price":"x"}', "null"]
)
def test_a_damaged_record_is_inconsistent(store, path, body):
    take(store, generation())
    with writing(open_database(path)) as connection:
        connection.execute(text("UPDATE generations SET body = :body"), {"body": body})
    with pytest.raises((Inconsistent, NotFound)):
        store.load(generation().id)


def test_a_generation_is_exchanged_only_when_nobody_changed_it(store):
    before = take(store, generation(1))
    first, second = replace(before, detail="one"), replace(before, detail="two")
    assert store.exchange(before, first)
    assert not store.exchange(before, second)
    assert store.load(before.id) == first
