"""A payee's statement: every movement of money towards it, as rows that sum up in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

COLUMNS = (
    "kind", "block", "log_index", "transaction", "recording", "order", "manifest", "share",
    "amount", "to",
)  # fmt: skip

KINDS = (
    "credited", "rewarded", "frozen", "released", "reversed", "withdrawn", "parked", "accrued",
    "collected",
)  # fmt: skip


@dataclass(frozen=True)
class Movement:
    """One row of a payee's statement (see docs/manifest.md, Statements).

    Args:
        kind: what happened, one of `KINDS`.
        recording: None where money moves under the payee's name.
        share: of a credit the payee's millionths of that recording; None for the other kinds, and
            where the split is not a plain table.
        amount: smallest units; of a credit the recording's whole amount.
        to: of what was collected, who got it.
    """

    kind: str
    block: int
    log_index: int
    transaction: str
    recording: int | None
    order: str
    manifest: str
    share: int | None
    amount: int
    to: str = ""


def sorted_rows(rows: Iterable[Movement]) -> list[Movement]:
    """Rows by block, log index and recording."""
    return sorted(rows, key=lambda row: (row.block, row.log_index, row.recording or 0))


def row_json(row: Movement) -> dict[str, Any]:
    """A row as JSON: the amount as a decimal string, what the kind has not as null."""
    found: dict[str, Any] = {name: getattr(row, name) for name in COLUMNS}
    found["amount"] = str(row.amount)
    found["order"] = row.order or None
    found["manifest"] = row.manifest or None
    found["to"] = row.to or None
    return found


def to_csv(rows: Iterable[Movement]) -> str:
    """The statement as CSV with a header; lines end in a bare newline, absent values are empty."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in sorted_rows(rows):
        values = (getattr(row, name) for name in COLUMNS)
        writer.writerow(["" if value is None else value for value in values])
    return out.getvalue()
