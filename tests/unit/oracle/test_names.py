"""Names as identities: what is one name, what only looks like one, what was meant as an address."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oracle.domain.errors import InvalidInput
from oracle.domain.names import look_alikes, looks_like_address, name_of


@given(st.text(max_size=30))
def test_a_name_has_one_form(text):
    try:
        name = name_of(text, "payee")
    except InvalidInput as error:
        assert str(error).startswith("payee: ") and str(error).isprintable()
        return
    assert name_of(name, "payee") == name
    assert name_of(unicodedata.normalize("NFD", f" {name}\t"), "payee") == name


@pytest.mark.parametrize("text", ["Ad\u200ba", "\u202eadA", "Ada\x00", "Ada\x1b[1m", "A\u00adda",
                                  "\ufeffAda", " ", "x" * 201])  # fmt: skip
def test_a_name_that_nobody_can_see_is_refused(text):
    with pytest.raises(InvalidInput, match="payee"):
        name_of(text, "payee")


MEANT = ["0x12", "0X" + "ab" * 20, "ada.eth", "ADA.ETH ", "ab" * 20, "０ｘab", "(0xab)",
         "0\u0445" + "ab" * 20, "eth:0x" + "ab" * 20]  # fmt: skip
PEOPLE = ["Ada", "Oxana", "Ox", "Beth", "Elizabeth", "山田太郎", "0", "Ethan", "DJ 0", "Охана"]


@pytest.mark.parametrize("text", MEANT)
def test_what_was_meant_as_an_address_is_no_name(text):
    assert looks_like_address(text)


@pytest.mark.parametrize("text", PEOPLE)
def test_a_persons_name_is_no_address(text):
    assert not looks_like_address(text)


def test_names_that_look_alike_are_grouped():
    names = ["Ada", "ada", "ＡＤＡ", "René", "Rene", "Bo", "か", "が", "A-da"]
    assert look_alikes(names) == [["A-da", "Ada", "ada", "ＡＤＡ"], ["Rene", "René"]]
    assert look_alikes(["Ada", "Ada"]) == []
