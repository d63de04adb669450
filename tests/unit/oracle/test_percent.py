"""Shares as spreadsheets of any country write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oracle.domain.errors import InvalidInput
from oracle.domain.percent import millionths, percent_of


@given(st.integers(1, 1_000_000), st.sampled_from([".", ","]),
       st.sampled_from(["", "%", " %", "\u00a0%", "\u202f%", "％"]))
def test_a_share_that_is_shown_reads_the_same(share, point, sign):
    text = percent_of(share).replace(".", point)
    assert millionths(f" {text}{sign} ", "share") == share


@given(st.text(max_size=12))
def test_any_text_is_a_share_or_one_error(text):
    try:
        assert 0 < millionths(text, "share") <= 1_000_000
    except InvalidInput as error:
        assert str(error).startswith("share: ") and str(error).isprintable()


WRONG = ["", "-5", "+5", "1e1", "NaN", "inf", "1.000,5", "1,000.5", "6 0", "60%%", "0", "0,0",
         "100.0001", "33.33333", "²", "60$", "٦٬٠", ".5", "5."]  # fmt: skip
RIGHT = {"60": 600_000, "060": 600_000, "66,6667": 666_667, "100,000": 1_000_000, "６０％": 600_000,
         "0.0001": 1, "٦٠٫٥٪": 605_000, "\u200e६०\u200e": 600_000}  # fmt: skip


@pytest.mark.parametrize("text", WRONG)
def test_what_is_no_share_is_refused(text):
    with pytest.raises(InvalidInput, match=r"^share: must"):
        millionths(text, "share")


@pytest.mark.parametrize("text", RIGHT)
def test_shares_of_people(text):
    assert millionths(text, "share") == RIGHT[text]
