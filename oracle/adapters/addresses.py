"""Addresses as people and programs write them, in their one form: EIP-55."""

from __future__ import annotations

from functools import lru_cache

from eth_utils import is_checksum_address, to_checksum_address

from oracle.domain import fields
from oracle.domain.errors import InvalidInput

_NOBODYS = (0xDEAD, int("dead" * 10, 16), int("e" * 40, 16), int("f" * 40, 16))
_SYSTEM = 1 << 16
"""Below it lie the address of zeros and the contracts that a chain itself has."""


@lru_cache(maxsize=4_096)
def checksummed(value: str, field: str) -> str:
    """The EIP-55 form of an address in EIP-55, lower case or upper case.

    Raises:
        InvalidInput: not an address, or mixed case with a wrong checksum: a typing error.
    """
    text = fields.address(value, field)
    digits = text[2:]
    if digits in (digits.lower(), digits.upper()) or is_checksum_address(text):
        return str(to_checksum_address(text))
    raise InvalidInput("has a wrong EIP-55 checksum", field=field, value=text)


def require_somebody(address: str, field: str) -> None:
    """Raises InvalidInput for an address whose money is lost: of zeros, of the chain, to burn."""
    number = int(address, 16)
    if not number:
        raise InvalidInput("nobody has the address of zeros", field=field, value=address)
    if number < _SYSTEM or number in _NOBODYS:
        detail = "nobody has the key of this address, so money sent there is lost"
        raise InvalidInput(detail, field=field, value=address)
