"""The table of seats: promises and signatures outlive the process."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from oracle.adapters.database import open_database, reading, writing
from oracle.adapters.seats import read_seat, write_seat
from oracle.domain.attestation import Attestation
from oracle.domain.errors import Inconsistent
from oracle.domain.reservation import Accepted, Ballot
from oracle.domain.seat import Seat
from tests.support.samples import NODE, NOW, PAYER

ORDER, OTHER = "0x" + "aa" * 32, "0x" + "bb" * 32
MADE = Attestation(5, NODE, 1, NOW, b"\x00\x00\x00\x01\x00\x0f\x42\x40", b"m" * 32)
FIRST = Seat(ORDER, Ballot(1, 0), NOW, NOW + 30)
SEATS = {
    "reserved": FIRST,
    "a far round": replace(FIRST, ballot=Ballot(2**32, 254)),
    "signed": replace(FIRST, accepted=Accepted(Ballot(3, 1), MADE)),
    "cancelled": replace(FIRST, cancelled="0x" + "11" * 65),
    "cancelled before any round": Seat(ORDER, Ballot(0, 0), NOW, NOW, cancelled="0x11"),
    "shared": replace(FIRST, shared=True),
    "another order": replace(FIRST, order=OTHER),
}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "oracle.sqlite"


def save(path, seat, payer=PAYER, nonce=0):
    with writing(open_database(path)) as connection:
        write_seat(connection, payer, nonce, seat)


def load(path, payer=PAYER, nonce=0):
    with reading(open_database(path)) as connection:
        return read_seat(connection, payer, nonce)


@pytest.mark.parametrize("case", SEATS)
def test_a_seat_is_read_unchanged_after_reopening(path, case):
    save(path, SEATS[case])
    assert load(path) == SEATS[case]


def test_a_nonce_without_a_seat_has_none(path):
    save(path, FIRST, nonce=1)
    assert load(path, nonce=0) is None
    assert load(path, payer=NODE, nonce=1) is None


def test_the_last_seat_of_a_nonce_is_kept_and_no_other_changes(path):
    save(path, FIRST, nonce=0)
    save(path, SEATS["signed"], nonce=1)
    for seat in SEATS.values():
        save(path, seat, nonce=0)
    assert load(path, nonce=0) == SEATS["another order"]
    assert load(path, nonce=1) == SEATS["signed"]


def test_a_payer_has_one_seat_however_its_address_is_written(path):
    save(path, FIRST, payer=PAYER.lower())
    save(path, SEATS["signed"], payer=PAYER)
    assert load(path, payer="0x" + PAYER[2:].upper()) == SEATS["signed"]
    with reading(open_database(path)) as connection:
        assert connection.execute(text("SELECT count(*) FROM seats")).scalar_one() == 1


@pytest.mark.parametrize("nonce", [0, 2**63, 2**64, 2**256 - 1])
def test_every_nonce_of_the_ledger_has_its_seat(path, nonce):
    save(path, FIRST, nonce=nonce)
    assert load(path, nonce=nonce) == FIRST
    assert load(path, nonce=nonce ^ 1) is None


def test_a_write_that_fails_changes_nothing(path):
    save(path, FIRST)
    with pytest.raises(ZeroDivisionError), writing(open_database(path)) as connection:
        write_seat(connection, PAYER, 0, SEATS["signed"])
        raise ZeroDivisionError
    assert load(path) == FIRST


@pytest.mark.parametrize("body", ["", "{", "{}", "null", '{"ballot":{"leader":0}}'])
def test_a_damaged_seat_is_never_taken_for_none(path, body):
    """An oracle that forgot what it signed could sign something else."""
    save(path, SEATS["signed"])
    with writing(open_database(path)) as connection:
        connection.execute(text("UPDATE seats SET body = :body"), {"body": body})
    with pytest.raises(Inconsistent, match="a saved seat cannot be read"):
        load(path)
