"""Addresses as people and programs write them, to the one form that we keep."""

from __future__ import annotations

from eth_utils import is_checksum_address, to_checksum_address

from oracle.domain import fields
from oracle.domain.errors import InvalidInput


def checksummed(value: str, field: str) -> str:
    """The EIP-55 form of an address given in it or in one case.

    Raises:
        InvalidInput: no address, or mixed case with a wrong checksum, which is a typing error.
    """
    text = fields.address(value, field)
    digits = text[2:]
    if digits in (digits.lower(), digits.upper()) or is_checksum_address(text):
        return str(to_checksum_address(text))
    raise InvalidInput("has a wrong EIP-55 checksum", field=field, value=text)
