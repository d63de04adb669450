"""Amounts, shares, dates and uses: what is read is what is shown, and nothing else is read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oracle.cli import units
from oracle.cli.units import BASIS, MILLION, UINT32_MAX, Malformed

amounts = st.integers(0, 2**128)


@given(amounts, st.integers(0, 30))
def test_an_amount_that_is_shown_reads_the_same(value, decimals):
    assert units.amount(units.amount_text(value, decimals), decimals, "x") == value
    assert units.amount(str(value), decimals, "x", raw=True) == value


@pytest.mark.parametrize("whole_is", [BASIS, MILLION])
@given(data=st.data())
def test_a_share_that_is_shown_reads_the_same(whole_is, data):
    share = data.draw(st.integers(0, whole_is))
    assert units.percent(units.percent_text(share, whole_is), whole_is, "x") == share
    assert units.percent(str(share), whole_is, "x", raw=True) == share


@given(st.integers(0, UINT32_MAX))
def test_a_date_that_is_shown_reads_the_same(seconds):
    assert units.moment(units.moment_text(seconds), "x") == seconds
    assert units.moment(str(seconds), "x", raw=True) == seconds


@given(st.integers(1, 15))
def test_uses_that_are_shown_read_the_same(mask):
    assert units.uses(units.uses_text(mask), "x") == mask
    assert units.uses(str(mask), "x", raw=True) == mask


@pytest.mark.parametrize(
    ("text", "decimals", "value"),
    [("2.50", 6, 2_500_000), ("0.05", 6, 50_000), ("7", 6, 7_000_000), ("007", 0, 7),
     ("1.000000", 6, 1_000_000), ("1.0000000", 6, 1_000_000), ("3", 0, 3), ("3.0", 0, 3),
     ("0.000000000000000001", 18, 1), ("1" * 60, 0, int("1" * 60))],
)
def test_amounts_of_people(text, decimals, value):
    assert units.amount(text, decimals, "x") == value


@pytest.mark.parametrize(
    "text",
    ["", " ", "-1", "+1", "1e3", "1E-3", "NaN", "inf", "Infinity", "1,000", "1,5", "1_000", ".5",
     "5.", "１", "٣", "1.0000001", "0x10", "1 ", " 1", "1\n", "1\x00", "\ud800", "1" * 61, "1/2",
     "²"],
)
def test_what_is_no_amount_is_refused_with_its_field(text):
    with pytest.raises(Malformed, match="--price: must"):
        units.amount(text, 6, "--price")


@pytest.mark.parametrize("text", ["65", "101%", "-5%", "65.12345%", "%", "1e1%", "６5%", "65%%",
                                  "NaN%", "100.0001%"])
def test_what_is_no_share_is_refused(text):
    with pytest.raises(Malformed, match="--share: must"):
        units.percent(text, MILLION, "--share")


def test_a_share_is_as_fine_as_the_chain_keeps_it():
    assert units.percent("33.3333%", MILLION, "x") == 333_333
    assert units.percent("12.5 %", BASIS, "x") == 1_250
    assert units.percent_text(1_250, BASIS) == "12.5%"
    assert units.percent_text(0, BASIS) == "0%"
    assert units.percent_text(MILLION, MILLION) == "100%"
    with pytest.raises(Malformed, match="at most 2 decimals"):
        units.percent("33.333%", BASIS, "x")


@pytest.mark.parametrize("text", ["2036-13-01", "2036-02-30", "31.12.2036", "2036-1-1", "tomorrow",
                                  "2036-12-31 24:00", "2107-01-01", "1969-12-31", "２036-12-31",
                                  "0000-01-01", "2036-12-31\n", ""])
def test_what_is_no_date_is_refused(text):
    with pytest.raises(Malformed, match="--until: must be"):
        units.moment(text, "--until")


def test_dates_are_utc():
    assert units.moment("2036-12-31", "x") == 2_114_294_400
    assert units.moment("2036-12-31T18:30Z", "x") == 2_114_294_400 + 18 * 3_600 + 30 * 60
    assert units.moment_text(2_114_294_400) == "2036-12-31"
    assert units.moment_text(1) == "1970-01-01 00:00:01 UTC"
    assert units.moment_text(2**40) == f"second {2**40}"


@pytest.mark.parametrize("text", ["", "music", "commercial,commercial", "commercial,", "5",
                                  "Commercial", "none,voice"])
def test_what_is_no_use_is_refused(text):
    with pytest.raises(Malformed, match="--uses: "):
        units.uses(text, "--uses")


@pytest.mark.parametrize(("text", "raw"), [("none", False), (" none ", False), ("0", True)])
def test_no_use_at_all_points_to_revoke(text, raw):
    with pytest.raises(Malformed, match="--uses: must permit a use; `refrain consent revoke`"):
        units.uses(text, "--uses", raw)


@pytest.mark.parametrize("text", ["-5%", "x%", "%", "1e1%"])
def test_what_is_no_share_says_how_a_share_is_written(text):
    with pytest.raises(Malformed, match="must be a share such as 65%"):
        units.percent(text, MILLION, "--share")


def test_a_largest_share_of_nothing_points_to_revoke():
    assert units.most_of_track("30%", "x") == 3_000
    with pytest.raises(Malformed, match="--max-share: must be above 0%; `refrain consent revoke`"):
        units.most_of_track("0%", "--max-share")


def test_uses_by_name_and_by_number():
    assert units.uses("conditioning, commercial", "x") == 5
    assert units.uses_text(0) == "none"
    assert units.uses_text(16 | 1) == "conditioning,16"
    with pytest.raises(Malformed, match="from 1 to 15"):
        units.uses("300", "x", raw=True)


@pytest.mark.parametrize("text", ["0", "-1", str(2**32), "1.0", "one", "", "1" * 61])
def test_what_is_no_id_is_refused(text):
    with pytest.raises(Malformed, match="RECORDING: must be"):
        units.number(text, "RECORDING")


@given(amounts)
def test_ether_is_rounded_up_and_never_to_nothing(wei):
    text = units.ether_text(wei)
    shown = units.amount(text.removesuffix(" ETH"), 18, "x")
    assert wei <= shown <= wei + wei // 100
    assert (shown == 0) == (wei == 0)


def test_ether_is_short():
    assert units.ether_text(10**18) == "1.00 ETH"
    assert units.ether_text(123_456_789 * 10**9) == "0.123457 ETH"
    assert units.ether_text(1_234 * 10**9) == "0.000001234 ETH"


def test_words_are_64_digits():
    assert units.word("0x" + "Ab" * 32, "x") == "0x" + "ab" * 32
    for text in ("0x12", "ab" * 32, "0x" + "g" * 64, "0x" + "ab" * 33):
        with pytest.raises(Malformed, match="64 hex digits"):
            units.word(text, "x")


@pytest.mark.parametrize("text", ["", "=", "a=", "=b", "a"])
def test_pairs_have_two_parts(text):
    with pytest.raises(Malformed, match="written as 1=60%"):
        units.pair(text, "--reference", "1=60%")
