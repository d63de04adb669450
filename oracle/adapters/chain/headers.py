"""Reads headers of blocks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from oracle.adapters.chain.rpc import Rpc
from oracle.adapters.chain.rpc_types import answering
from oracle.domain.block import Block
from oracle.domain.errors import Unavailable

_NO_BLOCK = ("not found", "unknown block")
"""What nodes answer when they have no finalized block: geth the first, others the second."""


@dataclass(frozen=True)
class Header:
    """A block and the hash of its parent, 0x-hex."""

    block: Block
    parent: str

    @property
    def number(self) -> int:
        """The number of the block."""
        return self.block.number


def newest_header(rpc: Rpc) -> Header:
    """The header of the newest block."""
    (found,) = _read(rpc, ["latest"])
    if found is None:
        raise Unavailable("the chain has no newest block")
    return found


def finalized_header(rpc: Rpc) -> Block | None:
    """The newest block that the chain's consensus has finalized; None when the node names none.

    Raises:
        Unavailable: the node does not answer, or refuses for another reason.
    """
    (found,) = _read(rpc, ["finalized"])
    return found.block if found else None


def headers(rpc: Rpc, numbers: Iterable[int]) -> list[Header | None]:
    """The headers of blocks by number; None where the chain has no such block."""
    return _read(rpc, [hex(number) for number in numbers])


def _read(rpc: Rpc, names: list[str]) -> list[Header | None]:
    asked = [("eth_getBlockByNumber", [name, False]) for name in names]
    return [_header(answer) for answer in rpc.batch(asked)]


def _header(answer: dict[str, Any]) -> Header | None:
    with answering("eth_getBlockByNumber"):
        if "error" in answer:
            said = str(answer["error"]["message"])
            if any(words in said.lower() for words in _NO_BLOCK):
                return None
            raise Unavailable("the chain refused eth_getBlockByNumber", value=said)
        raw = answer["result"]
        if raw is None:
            return None
        number, timestamp = int(raw["number"], 16), int(raw["timestamp"], 16)
        return Header(Block(number, raw["hash"].lower(), timestamp), raw["parentHash"].lower())
