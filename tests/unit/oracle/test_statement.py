"""Statements: sorted, complete, and one exact text."""

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from oracle.domain.statement import COLUMNS, KINDS, Movement, row_json, sorted_rows, to_csv

WORD = "0x" + "aa" * 32
CREDIT = Movement("credited", 5, 1, WORD, 2, WORD, WORD, 600_000, 1_000)
PAYOUT = Movement("withdrawn", 6, 0, WORD, 2, "", "", None, 600)

ROWS = st.lists(
    st.builds(
        Movement, kind=st.sampled_from(KINDS),
        block=st.integers(0, 9), log_index=st.integers(0, 9), transaction=st.just(WORD),
        recording=st.none() | st.integers(1, 9), order=st.sampled_from(["", WORD]),
        manifest=st.sampled_from(["", WORD]), share=st.none() | st.integers(0, 10**6),
        amount=st.integers(0, 2**128),
    ),
    max_size=8,
)  # fmt: skip


def test_the_csv_text_is_as_documented():
    assert to_csv([PAYOUT, CREDIT]) == (
        "kind,block,log_index,transaction,recording,order,manifest,share,amount,to\n"
        f"credited,5,1,{WORD},2,{WORD},{WORD},600000,1000,\n"
        f"withdrawn,6,0,{WORD},2,,,,600,\n"
    )


def test_an_empty_statement_is_its_header():
    assert to_csv([]) == ",".join(COLUMNS) + "\n"


@given(ROWS)
def test_the_order_of_the_rows_changes_nothing(rows):
    unique = {(r.block, r.log_index, r.recording): r for r in rows}
    assert to_csv(unique.values()) == to_csv(list(unique.values())[::-1])


@given(ROWS)
def test_the_csv_has_every_row_and_amount(rows):
    read = list(csv.DictReader(io.StringIO(to_csv(rows))))
    assert [int(row["amount"]) for row in read] == [row.amount for row in sorted_rows(rows)]


def test_json_has_amounts_as_strings_and_null_for_empty_columns():
    assert row_json(CREDIT)["amount"] == "1000"
    assert row_json(PAYOUT) == {
        "kind": "withdrawn", "block": 6, "log_index": 0, "transaction": WORD, "recording": 2,
        "order": None, "manifest": None, "share": None, "amount": "600", "to": None,
    }  # fmt: skip
