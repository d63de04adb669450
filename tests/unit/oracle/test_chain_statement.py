"""Which rows of the chain's history concern a payee."""

from __future__ import annotations

from oracle.adapters.chain.history import Registered, Settled
from oracle.adapters.chain.statement import shares_of, statement
from oracle.domain.statement import Movement
from oracle.ports import Settlement

ADA, BEN, CY = ("0x" + digit * 40 for digit in "abc")
REGISTERED = {
    1: Registered(1, ADA, 0, "", "", ""),
    2: Registered(2, ADA, 5, "", "", ""),
    3: Registered(3, BEN, 5, "", "", ""),
}
TABLES = {5: {BEN: 600_000, CY: 400_000}, 6: {ADA: 1_000_000}}


def settled(block, log_index, recordings, amounts):
    made = Settlement("0x01", "0x02", block, b"\x03" * 32, 10, recordings, amounts)
    return Settled(made, log_index)


def rows(payee, settlements, payments=()):
    return statement(payee, REGISTERED, TABLES, settlements, payments)


def test_a_table_replaces_the_owner():
    # Ada owns 2, and its table pays others; the table 6 that pays Ada belongs to no recording.
    assert shares_of(ADA, REGISTERED, TABLES) == {1: 1_000_000}
    assert shares_of(BEN, REGISTERED, TABLES) == {2: 600_000, 3: 600_000}
    assert shares_of(CY, REGISTERED, TABLES) == {2: 400_000, 3: 400_000}


def test_a_table_that_the_chain_does_not_show_pays_nobody():
    assert shares_of(ADA, {4: Registered(4, ADA, 9, "", "", "")}, TABLES) == {}


def test_the_training_pool_is_nobodys():
    assert [r.recording for r in rows(ADA, [settled(9, 0, (0, 1), (4, 6))])] == [1]


def test_credits_carry_the_recordings_whole_amount():
    (row,) = rows(CY, [settled(9, 0, (1, 3), (4, 6))])
    assert (row.kind, row.recording, row.share, row.amount) == ("credited", 3, 400_000, 6)
    assert row.order == "0x01" and row.manifest == "0x" + "03" * 32


def test_an_amount_of_nothing_is_a_row_as_well():
    assert rows(ADA, [settled(9, 0, (1,), (0,))])[0].amount == 0


def test_rows_are_sorted_by_block_log_and_recording():
    paid = Movement("parked", 8, 7, "0x", 2, "", "", None, 1)
    found = rows(BEN, [settled(9, 1, (2, 3), (1, 1)), settled(8, 2, (3,), (1,))], [paid])
    keys = [(row.block, row.log_index, row.recording) for row in found]
    assert keys == [(8, 2, 3), (8, 7, 2), (9, 1, 2), (9, 1, 3)]
