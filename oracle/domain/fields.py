"""Checks of single fields: each returns the value, or raises InvalidInput with field and value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from oracle.domain.errors import InvalidInput

UINT32_MAX = 2**32 - 1
UINT64_MAX = 2**64 - 1
UINT256_MAX = 2**256 - 1

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,77}", re.ASCII)
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
_HEX = re.compile(r"0x(?:[0-9a-f]{2})*", re.ASCII)


def integer(value: Any, field: str, low: int, high: int) -> int:
    """A whole number in [low, high]; `True` is not accepted as 1."""
    if type(value) is not int or not low <= value <= high:
        raise InvalidInput(f"must be a whole number from {low} to {high}", field=field, value=value)
    return value


def decimal(value: Any, field: str, high: int = UINT256_MAX) -> int:
    """A whole number in [0, high] from a decimal string without sign or leading zeros."""
    if not isinstance(value, str) or not _DECIMAL.fullmatch(value):
        raise InvalidInput("must be a whole number in a string", field=field, value=value)
    if int(value) > high:
        raise InvalidInput(f"must be at most {high}", field=field, value=value)
    return int(value)


def text(value: Any, field: str, longest: int) -> str:
    """Text of 1 to `longest` characters, not only blanks."""
    if not isinstance(value, str):
        raise InvalidInput("must be text", field=field, value=value)
    if not value.strip():
        raise InvalidInput("must not be blank", field=field)
    if len(value) > longest:
        raise InvalidInput(f"must have at most {longest} characters", field=field, value=len(value))
    if any("\ud800" <= letter <= "\udfff" for letter in value):
        raise InvalidInput("holds half a surrogate pair", field=field)
    return value


def choice(value: Any, field: str, allowed: Iterable[str]) -> str:
    """One of the `allowed` names."""
    names = list(allowed)
    if not isinstance(value, str) or value not in names:
        raise InvalidInput(f"must be one of {', '.join(names)}", field=field, value=value)
    return value


def hex_bytes(value: Any, field: str, length: int | None = None) -> bytes:
    """Bytes from 0x and lower-case hex; exactly `length` of them when given."""
    if not isinstance(value, str) or not _HEX.fullmatch(value):
        raise InvalidInput("must be bytes in 0x-hex, lower case", field=field, value=value)
    data = bytes.fromhex(value[2:])
    if length is not None and len(data) != length:
        raise InvalidInput(f"must be {length} bytes", field=field, value=len(data))
    return data


def signature(value: Any, field: str) -> str:
    """A 65-byte signature in 0x-hex."""
    return "0x" + hex_bytes(value, field, 65).hex()


def word(value: Any, field: str) -> str:
    """32 bytes in 0x-hex."""
    return "0x" + hex_bytes(value, field, 32).hex()


def digest(value: Any, field: str) -> str:
    """A sha256 as 64 lower-case hex digits without 0x."""
    if not isinstance(value, str) or not _DIGEST.fullmatch(value):
        raise InvalidInput("must be a sha256 in 64 lower-case hex digits", field=field, value=value)
    return value


def address(value: Any, field: str) -> str:
    """An address by its form. Its EIP-55 checksum needs keccak, so API and adapters check that."""
    if not isinstance(value, str) or not _ADDRESS.fullmatch(value):
        raise InvalidInput("must be an address of 20 bytes in 0x-hex", field=field, value=value)
    return value


def mapping(value: Any, field: str, keys: Iterable[str]) -> Mapping[str, Any]:
    """A JSON object with exactly these keys."""
    if not isinstance(value, dict):
        raise InvalidInput("must be an object", field=field, value=type(value).__name__)
    wanted = set(keys)
    if value.keys() == wanted:
        return value
    for key in sorted(wanted - value.keys()):
        raise InvalidInput("is missing", field=_join(field, key))
    for key in sorted(value.keys() - wanted, key=str):
        raise InvalidInput("is not a known field", field=_join(field, str(key)[:80]))
    return value


def listing(value: Any, field: str, shortest: int, longest: int) -> list[Any]:
    """A JSON array of `shortest` to `longest` items."""
    if not isinstance(value, list):
        raise InvalidInput("must be a list", field=field, value=type(value).__name__)
    if not shortest <= len(value) <= longest:
        raise InvalidInput(
            f"must have {shortest} to {longest} items", field=field, value=len(value)
        )
    return value


def _join(field: str, key: str) -> str:
    return f"{field}.{key}" if field else key
