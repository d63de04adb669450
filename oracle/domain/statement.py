"""A payee's statement: every movement of money towards it, as rows that sum up in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

COLUMNS = (
    "kind", "block", "log_index", "transaction", "recording", "order", "manifest", "share",
    "amount",
)  # fmt: skip


@dataclass(frozen=True)
class Movement:
    """One row of a payee's statement (see docs/manifest.md, Statements).

    Args:
        kind: ``credited`` to a recording, ``withdrawn`` to the payee or ``parked`` for it.
        share: the payee's millionths of a credited recording; None for the other kinds.
        amount: smallest units; of a credit the recording's whole amount.
    """

    kind: str
    block: int
    log_index: int
    transaction: str
    recording: int
    order: str
    manifest: str
    share: int | None
    amount: int


def sorted_rows(rows: Iterable[Movement]) -> list[Movement]:
    """Rows by block, log index and recording."""
    return sorted(rows, key=lambda row: (row.block, row.log_index, row.recording))


def row_json(row: Movement) -> dict[str, Any]:
    """A row as JSON: the amount as a decimal string, what the kind has not as null."""
    found: dict[str, Any] = {name: getattr(row, name) for name in COLUMNS}
    found["amount"] = str(row.amount)
    found["order"] = row.order or None
    found["manifest"] = row.manifest or None
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
