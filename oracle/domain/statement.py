"""A payee's statement: every movement of money to the payee, as rows of a table."""

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


@dataclass(frozen=True, slots=True)
class Movement:
    """One row of a payee's statement (see docs/formats/statement.md).

    Args:
        kind: what happened, one of `KINDS`.
        recording: None when the money is not of one recording.
        share: in a credit, the payee's share of the recording in millionths; None for the other
            kinds, and for a split that is not a plain table.
        amount: smallest units; in a credit the whole amount of the recording.
        to: in a `collected` row, the address that received the money.
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
    """A row as JSON: the amount as a decimal string; columns that do not apply are null."""
    found: dict[str, Any] = {name: getattr(row, name) for name in COLUMNS}
    found["amount"] = str(row.amount)
    found["order"] = row.order or None
    found["manifest"] = row.manifest or None
    found["to"] = row.to or None
    return found


def to_csv(rows: Iterable[Movement]) -> str:
    """The statement as CSV with a header, LF after each line; unused columns are empty."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in sorted_rows(rows):
        values = (getattr(row, name) for name in COLUMNS)
        writer.writerow(["" if value is None else value for value in values])
    return out.getvalue()
