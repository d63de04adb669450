"""Addresses: one form inside, and a typing error is not taken for an address."""

import pytest

from oracle.api.addresses import checksummed
from oracle.domain.errors import InvalidInput
from tests.samples import PAYER


@pytest.mark.parametrize("text", [PAYER, PAYER.lower(), "0x" + PAYER[2:].upper()])
def test_every_right_form_becomes_the_one(text):
    assert checksummed(text, "payer") == PAYER


@pytest.mark.parametrize("text", [PAYER.swapcase().replace("0X", "0x"), PAYER[:-1], "", "0x"])
def test_a_wrong_one_is_refused(text):
    with pytest.raises(InvalidInput, match="payer"):
        checksummed(text, "payer")
