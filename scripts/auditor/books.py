"""The inputs and the report that every check shares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from eth_utils import keccak, to_bytes

from .calls import CALLS, Call
from .chain import Chain
from .content import Content
from .events import Log, addresses
from .history import History
from .money import Money
from .report import Report, Unreadable
from .splits import Splits
from .typed_data import domain_hash


@dataclass
class Books:
    """The inputs and the report that every check shares."""

    chain: Chain
    ledger: str
    splits: str
    window: int
    history: History
    content: Content
    report: Report
    references: Path | None = None
    first: int = 0
    courts: Sequence[str] = ()
    deployment: Mapping[str, Any] = field(default_factory=dict)
    calls: dict[str, tuple[int, list[Call]]] = field(default_factory=dict)

    @cached_property
    def domain(self) -> bytes:
        return domain_hash(self.chain.id, self.ledger)

    @cached_property
    def everybody(self) -> list[str]:
        """Every address that an event names, sorted."""
        return sorted({one for log in self.history.logs for one in addresses(log.args)})

    @cached_property
    def money(self) -> Money:
        return Money(self.history, Splits(self.ledger), self.window)

    def signed_by(self, account: str, struct: bytes, signature: bytes) -> bool:
        """Whether a contract accepts a signature (ERC-1271) now, at the head of the chain."""
        digest = keccak(b"\x19\x01" + self.domain + struct)
        call = "isValidSignature(bytes32,bytes)"
        answer = self.chain.view(account, call, "bytes32", digest, signature)
        return bool(answer == "0x1626ba7e" + "00" * 28)


def read_calls(books: Books, transaction: str) -> tuple[int, list[Call]]:
    """The block and the calls of a transaction that settles."""
    if transaction not in books.calls:
        found = books.chain.rpc("eth_getTransactionByHash", transaction)
        if not isinstance(found, dict):
            raise Unreadable(f"the RPC has no transaction {transaction}")
        data = to_bytes(hexstr=found["input"])
        if str(found["to"]).lower() != books.ledger.lower() or data[:4] not in CALLS:
            raise Unreadable(f"{transaction} is not a direct call to a function that settles")
        books.calls[transaction] = int(found["blockNumber"], 16), CALLS[data[:4]](data[4:])
    return books.calls[transaction]


def read_call(books: Books, settled: Log) -> tuple[int, Call]:
    """The call for this order; otherwise the first one, so that the verdicts name what differs."""
    block, calls = read_calls(books, settled.transaction)
    return block, next((call for call in calls if call.id == settled.args["order"]), calls[0])


def same_view(books: Books, name: str, call: str, kinds: str, found: Any, *which: Any,
              of: str = "") -> None:
    """A verdict on a view of a contract; the ledger unless `of` names another."""
    with books.report.reading(name):
        books.report.equal(name, books.chain.view(of or books.ledger, call, kinds, *which), found)
