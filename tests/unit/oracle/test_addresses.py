"""Addresses: one form inside, and a typing error is refused."""

import pytest

from oracle.adapters.addresses import checksummed
from oracle.domain.errors import InvalidInput
from tests.support.samples import PAYER


@pytest.mark.parametrize("text", [PAYER, PAYER.lower(), "0x" + PAYER[2:].upper()])
def test_every_valid_form_becomes_the_eip_55_form(text):
    assert checksummed(text, "payer") == PAYER


@pytest.mark.parametrize("text", [PAYER.swapcase().replace("0X", "0x"), PAYER[:-1], "", "0x"])
def test_a_wrong_address_is_refused(text):
    with pytest.raises(InvalidInput, match="payer"):
        checksummed(text, "payer")
