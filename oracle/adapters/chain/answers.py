"""What a node answers in our own nouns, and the three ways in which it does not.

Unavailable   the node did not answer, or not with what was asked for
Reverted      a call ran and the contract refused it; carries the contract's own bytes
Rejected      the node says that it does not take a transaction; it may still have it
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests
from eth_abi.exceptions import DecodingError
from web3.exceptions import ContractLogicError, Web3Exception, Web3RPCError

from oracle.domain.errors import Unavailable

_FAILURES = (
    Web3Exception, requests.RequestException, DecodingError,
    OSError, ValueError, TypeError, KeyError, IndexError, AttributeError,
)  # fmt: skip
"""What talking to a node that fails or lies can raise; the guarded bodies hold nothing else."""


class Reverted(Exception):
    """The contract's refusal; `data` are its bytes, perhaps none."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        super().__init__("reverted")


class Rejected(Exception):
    """The node's words about a transaction that it did not take."""


@dataclass(frozen=True)
class Receipt:
    """A mined transaction; `succeeded` says whether it did what it was to do."""

    hash: str
    block: int
    block_hash: str
    succeeded: bool


@dataclass(frozen=True)
class Log:
    """A log as the node gave it, opened by `Contract.event`. `block_hash` in 0x-hex."""

    block: int
    block_hash: str
    index: int
    transaction: str
    raw: Any


@contextmanager
def answering(asked: str) -> Iterator[None]:
    """Turns every way in which a node can fail into Unavailable; the node's URL stays unsaid."""
    try:
        yield
    except Web3RPCError as error:
        raise Unavailable(f"the chain refused {asked}", value=words(error)) from None
    except _FAILURES as error:
        kind = type(error).__name__
        raise Unavailable(f"the chain did not answer {asked}", value=kind) from None


@contextmanager
def reverting() -> Iterator[None]:
    """Turns a contract's refusal into Reverted; goes inside `answering`."""
    try:
        yield
    except ContractLogicError as error:
        data = error.data if isinstance(error.data, str) else ""
        raise Reverted(_bytes(data.removeprefix("Reverted "))) from None


def words(error: Web3RPCError) -> str:
    """The node's own message."""
    answer = error.rpc_response
    found = answer.get("error") if isinstance(answer, dict) else None
    return str(found.get("message", "")) if isinstance(found, dict) else type(error).__name__


def _bytes(text: str) -> bytes:
    try:
        return bytes.fromhex(text.removeprefix("0x"))
    except ValueError:
        return b""
