"""What generation nodes say of the recordings in their vaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from oracle.domain import fields
from oracle.domain.errors import InvalidInput
from oracle.domain.tempi import HIGHEST


@dataclass(frozen=True)
class NodeHolding:
    """What a node said when it was asked for some recordings.

    Args:
        payee: EIP-55 address.
        held: tempi of those that it holds, by recording: whole beats a minute, 0 without a beat.
    """

    payee: str
    held: Mapping[int, int]


@dataclass(frozen=True)
class Holdings:
    """The nodes that answer, in order of preference, and the number of those that do not."""

    nodes: tuple[NodeHolding, ...]
    silent: int


def parse_held(value: Any, place: str, most: int) -> dict[int, int]:
    """Tempi by recording from a node's JSON, a list of at most `most` {recording, bpm}.

    Raises:
        InvalidInput: names the field.
    """
    found: dict[int, int] = {}
    for index, item in enumerate(fields.listing(value, place, 0, most)):
        at = f"{place}[{index}]"
        entry = fields.mapping(item, at, ("recording", "bpm"))
        number = fields.integer(entry["recording"], f"{at}.recording", 1, fields.UINT32_MAX)
        if number in found:
            raise InvalidInput("is listed twice", field=f"{at}.recording", value=number)
        found[number] = fields.integer(entry["bpm"], f"{at}.bpm", 0, HIGHEST)
    return found
