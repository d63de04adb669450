"""The inputs and the report that every check shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from eth_utils import keccak, to_bytes

from .calls import CALLS, Call, read_data
from .chain import Chain
from .content import Content
from .events import Log
from .forwarded import forwarded_calls
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
    authority: str = ""
    access: Sequence[Log] = ()
    named: Sequence[str] = ()
    calls: dict[str, tuple[int, list[Call]]] = field(default_factory=dict)

    @cached_property
    def domain(self) -> bytes:
        return domain_hash(self.chain.id, self.ledger)

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
    """The block and the calls of a transaction that settles.

    Raises Untraced where another contract called the ledger and the RPC has no trace.
    """
    if transaction not in books.calls:
        found = books.chain.rpc("eth_getTransactionByHash", transaction)
        if not isinstance(found, dict):
            raise Unreadable(f"the RPC has no transaction {transaction}")
        data = [to_bytes(hexstr=found["input"])]
        if str(found["to"]).lower() != books.ledger.lower():
            data = forwarded_calls(books.chain.rpc, transaction, books.ledger)
        if data[0][:4] not in CALLS:
            raise Unreadable(f"{transaction} calls no function that settles")
        books.calls[transaction] = int(found["blockNumber"], 16), read_data(data)
    return books.calls[transaction]


def read_call(books: Books, settled: Log) -> tuple[int, Call]:
    """The call for this order; otherwise the first one, so that the verdicts name what differs.

    A transaction may skip an order and settle it later: the events and the calls with this order
    are in the same sequence.
    """
    block, calls = read_calls(books, settled.transaction)
    order = settled.args["order"]
    fits = [call for call in calls if call.id == order] or calls[:1]
    before = sum(log.transaction == settled.transaction and log.args["order"] == order
                 and log.place < settled.place for log in books.history.named["Skipped"])
    return block, fits[min(before, len(fits) - 1)]


def same_view(books: Books, name: str, call: str, kinds: str, found: Any, *which: Any,
              of: str = "") -> None:
    """A verdict on a view of a contract; the ledger unless `of` names another."""
    with books.report.reading(name):
        books.report.equal(name, books.chain.view(of or books.ledger, call, kinds, *which), found)
