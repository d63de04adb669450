"""Split tables, and how they divide an amount."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from eth_utils import to_bytes

from .amounts import MILLION, cumulative
from .events import Log
from .report import Unreadable

HOLDER, TABLE, PENDING = range(3)
Row = tuple[int, Any, int]


class Splits:
    """Tables, pies, recoupments and claims, from their events, and how they divide an amount."""

    def __init__(self, ledger: str) -> None:
        self.ledger = ledger
        self.created: dict[int, Log] = {}
        self.rows: dict[int, list[Row]] = {}
        self.recouped: dict[int, int] = defaultdict(int)
        self.passed: dict[int, int] = defaultdict(int)
        self.claimed: dict[str, str] = {}
        self.said: list[list[int]] = []

    def learn(self, log: Log) -> None:
        a = log.args
        if log.name == "Claimed":
            self.claimed[a["holder"]] = a["to"]
        elif log.name == "Recouped" and a["ledger"] == self.ledger:
            self.said.append([a["split"], a["amount"], a["total"]])
        elif log.name in ("SplitCreated", "TableCreated", "PiesCreated", "RecoupmentCreated"):
            self.created[a["split"]] = log
            self.rows[a["split"]] = list(self._rows(log.name, a))

    @staticmethod
    def _rows(name: str, a: Mapping[str, Any]) -> Iterator[Row]:
        """Rows of (kind, payee or table, share). A recoupment has one row, its table."""
        if name == "SplitCreated":
            for payee, share in zip(a["payees"], a["shares"], strict=True):
                yield HOLDER, payee, share
        elif name == "TableCreated":
            columns = zip(a["kinds"], a["payees"], a["tables"], a["shares"], strict=True)
            for kind, payee, table, share in columns:
                yield kind, table if kind == TABLE else payee, share
        elif name == "PiesCreated":
            yield TABLE, a["master"], a["masterShare"]
            yield TABLE, a["publishing"], MILLION - a["masterShare"]
        else:
            yield TABLE, a["table"], MILLION

    def divide(self, split: int, amount: int) -> list[tuple[str, int, bool]]:
        """Rows of (payee, amount, waits for a claim). Adds the recouped amounts to the totals."""
        if split not in self.rows:
            raise Unreadable(f"split {split} was never created")
        deal, found = self.created[split].args, []
        if self.created[split].name == "RecoupmentCreated":
            taken = min(amount, deal["amount"] - self.recouped[split])
            self.recouped[split] += taken
            self.passed[split] += taken
            found, amount = [(deal["recipient"], taken, False)], amount - taken
        rows = self.rows[split]
        for (kind, to, _), part in zip(rows, cumulative(amount, [r[2] for r in rows]), strict=True):
            if kind == TABLE:
                found += self.divide(to, part)
            else:
                found.append((self.claimed.get(to, to) if kind == PENDING else to, part,
                              kind == PENDING and to not in self.claimed))
        return found


def content(log: Log, rows: list[Row]) -> bytes:
    """The bytes under whose hash a split is kept: its form, then its rows or its deal."""
    a = log.args
    if log.name == "RecoupmentCreated":
        return (b"\x02" + a["table"].to_bytes(4, "big") + to_bytes(hexstr=a["recipient"])
                + a["amount"].to_bytes(16, "big") + to_bytes(hexstr=a["deal"]))
    packed = [bytes([kind]) + share.to_bytes(4, "big")
              + (to.to_bytes(20, "big") if kind == TABLE else to_bytes(hexstr=to))
              for kind, to, share in rows]
    return bytes([log.name == "PiesCreated"]) + b"".join(packed)
