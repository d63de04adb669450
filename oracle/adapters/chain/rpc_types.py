"""Types of a node's answers, and the three errors.

Unavailable   the node did not answer, or its answer has another form; Busy when it asks for a pause
Reverted      a call ran and the contract reverted; has the contract's error data
Rejected      the node says that it does not accept a transaction; it may still have it
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from eth_abi.exceptions import DecodingError
from urllib3.exceptions import HTTPError
from web3.exceptions import ContractLogicError, Web3Exception, Web3RPCError

from oracle.domain.errors import Unavailable

_FAILURES = (
    Web3Exception, HTTPError, DecodingError,
    OSError, ValueError, TypeError, KeyError, IndexError, AttributeError,
)  # fmt: skip
"""Exceptions of a node that fails or lies. `answering` must guard only calls of the node."""


class Reverted(Exception):
    """The contract reverted; `data` is its error data, which may be empty."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        super().__init__("reverted")


class Rejected(Exception):
    """The node did not accept a transaction; the message is the node's."""


@dataclass(frozen=True)
class TransactionReceipt:
    """A mined transaction; `succeeded` is False when it reverted."""

    hash: str
    block: int
    block_hash: str
    succeeded: bool


@dataclass(frozen=True)
class Log:
    """A log from the node, which `Contract.event` decodes. Hashes in 0x-hex."""

    block: int
    block_hash: str
    index: int
    transaction: str
    topics: tuple[bytes, ...]
    data: bytes


def log_of(raw: Any) -> Log:
    """A log as the node's JSON has it. Must be inside `answering`."""
    return Log(
        block=int(raw["blockNumber"], 16),
        block_hash=raw["blockHash"].lower(),
        index=int(raw["logIndex"], 16),
        transaction=raw["transactionHash"].lower(),
        topics=tuple(bytes.fromhex(topic[2:]) for topic in raw["topics"]),
        data=bytes.fromhex(raw["data"][2:]),
    )


@contextmanager
def answering(asked: str) -> Iterator[None]:
    """Turns every failure of a node into Unavailable, without the node's URL."""
    try:
        yield
    except Web3RPCError as error:
        raise Unavailable(f"the chain refused {asked}", value=message_of(error)) from None
    except _FAILURES as error:
        kind = type(error).__name__
        raise Unavailable(f"the chain did not answer {asked}", value=kind) from None


@contextmanager
def reverting() -> Iterator[None]:
    """Turns a contract's revert into Reverted. Must be inside `answering`."""
    try:
        yield
    except ContractLogicError as error:
        data = error.data if isinstance(error.data, str) else ""
        raise Reverted(_bytes(data.removeprefix("Reverted "))) from None


def message_of(error: Web3RPCError) -> str:
    """The node's own error message."""
    answer = error.rpc_response
    found = answer.get("error") if isinstance(answer, dict) else None
    return str(found.get("message", "")) if isinstance(found, dict) else type(error).__name__


def _bytes(text: str) -> bytes:
    try:
        return bytes.fromhex(text.removeprefix("0x"))
    except ValueError:
        return b""
