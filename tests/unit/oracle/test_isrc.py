"""An ISRC is registered in one form, and what is none is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oracle.client.isrc import normalised
from oracle.domain.errors import InvalidInput


@pytest.mark.parametrize(
    "text",
    ["USS1Z9900001", "us-s1z-99-00001", " US S1Z 99 00001 ", "US‐S1Z‐99‐00001",
     "ISRC US-S1Z-99-00001",
     "isrc: uss1z9900001", "US–S1Z–99–00001"],
)  # fmt: skip
def test_every_way_to_write_a_code_gives_one_form(text):
    assert normalised(text) == "USS1Z9900001"


@pytest.mark.parametrize("text", ["", " ", "ISRC", "ISRC: "])
def test_no_code_is_no_code(text):
    assert normalised(text) == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("USS1Z990001", "is no ISRC: must be two letters"),
        ("USS1Z99000012", "is no ISRC: must be"),
        ("US-S1Z-99-0000A", "is no ISRC: must be"), ("U5-S1Z-99-00001", "is no ISRC: must be"),
        ("XX-S1Z-99-00001", "is no ISRC: it begins with letters"), ("ｕSS1Z9900001", "is no ISRC"),
        ("UßS1Z990001", "is no ISRC"), ("USS1Z99००००१", "is no ISRC"),
        ("USS1Z9900001\n1", "is no ISRC"),
        ("US,S1Z9900001", "is no ISRC"), ("4006381333931", "is no ISRC"),
    ],
)  # fmt: skip
def test_another_code_is_refused_with_its_text(text, said):
    with pytest.raises(InvalidInput) as caught:
        normalised(text, "--isrc")
    assert f"--isrc: {said}" in str(caught.value) and caught.value.value == text


CODE = r"[A-Za-z]{2}[- ]?[A-Z0-9]{3}[- ]?[0-9]{2}[- ]?[0-9]{5}"


@given(st.one_of(st.text(), st.from_regex(CODE)))
def test_any_text_gives_twelve_letters_and_digits_or_an_error(text):
    try:
        found = normalised(text)
    except InvalidInput:
        return
    assert not found or (len(found) == 12 and found.isascii() and found.isalnum())
    assert normalised(found) == found == found.upper()
